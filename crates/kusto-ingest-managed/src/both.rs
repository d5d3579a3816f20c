//! The error of a source that neither way took.

use std::error::Error as StdError;
use std::fmt;

use kusto_ingest_core::Error;

/// Why neither way took a source.
///
/// It stands in the chain of the error that the client gives: what goes wrong with the queue decides about that
/// error's kind and permanence, and follows as its source; what went wrong with streaming is in its text.
#[derive(Clone, Debug)]
pub struct BothFailed {
    streaming: Error,
    queued: Error,
}

impl BothFailed {
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

    pub(crate) fn error(streaming: Error, queued: Error) -> Error {
        let mut error = Error::new(queued.kind(), "ingest the source")
            .because("neither streaming nor the queue took it")
            .with_permanence(queued.is_permanent());
        if let Some(wait) = queued.retry_after() {
            error = error.with_retry_after(wait);
        }
        error.caused_by(Self { streaming, queued })
    }
}

impl fmt::Display for BothFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "streaming {}; then the queue", self.streaming.chain())
    }
}

impl StdError for BothFailed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.queued)
    }
}
