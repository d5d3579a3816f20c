//! Errors of calls that got no whole answer.

use std::error::Error as StdError;

use azure_core::error::ErrorKind as AzureKind;
use kusto_ingest_core::{Error, ErrorKind};

use crate::post::Post;

/// The error of a call. The transport's own word on what happened decides where there is one: it knows whether
/// the request went out.
pub(crate) fn of_call(error: azure_core::Error, post: &Post<'_>) -> Error {
    let outer = |kind| Error::new(kind, post.operation).with("client request id", post.client_request_id);
    match error.into_downcast::<Error>() {
        Ok(cause) => {
            let error = outer(kind(cause.kind(), post)).with_permanence(cause.is_permanent());
            error.caused_by(cause)
        }
        Err(error) => {
            let known = find(&error)
                .map(Error::kind)
                .unwrap_or_else(|| kind_of(error.kind()));
            outer(kind(known, post)).caused_by(error.into_inner().unwrap_or_else(Into::into))
        }
    }
}

/// Nothing happens by reading, so its outcome cannot be unknown.
fn kind(kind: ErrorKind, post: &Post<'_>) -> ErrorKind {
    match kind {
        ErrorKind::OutcomeUnknown if post.is_read => ErrorKind::Io,
        kind => kind,
    }
}

fn kind_of(kind: &AzureKind) -> ErrorKind {
    match kind {
        AzureKind::Connection => ErrorKind::Connection,
        AzureKind::Io => ErrorKind::Io,
        AzureKind::Credential => ErrorKind::Unauthenticated,
        AzureKind::DataConversion => ErrorKind::Protocol,
        _ => ErrorKind::Other,
    }
}

/// The transport's or the credential's own word, wherever it stands in the chain.
pub(crate) fn find(error: &azure_core::Error) -> Option<&Error> {
    let mut link = StdError::source(error);
    while let Some(error) = link {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        link = error.source();
    }
    None
}
