//! What is a secret by its name, as in a connection string, a query, a form or JSON.

use std::ops::Range;

use super::ends_unquoted;

/// Where the value of a name ends that is not quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// At a blank, `;`, `&` or `,`.
    Word,
    /// At a `;` or with the line: it may hold blanks, and whatever else.
    Segment,
    /// With the line.
    Line,
}

/// How the names of secrets end, in small letters and without what may stand between their words. The tables of
/// connection strings, of storage and of sign-in are in it.
const NAMES: [(&str, End); 22] = [
    ("accountkey", End::Word),
    ("accesskey", End::Word),
    ("apikey", End::Word),
    ("sharedkey", End::Word),
    ("secretkey", End::Word),
    ("privatekey", End::Segment),
    ("subscriptionkey", End::Word),
    ("sharedaccesssignature", End::Word),
    ("awscredentials", End::Segment),
    ("token", End::Word),
    ("assertion", End::Word),
    ("authorization", End::Line),
    ("appkey", End::Segment),
    ("applicationkey", End::Segment),
    ("secret", End::Segment),
    ("password", End::Segment),
    ("passwd", End::Segment),
    ("passphrase", End::Segment),
    ("pwd", End::Segment),
    ("certificateblob", End::Segment),
    ("certificatethumbprint", End::Segment),
    ("appcert", End::Segment),
];

/// The name of a signature, which is too short to be looked for within other words.
const SIGNATURE: &str = "sig";

/// How far back a name is looked for, in letters.
const LONGEST_NAME: usize = 48;

/// How long a word must be behind a name and a colon to be no word of a sentence.
const NO_WORD: usize = 20;

/// The values behind the names of secrets.
pub(super) fn values(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find(['=', ':', '%']) {
        let at = from + found;
        let length = match text.as_bytes()[at] {
            b'%' if !begins_with(&text[at..], "%3d") => 0,
            b'%' => "%3d".len(),
            _ => 1,
        };
        from = at + length.max(1);
        let is_colon = text.as_bytes()[at] == b':';
        let Some(end) = (length > 0).then(|| kind_of(&text[..at], is_colon)).flatten() else {
            continue;
        };
        if is_colon && end != End::Line && is_sentence(&text[..at], &text[from..]) {
            continue;
        }
        let value = value(text, from, end);
        if !text[value.clone()].trim_matches(['*', '…', '=']).is_empty() {
            from = value.end;
            secrets.push(value);
        }
    }
    secrets
}

/// How the value ends of the name that `text` ends with, if that is the name of a secret.
fn kind_of(text: &str, is_colon: bool) -> Option<End> {
    let is_around = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '\\' | '`' | ']');
    let text = text.trim_end_matches(is_around);
    if !is_colon && ends_with_signature(text) {
        return Some(End::Word);
    }
    let mut name = [0; LONGEST_NAME];
    let mut begin = LONGEST_NAME;
    for letter in text.bytes().rev().filter(|letter| !b" _-".contains(letter)) {
        if begin == 0 || !letter.is_ascii_alphanumeric() {
            break;
        }
        begin -= 1;
        name[begin] = letter.to_ascii_lowercase();
    }
    let name = &name[begin..];
    let found = NAMES.iter().find(|(known, _)| name.ends_with(known.as_bytes()));
    found.map(|(_, end)| *end)
}

/// Whether the name is `sig` by itself, behind whatever may stand before it in a query: an escaped `&`, too.
fn ends_with_signature(text: &str) -> bool {
    let Some(start) = text.len().checked_sub(SIGNATURE.len()) else {
        return false;
    };
    if !text
        .get(start..)
        .is_some_and(|name| name.eq_ignore_ascii_case(SIGNATURE))
    {
        return false;
    }
    let before = &text[..start];
    let ends_with = |escape: &str| {
        let tail = before
            .len()
            .checked_sub(escape.len())
            .and_then(|at| before.get(at..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(escape))
    };
    !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
        || ["%26", "%3f", "\\u0026", "\\n"].into_iter().any(ends_with)
}

/// Where the value behind a name begins and ends.
fn value(text: &str, from: usize, end: End) -> Range<usize> {
    let rest = &text[from..];
    let blank = |letter: char| matches!(letter, ' ' | '\t' | '=' | '~');
    let begin = from + (rest.len() - rest.trim_start_matches(blank).len());
    let rest = &text[begin..];
    let escapes = rest.len() - rest.trim_start_matches('\\').len();
    match rest.as_bytes().get(escapes) {
        Some(quote @ (b'"' | b'\'')) => {
            let begin = begin + escapes + 1;
            begin..begin + quoted(&text[begin..], *quote, escapes)
        }
        _ => begin..begin + unquoted(rest, end),
    }
}

/// How long a quoted value is: up to the quote that stands alone, behind as many backslashes as the opening one.
fn quoted(text: &str, quote: u8, escapes: usize) -> usize {
    let bytes = text.as_bytes();
    let mut backslashes = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => backslashes += 1,
            byte if byte == quote && backslashes <= escapes => {
                if bytes.get(at + 1) != Some(&quote) {
                    return at - backslashes;
                }
                at += 1;
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        at += 1;
    }
    text.len()
}

fn unquoted(text: &str, end: End) -> usize {
    let ends = |at: usize, letter: char| match end {
        End::Word => {
            letter.is_whitespace() || matches!(letter, ';' | '&' | ',') || begins_with(&text[at..], "%26")
        }
        End::Segment => letter == ';',
        End::Line => false,
    };
    text.char_indices()
        .find(|(at, letter)| ends(*at, *letter) || ends_unquoted(&text[*at..]))
        .map_or(text.len(), |(at, _)| at)
}

/// Whether a colon stands in a sentence: behind a name that is not quoted, and before a plain word.
fn is_sentence(before: &str, after: &str) -> bool {
    if before.trim_end().ends_with(['"', '\'']) {
        return false;
    }
    let word = after.trim_start().split(|letter: char| letter.is_whitespace());
    let word = word.take(1).flat_map(str::chars).take(NO_WORD + 1);
    let word: String = word.collect();
    let word = word.trim_end_matches(['.', ',', ':', '!', '?']);
    word.len() < NO_WORD
        && word
            .chars()
            .all(|letter| letter.is_alphabetic() || "'-".contains(letter))
}

fn begins_with(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use crate::redact;

    #[test]
    fn the_value_of_a_name_is_hidden_in_every_notation() {
        for (text, expect) in [
            ("sv=1&SIG=S%3D&sp=r", "sv=1&SIG=…&sp=r"),
            (
                "u=https%3A%2F%2Fh%3Fsv%3D1%26sig%3DSECRET%26sp%3Dr",
                "u=https%3A%2F%2Fh%3Fsv%3D1%26sig%3D…%26sp%3Dr",
            ),
            (r#"{"q":"sv=1\u0026sig=SECRET"}"#, r#"{"q":"sv=1\u0026sig=…"}"#),
            (
                "AccountName=a;AccountKey=a==;EndpointSuffix=x",
                "AccountName=a;AccountKey=…;EndpointSuffix=x",
            ),
            ("H;Application Key=a b'c;Fed=true", "H;Application Key=…;Fed=true"),
            ("H;AppKey=\"a;b\"\"c\";Fed=true", "H;AppKey=\"…\";Fed=true"),
            ("'H;pwd=a b' is", "'H;pwd=…' is"),
            ("app_key = 'a;b' ; tid=t", "app_key = '…' ; tid=t"),
            ("--client-secret=a~b", "--client-secret=…"),
            (
                r#"{"client_secret": "a\"b", "x": 1}"#,
                r#"{"client_secret": "…", "x": 1}"#,
            ),
            (
                r#"{"said":"{\"password\":\"a;b\",\"x\":1}"}"#,
                r#"{"said":"{\"password\":\"…\",\"x\":1}"}"#,
            ),
            (
                "grant_type=x&client_assertion=S&y=1",
                "grant_type=x&client_assertion=…&y=1",
            ),
            ("Authorization: Basic S CRET\nnext", "Authorization: …\nnext"),
            ("x-api-key: K3Y", "x-api-key: …"),
            ("file;token=J.W.T, gone", "file;token=…, gone"),
            ("Application Key=****;Fed=True", "Application Key=****;Fed=True"),
        ] {
            assert_eq!(redact(text), expect);
        }
    }

    #[test]
    fn sentences_about_secrets_stay() {
        for text in [
            "`Password` needs `User ID` beside it",
            "failed to get a token: the client secret: it is wrong",
            "the password: missing",
            "where design==3 and x_sig=4",
            "AppKey=;Fed=true",
            "the token is given without the word `Bearer`",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
