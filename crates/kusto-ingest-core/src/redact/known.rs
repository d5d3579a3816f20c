//! Secrets that are known, and hidden wherever a text repeats them.

use std::fmt;

use super::{HIDDEN, redact};

/// How long a secret must be to be looked for: a shorter one is in every sentence, and is caught by the text around
/// it.
const SHORTEST: usize = 3;

/// Where others take an address to end, so that they leave what follows.
const ENDS: [char; 6] = ['\'', '"', ')', '>', ']', '\\'];

/// Secrets that are known, to be hidden wherever a text repeats them: those that were sent to the service that answers.
///
/// `Debug` shows none of them.
#[derive(Clone, Default)]
pub struct KnownSecrets(Vec<String>);

impl KnownSecrets {
    /// Knows these secrets, in every spelling in which a service may repeat them.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known: Vec<String> = secrets
            .into_iter()
            .flat_map(spellings)
            .flat_map(|secret| {
                let parts: Vec<String> = secret.split(ENDS).map(str::to_owned).collect();
                [secret].into_iter().chain(parts)
            })
            .filter(|secret| secret.len() >= SHORTEST)
            .collect();
        // The longest first: a part of a secret must not be taken out of its middle.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        known.dedup();
        Self(known)
    }

    /// The text without these secrets, and without [whatever looks like one](redact).
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            if text.contains(secret) {
                text = text.replace(secret, HIDDEN.encode_utf8(&mut [0; 4]));
            }
        }
        redact(&text)
    }

    /// Whether a text holds one of them.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret))
    }
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownSecrets(…)")
    }
}

/// A secret as it is, as a literal holds it, as JSON does, and with its percent escapes undone.
fn spellings(secret: &str) -> [String; 5] {
    let json = serde_json::Value::from(secret).to_string();
    let decoded = decoded(secret);
    [
        secret.to_owned(),
        secret.replace('\'', "''"),
        json[1..json.len() - 1].to_owned(),
        decoded.replace('\'', "''"),
        decoded,
    ]
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let byte = byte.filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: [&str; 2] = ["sv=1&sig=SEC'RET%2Bx", "SEC'RET%2Bx"];

    #[test]
    fn every_spelling_of_a_secret_is_hidden_and_the_sentence_stays() {
        let known = KnownSecrets::of(SECRETS);
        for text in [
            "cannot read h@'https://a.blob.core.windows.net/c/f.csv?sv=1&sig=SEC''RET%2Bx' (gone)",
            "cannot read https://a.blob.core.windows.net/c/f.csv?sv=1&sig=SEC'RET%2Bx (gone)",
            "signature SEC'RET+x did not match (gone)",
            "signature SEC''RET+x did not match (gone)",
        ] {
            let shown = known.redact(text);
            assert!(!shown.contains("RET") && shown.ends_with("(gone)"), "{shown}");
        }
        assert!(!format!("{known:?}").contains("RET"));
    }
}
