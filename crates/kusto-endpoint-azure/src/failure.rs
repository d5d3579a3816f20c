//! Errors of calls that got no whole answer.

use std::error::Error as StdError;
use std::io;

use azure_core::error::ErrorKind as AzureKind;
use kusto_ingest_core::{Error, ErrorKind, Idempotency, RequestOutcome};

use crate::post::Post;

/// The error of a call. The transport's own word on what happened decides where there is one: it knows whether
/// the request went out.
pub(crate) fn of_call(error: azure_core::Error, post: &Post<'_>) -> Error {
    let outer = |kind| Error::new(kind, post.operation).with("client request id", post.client_request_id);
    match error.into_downcast::<Error>() {
        Ok(cause) => {
            let (kind, is_permanent) = post.idempotency.verdict(&cause);
            let error = outer(kind).with_permanence(is_permanent);
            match cause.http_status() {
                // The rest of such an answer was lost; what its head refused was not done.
                Some(status @ 300..) => error.with_http_status(status).caused_by(cause),
                _ => error.caused_by(cause),
            }
        }
        Err(error) => {
            let (kind, is_permanent) = match find(&error) {
                Some(known) => post.idempotency.verdict(known),
                None => {
                    let kind = foreign(error.kind(), post.idempotency);
                    (kind, kind.is_permanent())
                }
            };
            outer(kind)
                .with_permanence(is_permanent)
                .caused_by(error.into_inner().unwrap_or_else(Into::into))
        }
    }
}

/// The error of an answer that is longer than it may be. Its head was that of a success.
pub(crate) fn too_long(limit: u64, post: &Post<'_>) -> Error {
    Error::new(unread(post.idempotency), post.operation)
        .because(format!("the answer is longer than the limit of {limit} bytes"))
        .with(Error::LIMIT, Error::RESPONSE_LIMIT)
        .with("client request id", post.client_request_id)
}

/// The error of an answer that is not the gzip its head says, as a proxy may have made it. Its head was that of a success.
pub(crate) fn no_gzip(error: io::Error, post: &Post<'_>) -> Error {
    Error::new(unread(post.idempotency), post.operation)
        .because("the answer says that it is gzip, and cannot be unpacked")
        .with("client request id", post.client_request_id)
        .caused_by(error)
}

/// The kind of error of a success that cannot be read: it tells not what was done.
fn unread(idempotency: Idempotency) -> ErrorKind {
    match idempotency.is_unknown_after(RequestOutcome::ResponseLost) {
        true => ErrorKind::OutcomeUnknown,
        false => ErrorKind::Protocol,
    }
}

/// What somebody else's transport says. How much it sent is not known, so the worst is assumed.
fn foreign(kind: &AzureKind, idempotency: Idempotency) -> ErrorKind {
    match kind {
        AzureKind::Connection => ErrorKind::Connection,
        AzureKind::Io if idempotency.is_unknown_after(RequestOutcome::ResponseLost) => {
            ErrorKind::OutcomeUnknown
        }
        AzureKind::Io => ErrorKind::Io,
        AzureKind::Credential => ErrorKind::Unauthenticated,
        AzureKind::DataConversion => unread(idempotency),
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
