//! What looks like a secret by itself: bearer tokens, keys of storage accounts, client secrets of Entra.

use std::ops::Range;

/// How every JSON Web Token begins: `{"` in base64.
const WEB_TOKEN: &str = "eyJ";

/// How much must follow for it to be one, in letters.
const WEB_TOKEN_LETTERS: usize = 16;

/// How much behind `Bearer` can be no word of a sentence, in letters.
const NO_WORD: usize = 20;

/// How many letters the keys of storage accounts and of namespaces have, without their padding.
const KEYS: [(usize, &str); 2] = [(86, "=="), (43, "=")];

/// Where the mark of a client secret of Entra stands, and how long one is.
const CLIENT_SECRET: (&str, usize, Range<usize>) = ("Q~", 4, 36..46);

/// What looks like a secret by itself.
pub(super) fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let is_token = |letter: char| letter.is_ascii_alphanumeric() || "+/._~-".contains(letter);
    let mut follows_bearer = false;
    let mut at = 0;
    for run in text.split(|letter| !is_token(letter)) {
        let end = at + run.len();
        // The dashes of an option may stand before it.
        let run = run.trim_start_matches(['-', '.']);
        let at_run = end - run.len();
        let rest = &text[end..];
        if is_secret(run, rest) || (follows_bearer && is_no_word(run)) {
            secrets.push(at_run..end);
        }
        if !run.is_empty() {
            follows_bearer = run.eq_ignore_ascii_case("bearer") && rest.starts_with([' ', '\t', '%']);
        }
        at = end + rest.chars().next().map_or(0, char::len_utf8);
    }
    secrets
}

fn is_secret(run: &str, rest: &str) -> bool {
    let key = KEYS.iter().any(|(letters, padding)| {
        run.len() == *letters && rest.starts_with(padding) && !run.contains(['.', '~'])
    });
    let (mark, place, lengths) = &CLIENT_SECRET;
    let has_mark = run.get(*place..).is_some_and(|tail| tail.starts_with(mark));
    key || (run.starts_with(WEB_TOKEN) && run.len() >= WEB_TOKEN_LETTERS)
        || (has_mark && lengths.contains(&run.len()))
}

fn is_no_word(run: &str) -> bool {
    run.len() >= NO_WORD || run.bytes().any(|letter| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::redact;

    #[test]
    fn a_secret_is_known_by_its_looks() {
        let key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
        for (text, expect) in [
            (
                "invalid value 'eyJ0eXAiOiJKV1QiLCJh.x.y' for",
                "invalid value '…' for",
            ),
            ("Bearer S3CRET is", "Bearer … is"),
            (
                "'--bearer S3CRET' or --eyJ0eXAiOiJKV1QiLCJh.x",
                "'--bearer …' or --…",
            ),
            ("(bearer abcdefghijklmnopqrstuvwxyz)", "(bearer …)"),
            ("no table xyz8Q~abcdefghijklmnopqrstuvwxyzABCDEF12", "no table …"),
            (&format!("no file {key}."), "no file …==."),
            ("a bearer token is wanted", "a bearer token is wanted"),
            (
                "eyJ and a/long/path/that/is/no/secret/but/has/more/letters/than/one.csv",
                "eyJ and a/long/path/that/is/no/secret/but/has/more/letters/than/one.csv",
            ),
        ] {
            assert_eq!(redact(text), expect);
        }
    }
}
