//! Takes the secrets of addresses out of what the service says: it repeats commands, and addresses in them.

use std::error::Error as StdError;

use kusto_endpoint::ServiceError;
use kusto_ingest_core::Error;

use crate::locator::Locator;

/// What stands where a secret stood.
const HIDDEN: &str = "…";

/// How long a secret must be to be looked for: a shorter one is in every sentence, and is caught by the text around
/// it.
const SHORTEST: usize = 3;

/// Where others take an address to end, so that they leave what follows.
const ENDS: [char; 6] = ['\'', '"', ')', '>', ']', '\\'];

/// Takes the secrets of some addresses out of texts and errors.
#[derive(Default)]
pub(crate) struct Scrub(Vec<String>);

impl Scrub {
    /// Knows the secrets of these addresses, in every spelling in which a service may repeat them.
    pub(crate) fn of<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = addresses
            .into_iter()
            .flat_map(|address| Locator::of(address).secrets());
        let mut known: Vec<String> = secrets
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

    /// A text of the service's, in one line and without secrets: these, and whatever looks like one.
    pub(crate) fn text(&self, text: &str) -> String {
        ServiceError::from_text(&self.hide(text))
            .message
            .unwrap_or_default()
    }

    /// An error without these secrets; as it is when it holds none.
    pub(crate) fn error(&self, error: Error) -> Error {
        let whole = format!("{} {error:?}", error.chain());
        if self.0.iter().any(|secret| whole.contains(secret)) {
            self.rewritten(&error)
        } else {
            error
        }
    }

    fn rewritten(&self, error: &Error) -> Error {
        let mut clean =
            Error::new(error.kind(), self.hide(error.operation())).with_permanence(error.is_permanent());
        if let Some(reason) = error.reason() {
            clean = clean.because(self.text(reason));
        }
        for (name, value) in error.context() {
            clean = clean.with(name, self.hide(value));
        }
        if let Some(code) = error.code() {
            clean = clean.with_code(self.hide(code));
        }
        if let Some(status) = error.http_status() {
            clean = clean.with_http_status(status);
        }
        if let Some(wait) = error.retry_after() {
            clean = clean.with_retry_after(wait);
        }
        if let Some(id) = error.source_id() {
            clean = clean.with_source_id(id);
        }
        let Some(cause) = error.source() else { return clean };
        clean.caused_by(match cause.downcast_ref::<Error>() {
            Some(cause) => self.rewritten(cause),
            None => Error::new(error.kind(), self.text(&cause.to_string())),
        })
    }

    fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.0.iter().filter(|secret| !secret.is_empty()) {
            if text.contains(secret) {
                text = text.replace(secret, HIDDEN);
            }
        }
        text
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
        (rest, bytes) = match byte.filter(|_| *first == b'%') {
            Some(byte) => (&after[2..], pushed(bytes, byte)),
            None => (after, pushed(bytes, *first)),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn pushed(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use kusto_ingest_core::ErrorKind;

    const ADDRESS: &str = "https://a.blob.core.windows.net/c/f.csv?sv=1&sig=SEC'RET%2Bx";

    #[test]
    fn every_spelling_of_a_secret_is_hidden_and_the_sentence_stays() {
        let scrub = Scrub::of([ADDRESS]);
        for text in [
            "cannot read h@'https://a.blob.core.windows.net/c/f.csv?sv=1&sig=SEC''RET%2Bx' (gone)",
            "cannot read https://a.blob.core.windows.net/c/f.csv?sv=1&sig=SEC'RET%2Bx (gone)",
            "signature SEC'RET+x did not match (gone)",
            "signature SEC''RET+x did not match (gone)",
        ] {
            let shown = scrub.text(text);
            assert!(!shown.contains("RET") && shown.ends_with("(gone)"), "{shown}");
        }
    }

    #[test]
    fn an_error_keeps_what_a_program_asks_for() {
        let cause = Error::new(ErrorKind::Io, "read").because(format!("no such blob {ADDRESS}"));
        let error = Error::new(ErrorKind::Rejected, "run the command")
            .because(format!("bad ({ADDRESS})"))
            .with("item", ADDRESS)
            .with_code("BadRequest_X")
            .with_http_status(400)
            .with_permanence(false)
            .caused_by(cause);
        let clean = Scrub::of([ADDRESS]).error(error);
        assert_eq!(
            (clean.code(), clean.http_status()),
            (Some("BadRequest_X"), Some(400))
        );
        assert_eq!((clean.kind(), clean.is_permanent()), (ErrorKind::Rejected, false));
        let whole = format!("{} {clean:?}", clean.chain());
        assert!(whole.contains("c/f.csv") && !whole.contains("RET"), "{whole}");
    }

    #[test]
    fn an_error_without_secrets_stays_as_it_is() {
        let error = Error::new(ErrorKind::Rejected, "run the command").because("a table\nis missing");
        assert_eq!(
            Scrub::of([ADDRESS]).error(error).reason(),
            Some("a table\nis missing")
        );
    }
}
