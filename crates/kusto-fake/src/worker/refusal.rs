//! The error of a source that the service does not ingest.

use kusto_ingest_core::{Error, ErrorKind};

/// A refusal by the service's code, and the reason.
pub(super) fn refused(code: &'static str, why: &'static str) -> Error {
    Error::new(ErrorKind::Rejected, "ingest the source")
        .because(why)
        .with_code(code)
}
