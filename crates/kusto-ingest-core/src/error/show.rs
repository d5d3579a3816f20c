//! How an error shows itself: as one link of a chain, as the whole chain, and in full.

use std::error::Error as StdError;
use std::fmt;

use super::Error;
use crate::redact;

impl Error {
    /// The whole chain in one line, for a log or a terminal.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = format!("failed to {self}");
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&redact(&error.to_string()));
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.operation)?;
        if let Some(reason) = &self.0.reason {
            write!(f, ": {reason}")?;
        }
        let code = self.0.code.iter().map(|code| ("code", code.clone()));
        let status = self
            .0
            .http_status
            .iter()
            .map(|status| ("http status", status.to_string()));
        let cause = || self.0.source.as_deref()?.downcast_ref::<Self>()?.tried();
        // Each link is printed once, and a link that passes the attempts on is not the one that made them.
        let own = self.0.attempts.filter(|tried| cause() != Some(*tried));
        let attempts = own.map(|(attempts, _)| ("attempts", attempts.to_string()));
        let pairs: Vec<String> = self
            .0
            .context
            .iter()
            .cloned()
            .chain(code)
            .chain(status)
            .chain(attempts)
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        if pairs.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", pairs.join(", "))
        }
    }
}

/// The chain in one line, with the kind, whether to try again, and where the guide explains it: what a program shows whose
/// `main` returns the error. `{:#?}` shows the fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            let again = if self.is_permanent() {
                "permanent"
            } else {
                "transient"
            };
            let kind = self.0.kind;
            return write!(f, "{} [{kind}, {again}: {}]", self.chain(), kind.page());
        }
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("permanent", &self.is_permanent())
            .field("source_id", &self.0.source_id)
            .field("message", &self.to_string())
            .field("source", &self.0.source.as_deref().map(Cause))
            .finish()
    }
}

/// A cause, whoever made it.
struct Cause<'a>(&'a (dyn StdError + Send + Sync + 'static));

impl fmt::Debug for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.downcast_ref::<Error>() {
            Some(error) => error.fmt(f),
            None => f.write_str(&redact(&format!("{:?}", self.0))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn the_chain_reads_as_one_sentence_and_each_link_once() {
        let cause = Error::new(ErrorKind::Throttled, "put the message").because("the account is throttled");
        let error = Error::new(ErrorKind::Throttled, "queue the ingestion")
            .with("queue", "https://a/q")
            .caused_by(cause);
        assert_eq!(
            error.chain(),
            "failed to queue the ingestion (queue https://a/q): put the message: the account is throttled"
        );
    }

    #[test]
    fn no_secret_shows_wherever_it_was_put() {
        let address = "https://a/c/b?sig=SECRET";
        let foreign = std::io::Error::other(format!("cannot open {address}"));
        let cause = Error::new(ErrorKind::Io, format!("read {address}")).caused_by(foreign);
        let error = Error::new(ErrorKind::Io, "ingest")
            .because(format!("AppKey={address}"))
            .with("blob", address)
            .with_code("sig=SECRET")
            .caused_by(cause);
        let shown = format!("{error} {error:?} {error:#?} {}", error.chain());
        assert!(
            shown.contains("https://a/c/b…") && shown.contains("cannot open"),
            "{shown}"
        );
        assert!(!shown.contains("SECRET"), "{shown}");
    }

    #[test]
    fn what_main_returns_reads_as_the_chain_with_its_kind() {
        let cause = Error::new(ErrorKind::Throttled, "put the message").because("the account is throttled");
        let error = cause.during("queue the ingestion");
        assert_eq!(
            format!("{error:?}"),
            "failed to queue the ingestion: put the message: the account is throttled \
             [throttled, transient: docs/guide/errors.md#throttled]"
        );
    }
}
