//! The error of a source that neither streaming nor the queue took.

use std::error::Error as StdError;
use std::fmt;

use kusto_ingest_core::{Error, ErrorKind};

/// Why neither streaming nor the queue took a source.
///
/// It is in the chain of the error that the client returns. The error of the queue decides its kind and permanence, and
/// is its source; the error of streaming is in its text.
#[derive(Clone, Debug)]
pub struct FallbackFailed {
    streaming: Error,
    queued: Error,
}

impl FallbackFailed {
    /// The error of the last attempt at streaming.
    #[must_use]
    pub fn streaming(&self) -> &Error {
        &self.streaming
    }

    /// The error of the queued client.
    #[must_use]
    pub fn queued(&self) -> &Error {
        &self.queued
    }

    /// Both causes of an error of the managed client, when there are two.
    #[must_use]
    pub fn of(error: &Error) -> Option<&Self> {
        StdError::source(error)?.downcast_ref()
    }

    /// The error of a source that the queue refused after attempts at streaming, of which one or more may have worked
    /// where `is_unknown`.
    pub(crate) fn error(streaming: Error, queued: Error, is_unknown: bool) -> Error {
        let (kind, permanent, reason) = match is_unknown {
            true => (
                ErrorKind::OutcomeUnknown,
                false,
                "streaming may have taken it, and the queue did not",
            ),
            false => (
                queued.kind(),
                queued.is_permanent(),
                "neither streaming nor the queue took it",
            ),
        };
        let mut error = Error::new(kind, "ingest the source")
            .because(reason)
            .with_permanence(permanent);
        if let Some(wait) = queued.retry_after() {
            error = error.with_retry_after(wait);
        }
        if let Some((attempts, elapsed)) = queued.attempts().zip(queued.elapsed()) {
            error = error.with_attempts(attempts, elapsed);
        }
        if let Some(receipt) = queued.receipt() {
            error = error.with_receipt(receipt.clone());
        }
        error.caused_by(Self { streaming, queued })
    }
}

impl fmt::Display for FallbackFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "streaming {}; then the queue", self.streaming.chain())
    }
}

impl StdError for FallbackFailed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.queued)
    }
}
