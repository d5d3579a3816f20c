//! How a request fails by an error.

use kusto_ingest_core::{Error, ErrorKind, Idempotency, RequestOutcome};

/// How a request fails by an error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing is done; the error is of this kind, and at a storage has the service's code and HTTP status where there
    /// are such.
    Refused(ErrorKind),
    /// Nothing is done; this is the error.
    Error(Error),
    /// All is done, and the client never learns: an error of kind [`ErrorKind::OutcomeUnknown`], or [`ErrorKind::Io`]
    /// where the request may simply be made again.
    ResponseLost,
}

impl Fault {
    /// The error that a request ends with which meets the fault. What is attempted completes "failed to …".
    pub(crate) fn error(self, attempt: &'static str, idempotency: Idempotency) -> Error {
        match self {
            Self::Error(error) => error,
            Self::Refused(kind) => Error::new(kind, attempt).because("a test planned it"),
            Self::ResponseLost => {
                let kind = match idempotency.is_unknown_after(RequestOutcome::ResponseLost) {
                    true => ErrorKind::OutcomeUnknown,
                    false => ErrorKind::Io,
                };
                Error::new(kind, attempt).because("the answer was lost")
            }
        }
    }
}
