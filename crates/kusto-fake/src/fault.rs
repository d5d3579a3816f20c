//! How a request fails by an error.

use kusto_ingest_core::{Error, ErrorKind, Idempotency, RequestOutcome};

/// How a request fails by an error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing is done. The error has this kind, and in storage also the service's code and HTTP status, where the kind
    /// has them.
    Refused(ErrorKind),
    /// Nothing is done. The request ends with this error.
    Error(Error),
    /// The request is carried out, and its response is lost: an error of kind [`ErrorKind::OutcomeUnknown`], or
    /// [`ErrorKind::Io`] where the request is idempotent.
    ResponseLost,
}

impl Fault {
    /// The error of a request that meets the fault. The operation completes "failed to …".
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
