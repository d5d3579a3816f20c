//! The texts of others, without the secrets that they may quote.

/// What stands where a secret stood.
const HIDDEN: char = '…';

/// What is a secret by its name.
const NAMED: [&str; 3] = ["sig=", "accountkey=", "sharedaccesssignature="];

/// How much base64 after a `;` is a key, wherever it stands. Those of storage accounts have 88 letters.
const KEY_LETTERS: usize = 40;

/// The text without signatures and keys; all else stays, letter by letter.
///
/// In an address, which ends at a closing quote or bracket or with the line, since names of files have blanks, it is
/// what follows a `?` or `;`. Elsewhere it is what has the name of a secret, or looks like a key.
///
/// ```
/// use kusto_ingest_core::without_secrets;
///
/// let text = "cannot read 'https://a/c/my file.csv;ACCOUNTKEY=='; is it there?";
/// assert_eq!(without_secrets(text), "cannot read 'https://a/c/my file.csv…'; is it there?");
/// ```
#[must_use]
pub fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_address = false;
    // The text is foreign, and as long as it wants: each letter is looked at once.
    while let Some(letter) = rest.chars().next() {
        if begins_secret(rest, in_address) {
            shown.push(HIDDEN);
            rest = rest.find(ends_secret).map_or("", |end| &rest[end..]);
        } else {
            in_address = rest.starts_with("://") || (in_address && !ends_address(letter));
            shown.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    shown
}

fn begins_secret(text: &str, in_address: bool) -> bool {
    match text.as_bytes()[0] {
        // A sign at the very end of an address belongs to the sentence.
        b'?' | b';' if in_address && !text[1..].chars().next().is_none_or(ends_secret) => true,
        b';' => is_key(&text.as_bytes()[1..]),
        first if first.is_ascii_alphabetic() => NAMED.iter().any(|name| begins_with(text, name)),
        _ => false,
    }
}

fn is_key(text: &[u8]) -> bool {
    let is_base64 = |letter: &u8| letter.is_ascii_alphanumeric() || b"+/=".contains(letter);
    text.len() >= KEY_LETTERS && text[..KEY_LETTERS].iter().all(is_base64)
}

fn begins_with(text: &str, name: &str) -> bool {
    text.as_bytes()
        .get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
}

fn ends_secret(letter: char) -> bool {
    letter.is_whitespace() || ends_address(letter)
}

fn ends_address(letter: char) -> bool {
    "'\")>]\r\n".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_before_their_secrets_and_all_else_stays() {
        for (text, expect) in [
            (
                "Größe überschritten:\n  数据; really?",
                "Größe überschritten:\n  数据; really?",
            ),
            (
                "cannot read 'https://a.blob/c/b?sv=1&sig=SECRET'.\r\nGone",
                "cannot read 'https://a.blob/c/b…'.\r\nGone",
            ),
            (
                "(h@'https://a/b;SECRET==','https://c/d?SIG=SECRET')",
                "(h@'https://a/b…','https://c/d…')",
            ),
            ("query was sv=2&sig=SECRET%3D end", "query was sv=2&… end"),
            ("AccountName=a;AccountKey=SECRET==", "AccountName=a;…"),
            ("is it https://a/b?", "is it https://a/b?"),
            (
                "'https://a/b;' or 'https://a/b?'",
                "'https://a/b;' or 'https://a/b?'",
            ),
            (
                "no https://a/b; try\nagain;later",
                "no https://a/b; try\nagain;later",
            ),
            (
                "it's 数据 https://a/数据 1?数据=sig",
                "it's 数据 https://a/数据 1…",
            ),
            ("", ""),
        ] {
            assert_eq!(without_secrets(text), expect);
        }
    }

    #[test]
    fn a_blank_in_the_name_of_a_file_does_not_end_its_address() {
        let key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
        for (text, expect) in [
            (
                "https://a/c/my file.csv;ACCOUNTKEY== is gone",
                "https://a/c/my file.csv… is gone",
            ),
            (
                "<https://a/c/my file.csv?sv=1 2&sig=S>",
                "<https://a/c/my file.csv… 2&…>",
            ),
            (
                &format!("https://a/c/copy (1) of it's.csv;{key}"),
                "https://a/c/copy (1) of it's.csv…",
            ),
            (&format!("AccountName=a;{key}, again"), "AccountName=a… again"),
        ] {
            assert_eq!(without_secrets(text), expect);
        }
    }

    #[test]
    fn a_text_may_be_as_long_as_it_wants() {
        for (piece, expect) in [
            ("sig=)", "…)"),
            ("://a;b'", "://a…'"),
            (";", ";"),
            ("sig", "sig"),
            ("://?)", "://?)"),
        ] {
            let times = 1024 * 1024 / piece.len();
            assert!(
                without_secrets(&piece.repeat(times)) == expect.repeat(times),
                "{piece}"
            );
        }
        assert_eq!(
            without_secrets(&format!("://{}", ";".repeat(1024 * 1024))),
            "://…"
        );
    }
}
