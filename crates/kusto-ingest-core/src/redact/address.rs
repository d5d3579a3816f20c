//! What opens an address: its query, its suffix, and the password of its user.

use std::ops::Range;

use super::ends_unquoted;

/// How much base64 after a `;` is a key, wherever it stands. Those of storage accounts have 88 letters.
const KEY_LETTERS: usize = 40;

/// The longest name of a host, in bytes.
const LONGEST_HOST: usize = 253;

/// An address up to its first `?` or `;`: what may be shown of it.
///
/// This is for what is known to be an address. What may be any text goes through [`redact`](super::redact).
#[must_use]
pub fn redact_address(address: &str) -> &str {
    &address[..address.find(['?', ';']).unwrap_or(address.len())]
}

/// What follows a `?` or `;` in an address, and a key behind a `;` anywhere.
pub(super) fn suffixes(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut in_address = false;
    let mut at = 0;
    let mut begins_word = true;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        if begins_suffix(rest, in_address) {
            let end = rest
                .char_indices()
                .find(|(at, letter)| letter.is_whitespace() || (*at > 0 && ends_unquoted(&rest[*at..])));
            let end = at + end.map_or(rest.len(), |(end, _)| end);
            secrets.push(at..end);
            at = end;
            continue;
        }
        in_address = rest.starts_with("://")
            || (begins_word && begins_with_host(rest))
            || (in_address && !ends_address(letter));
        begins_word = !letter.is_ascii_alphanumeric() && !matches!(letter, '.' | '-' | '_');
        at += letter.len_utf8();
    }
    secrets
}

fn begins_suffix(text: &str, in_address: bool) -> bool {
    match text.as_bytes()[0] {
        // A sign at the very end of an address belongs to the sentence.
        b'?' | b';' if in_address && !text[1..].chars().next().is_none_or(ends_secret) => true,
        b';' => is_key(&text.as_bytes()[1..]),
        _ => false,
    }
}

fn is_key(text: &[u8]) -> bool {
    let is_base64 = |letter: &u8| letter.is_ascii_alphanumeric() || b"+/=".contains(letter);
    text.len() >= KEY_LETTERS && text[..KEY_LETTERS].iter().all(is_base64)
}

fn ends_secret(letter: char) -> bool {
    letter.is_whitespace() || ends_address(letter)
}

fn ends_address(letter: char) -> bool {
    "'\")>]\r\n".contains(letter)
}

/// Whether an address begins here that lacks its scheme: a host of several labels, and what can follow one.
fn begins_with_host(text: &str) -> bool {
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let length = text
        .bytes()
        .take(LONGEST_HOST + 1)
        .take_while(|byte| is_host(byte))
        .count();
    if length == 0 || length > LONGEST_HOST {
        return false;
    }
    let (host, rest) = text.split_at(length);
    let port = rest
        .strip_prefix(':')
        .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let labels = host.split('.').count();
    let is_named = host.split('.').all(|label| !label.is_empty())
        && host
            .rsplit('.')
            .next()
            .is_some_and(|top| top.bytes().all(|byte| byte.is_ascii_alphabetic()));
    is_named
        && match port.unwrap_or(rest).as_bytes().first() {
            Some(b'/') => labels >= 2,
            Some(b'?' | b';') => labels >= 3,
            _ => false,
        }
}

/// The passwords of `user:password@host`.
pub(super) fn passwords(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut begin = 0;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if is_between_words(before, letter, &text[at..]) {
            secrets.extend(password(&text[begin..at]).map(|found| begin + found.start..begin + found.end));
            begin = at + letter.len_utf8();
        }
        before = letter;
    }
    secrets.extend(password(&text[begin..]).map(|found| begin + found.start..begin + found.end));
    secrets
}

/// Whether a letter ends a word. A quote in the middle of one is a part of it.
fn is_between_words(before: char, letter: char, rest: &str) -> bool {
    match letter {
        '\'' | '"' | '`' => !before.is_alphanumeric() || ends_unquoted(rest),
        '<' | '>' | '(' => true,
        _ => letter.is_whitespace(),
    }
}

/// Where in a word without blanks a password stands. It may hold whatever it wants, an `@` as well.
fn password(word: &str) -> Option<Range<usize>> {
    let end = word.rfind('@')?;
    let (scheme, start) = match word.find("://") {
        Some(scheme) if scheme < end => (true, scheme + 3),
        // A keyword or a flag may stand before it.
        _ => (false, word[..end].find('=').map_or(0, |equals| equals + 1)),
    };
    let (user, password) = word.get(start..end)?.split_once(':')?;
    let from = end - password.len();
    let is_plain = |letter: char| letter.is_alphanumeric() || "._-+%\\,".contains(letter);
    let is_user = match scheme {
        true => !user.contains(['/', '?', ';', '#']),
        false => {
            user.trim_start_matches('-').starts_with(char::is_alphabetic)
                && user.chars().all(is_plain)
                && !user.eq_ignore_ascii_case("mailto")
                && !(user.len() == 1 && password.starts_with(['\\', '/']))
                && word[end + 1..].starts_with(|next: char| next.is_alphanumeric() || next == '[')
        }
    };
    // What is a port ends at the path.
    let digits = password.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_port = digits.len() < password.len() && digits.starts_with('/');
    (is_user && !password.is_empty() && password != "…" && !is_port).then_some(from..end)
}

#[cfg(test)]
mod tests {
    use crate::redact;

    #[test]
    fn a_blank_in_the_name_of_a_file_does_not_end_its_address() {
        let key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
        for (text, expect) in [
            (
                "https://a/c/my file.csv;S1W0RDF1SH== is gone",
                "https://a/c/my file.csv… is gone",
            ),
            (
                "<https://a/c/my file.csv?sv=1 2&sig=S>",
                "<https://a/c/my file.csv… 2&sig=…>",
            ),
            (
                &format!("https://a/c/copy (1) of it's.csv;{key}"),
                "https://a/c/copy (1) of it's.csv…",
            ),
            (&format!("AccountName=a;{key}, again"), "AccountName=a… again"),
        ] {
            assert_eq!(redact(text), expect);
        }
    }

    #[test]
    fn an_address_without_its_scheme_is_one() {
        for (text, expect) in [
            (
                "failed to find a.blob.core.windows.net/c/my b.csv;KEY==: no such file",
                "failed to find a.blob.core.windows.net/c/my b.csv… no such file",
            ),
            (
                "'a.blob.core.windows.net:443/c?sv=1'",
                "'a.blob.core.windows.net:443/c…'",
            ),
            (
                "--cluster=h.kusto.windows.net;KEY",
                "--cluster=h.kusto.windows.net…",
            ),
            (
                "Kusto.Data.Exception: gone; really",
                "Kusto.Data.Exception: gone; really",
            ),
            ("let x = a.b;T | take 1", "let x = a.b;T | take 1"),
            ("1.2.3/4;5 e.g./x;y", "1.2.3/4;5 e.g./x;y"),
        ] {
            assert_eq!(redact(text), expect);
        }
    }

    #[test]
    fn a_user_is_shown_and_his_password_is_not() {
        for (text, expect) in [
            ("'https://me:p@ss/w@h.net/x'", "'https://me:…@h.net/x'"),
            ("'https://me:a'b)c@h.net/x'", "'https://me:…@h.net/x'"),
            ("use http://me:SECRET@proxy:3128.", "use http://me:…@proxy:3128."),
            ("me:SECRET@h.kusto.windows.net", "me:…@h.kusto.windows.net"),
            ("--cluster=me:S=CRET@h.net", "--cluster=me:…@h.net"),
            ("Data Source=https://:SECRET@h", "Data Source=https://:…@h"),
            ("https://h:8080/a@b", "https://h:8080/a@b"),
            (
                "abfss://fs@a.dfs.core.windows.net/p",
                "abfss://fs@a.dfs.core.windows.net/p",
            ),
            (
                "mailto:me@h.net C:\\me@h 12:30@h me@h.net",
                "mailto:me@h.net C:\\me@h 12:30@h me@h.net",
            ),
        ] {
            assert_eq!(redact(text), expect);
        }
    }
}
