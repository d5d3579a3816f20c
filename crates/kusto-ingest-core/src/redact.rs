//! The one redaction: texts that a person typed or a service wrote, without the secrets in them.

mod address;
mod known;
mod named;
mod token;

pub use address::redact_address;
pub use known::KnownSecrets;

use std::ops::Range;

/// What stands where a secret stood.
const HIDDEN: char = '…';

/// The text with `…` where it holds a secret; all else stays, letter by letter.
///
/// Whatever is echoed goes through here: what a person typed, as it may be a secret in the wrong place, and what a
/// service answers, as it may repeat what it was sent. Redacting twice changes nothing more. Hidden are
///
/// - in an address, with or without `https://` in front, all that follows its first `?` or `;`, and the password of
///   `user:password@`,
/// - the value of whatever has the name of a secret: `sig=`, `AccountKey=`, `Application Key=`, `Password=`,
///   `"client_secret":`, …,
/// - what looks like a secret by itself: a `;key`, a bearer token, a storage key, an Entra client secret.
///
/// An address ends at a closing quote or bracket or with the line, since names of files have blanks. A password or an
/// application key ends at a `;`, a closing quote or with the line, since it may hold blanks, too.
///
/// ```
/// use kusto_ingest_core::redact;
///
/// let text = "cannot read 'https://a/c/my file.csv;S1W0RDF1SH=='; is it there?";
/// assert_eq!(redact(text), "cannot read 'https://a/c/my file.csv…'; is it there?");
/// assert_eq!(redact("AppClientId=a;AppKey=swordfish;Fed=true"), "AppClientId=a;AppKey=…;Fed=true");
/// ```
#[must_use]
pub fn redact(text: &str) -> String {
    // The text is foreign, and as long as it wants: each of these looks at each letter a bounded number of times.
    // Names go first: what they name may hold blanks, where an address takes a secret to end.
    let passes = [
        named::values,
        address::suffixes,
        address::passwords,
        token::tokens,
    ];
    passes
        .into_iter()
        .fold(text.to_owned(), |text, find| match &find(&text)[..] {
            [] => text,
            secrets => without(&text, secrets),
        })
}

/// The text with `…` in the place of each secret. The secrets are in order and do not overlap.
fn without(text: &str, secrets: &[Range<usize>]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for secret in secrets {
        shown.push_str(&text[from..secret.start]);
        shown.push(HIDDEN);
        from = secret.end;
    }
    shown.push_str(&text[from..]);
    shown
}

/// Whether a secret that is not quoted ends where `rest` begins. Quotes and brackets may stand in the middle of one.
fn ends_unquoted(rest: &str) -> bool {
    let mut letters = rest.chars();
    match letters.next() {
        None | Some('\r' | '\n') => true,
        Some('\'' | '"' | '`' | ')' | '>' | ']') => !letters.next().is_some_and(char::is_alphanumeric),
        Some(_) => false,
    }
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
                "(h@'https://a/b;S3CR3T==','https://c/d?SIG=SECRET')",
                "(h@'https://a/b…','https://c/d…')",
            ),
            ("query was sv=2&sig=SECRET%3D end", "query was sv=2&sig=… end"),
            ("AccountName=a;AccountKey=SECRET==", "AccountName=a;AccountKey=…"),
            ("is it https://a/b?", "is it https://a/b?"),
            (
                "'https://a/b;' or 'https://a/b?'",
                "'https://a/b;' or 'https://a/b?'",
            ),
            ("'https://h;AppKey=a b c'.", "'https://h…'."),
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
            assert_eq!(redact(text), expect);
        }
    }

    #[test]
    fn what_is_redacted_stays_as_it_is_when_it_is_redacted_again() {
        for text in [
            "https://me:SECRET@h/c/my file.csv?sv=1&sig=SECRET;x",
            "Data Source=h.kusto.windows.net;AppKey=\"a;b\";Password=x y;Fed=True",
            "{\"client_secret\":\"SECRET1\",\"a\":\"Bearer SECRET1\"}",
            "Data Source=https://h;Application Key=****",
        ] {
            let once = redact(text);
            assert!(!once.contains("SECRET"), "{once}");
            assert_eq!(redact(&once), once);
        }
    }

    #[test]
    fn a_text_may_be_as_long_as_it_wants() {
        for (piece, expect) in [
            ("sig=) ", "sig=) "),
            ("://a;b' ", "://a…' "),
            (";", ";"),
            ("sig", "sig"),
            ("://?)", "://?)"),
            ("a.b.c/", "a.b.c/"),
            ("a:b@ ", "a:b@ "),
            ("eyJ ", "eyJ "),
            ("pwd=; ", "pwd=; "),
            ("token: is ", "token: is "),
        ] {
            let times = 256 * 1024 / piece.len();
            let expect = expect.repeat(times);
            let shown = redact(&piece.repeat(times));
            assert!(shown.trim_end() == expect.trim_end(), "{piece}: {:.40}", shown);
        }
        assert_eq!(redact(&format!("://{}", ";".repeat(1024 * 1024))), "://…");
        assert_eq!(redact(&"token:".repeat(100_000)), "token:…");
    }
}
