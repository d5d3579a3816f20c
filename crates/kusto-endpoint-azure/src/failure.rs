//! Errors of calls that got no whole answer.

use std::error::Error as StdError;

use azure_core::error::ErrorKind as AzureKind;
use kusto_endpoint::EndpointRequest;
use kusto_ingest_core::{Error, ErrorKind};

/// The error of a call. The transport's own word on what happened decides where there is one: it knows whether
/// the request went out.
pub(crate) fn of_call(error: azure_core::Error, request: &EndpointRequest) -> Error {
    let outer = |kind| {
        Error::new(kind, request.kind().operation()).with("client request id", request.client_request_id())
    };
    match error.into_downcast::<Error>() {
        Ok(cause) => {
            let error = outer(kind(cause.kind(), request)).with_permanence(cause.is_permanent());
            error.caused_by(cause)
        }
        Err(error) => {
            let known = find(&error)
                .map(Error::kind)
                .unwrap_or_else(|| kind_of(error.kind()));
            outer(kind(known, request)).caused_by(error.into_inner().unwrap_or_else(Into::into))
        }
    }
}

/// Nothing happens by reading, so its outcome cannot be unknown.
fn kind(kind: ErrorKind, request: &EndpointRequest) -> ErrorKind {
    match kind {
        ErrorKind::OutcomeUnknown if request.is_read() => ErrorKind::Io,
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

fn find(error: &azure_core::Error) -> Option<&Error> {
    let mut link = StdError::source(error);
    while let Some(error) = link {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        link = error.source();
    }
    None
}
