//! What a store of others says when it fails, in our words.

use kusto_ingest::secrets::redact;
use kusto_ingest::{Error, ErrorKind};

use super::super::network::find;

/// The failure of a call. What our own HTTP client found out counts for more than the words around it.
pub(super) fn failed(operation: &'static str, error: &object_store::Error) -> Error {
    if let Some(ours) = find(error) {
        let failed = Error::new(ours.kind(), operation);
        let failed = match ours.retry_after() {
            Some(wait) => failed.with_retry_after(wait),
            None => failed,
        };
        let failed = match ours.code() {
            Some(code) => failed.with_code(code),
            None => failed,
        };
        return failed.caused_by(ours.clone());
    }
    let kind = match error {
        object_store::Error::NotFound { .. } => ErrorKind::NotFound,
        object_store::Error::PermissionDenied { .. } => ErrorKind::Forbidden,
        object_store::Error::Unauthenticated { .. } => ErrorKind::Unauthenticated,
        object_store::Error::Precondition { .. } => ErrorKind::SourceNotReadable,
        _ => ErrorKind::Other,
    };
    Error::new(kind, operation).because(redact(&error.to_string()))
}
