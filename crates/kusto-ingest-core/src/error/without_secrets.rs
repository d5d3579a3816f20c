//! An error without the secrets that are known.

use std::error::Error as _;

use crate::{Error, KnownSecrets, Receipt, ReceiptState};

impl KnownSecrets {
    /// An error without these secrets; as it is when it holds none.
    #[must_use]
    pub fn redact_error(&self, error: Error) -> Error {
        let whole = format!("{} {error:?}", error.chain());
        if self.are_in(&whole) {
            self.rewritten(&error)
        } else {
            error
        }
    }

    fn rewritten(&self, error: &Error) -> Error {
        let mut clean =
            Error::new(error.kind(), self.redact(error.operation())).with_permanence(error.is_permanent());
        if let Some(reason) = error.reason() {
            clean = clean.because(self.redact(reason));
        }
        for (name, value) in error.context() {
            clean = clean.with(name, self.redact(value));
        }
        if let Some(code) = error.code() {
            clean = clean.with_code(self.redact(code));
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
        clean.0.attempts = error.0.attempts;
        if let Some(receipt) = error.receipt() {
            clean = clean.with_receipt(self.without_secrets(receipt));
        }
        let accepted = error.accepted().iter();
        clean = clean.with_accepted(accepted.map(|receipt| self.without_secrets(receipt)));
        let Some(cause) = error.source() else { return clean };
        clean.caused_by(match cause.downcast_ref::<Error>() {
            Some(cause) => self.rewritten(cause),
            None => Error::new(error.kind(), self.redact(&cause.to_string())),
        })
    }

    /// Only the words of why it is unknown may hold any.
    fn without_secrets(&self, receipt: &Receipt) -> Receipt {
        let mut clean = receipt.clone();
        if let ReceiptState::Unknown { reason, .. } = &mut clean.state {
            *reason = self.redact(reason);
        }
        clean
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{ErrorKind, SourceId};

    const SECRETS: [&str; 2] = ["sv=1&sig=SEC'RET%2Bx", "SEC'RET%2Bx"];
    const ADDRESS: &str = "https://a.blob.core.windows.net/c/f.csv?sv=1&sig=SEC'RET%2Bx";

    #[test]
    fn an_error_keeps_what_a_program_asks_for() {
        let cause = std::io::Error::other(format!("no such blob {ADDRESS}"));
        let error = Error::new(ErrorKind::Rejected, "run the command")
            .because("bad SEC'RET+x")
            .with("item", "SEC'RET+x")
            .with_code("BadRequest_X")
            .with_http_status(400)
            .with_permanence(false)
            .caused_by(cause);
        let clean = KnownSecrets::of(SECRETS).redact_error(error);
        assert_eq!(
            (clean.code(), clean.http_status()),
            (Some("BadRequest_X"), Some(400))
        );
        assert_eq!((clean.kind(), clean.is_permanent()), (ErrorKind::Rejected, false));
        let whole = format!("{} {clean:?}", clean.chain());
        assert!(whole.contains("c/f.csv") && !whole.contains("RET"), "{whole}");
    }

    #[test]
    fn receipts_and_attempts_stay_without_the_secrets() {
        let receipt = |state| {
            let name = "a good name";
            let (database, table) = ("d".try_into().expect(name), "t".try_into().expect(name));
            Receipt::new(SourceId::random(), database, table, state)
        };
        let unknown = receipt(ReceiptState::Unknown {
            status: None,
            reason: format!("no answer of {ADDRESS}"),
        });
        let queued = receipt(ReceiptState::Queued);
        let error = Error::new(ErrorKind::OutcomeUnknown, "run the command")
            .because("bad SEC'RET+x")
            .with_attempts(3, Duration::from_secs(1))
            .with_receipt(unknown.clone())
            .with_accepted([queued.clone()]);
        let clean = KnownSecrets::of(SECRETS).redact_error(error);
        assert_eq!(clean.attempts(), Some(3));
        assert_eq!(clean.accepted(), [queued]);
        let kept = clean.receipt().expect("it is kept");
        assert_eq!(kept.source_id, unknown.source_id);
        assert!(!format!("{kept:?}").contains("RET"), "{kept:?}");
    }

    #[test]
    fn an_error_without_secrets_stays_as_it_is() {
        let error = Error::new(ErrorKind::Rejected, "run the command").because("a table\nis missing");
        assert_eq!(
            KnownSecrets::of(SECRETS).redact_error(error).reason(),
            Some("a table\nis missing")
        );
    }
}
