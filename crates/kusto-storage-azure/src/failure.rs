//! From what a call ended with to the error that callers meet.

use std::error::Error as StdError;
use std::io;

use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::RawResponse;
use azure_core::http::headers::HeaderName;
use kusto_ingest_core::{Error, ErrorKind, Idempotency, RequestOutcome, retry_after};
use kusto_storage::Operation;
use serde_json::Value;

use crate::call::Call;

impl Call<'_> {
    /// The error of a call that failed, whoever says so.
    ///
    /// Nothing but statuses, codes and ids is taken over from what the service or a foreign transport wrote: their
    /// texts quote requests, SAS tokens included.
    pub(crate) fn failed(&self, error: &azure_core::Error) -> Error {
        if let AzureKind::HttpResponse {
            status, raw_response, ..
        } = error.kind()
        {
            return self.refused((*status).into(), raw_response.as_deref());
        }
        match find::<Error>(error) {
            Some(cause) => self.broken(cause),
            None => self.foreign(error),
        }
    }

    /// The service answered, and not as it does when all is well.
    fn refused(&self, status: u16, answer: Option<&RawResponse>) -> Error {
        let code = answer.and_then(code);
        let mut error = self
            .error(kind(self.operation, status, code.as_deref()))
            .with_http_status(status);
        if let Some(reason) = reason(error.kind(), status) {
            error = error.because(reason);
        }
        if let Some(code) = code {
            error = error.with_code(code);
        }
        if let Some(wait) = answer.and_then(|answer| retry_after(|name| header(answer, name))) {
            error = error.with_retry_after(wait);
        }
        match answer
            .and_then(|answer| header(answer, "x-ms-request-id"))
            .and_then(word)
        {
            Some(id) => error.with("request id", id),
            None => error,
        }
    }

    /// Our own transport tells what broke. If it broke after the head of an answer, the head counts.
    fn broken(&self, cause: &Error) -> Error {
        let error = match cause.http_status() {
            Some(status) if !(200..300).contains(&status) => self.error(kind(self.operation, status, None)),
            _ => {
                let (kind, is_permanent) = self.operation.idempotency().verdict(cause);
                self.error(kind).with_permanence(is_permanent)
            }
        };
        let error = match cause.http_status() {
            Some(status) => error.with_http_status(status),
            None => error,
        };
        error.caused_by(cause.clone())
    }

    /// Somebody else's transport failed, or the Azure SDK could not read an answer.
    fn foreign(&self, error: &azure_core::Error) -> Error {
        let (kind, reason) = match error.kind() {
            AzureKind::Connection => (ErrorKind::Connection, "there was no connection"),
            // How much was sent is not known, so the worst is assumed.
            AzureKind::Io if self.operation.idempotency() == Idempotency::NonIdempotent => {
                (ErrorKind::OutcomeUnknown, "the connection broke")
            }
            AzureKind::Io => (ErrorKind::Io, "the connection broke"),
            AzureKind::DataConversion => (ErrorKind::Protocol, "the answer cannot be read"),
            AzureKind::Credential => (ErrorKind::Unauthenticated, "there is no token"),
            _ => (ErrorKind::Other, "the request could not be made"),
        };
        let error_here = self.error(kind).because(reason);
        match find::<io::Error>(error) {
            Some(cause) => error_here.with("cause", cause.kind()),
            None => error_here,
        }
    }
}

/// What a status means.
fn kind(operation: Operation, status: u16, code: Option<&str>) -> ErrorKind {
    let code = code.unwrap_or_default();
    match status {
        _ if operation
            .idempotency()
            .is_unknown_after(RequestOutcome::Status(status)) =>
        {
            ErrorKind::OutcomeUnknown
        }
        400..=499 if status == 413 || is_too_large(code) => match operation == Operation::PutMessage {
            true => ErrorKind::MessageTooLarge,
            false => ErrorKind::SizeLimitExceeded,
        },
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::Timeout,
        409 if code.ends_with("AlreadyExists") => ErrorKind::AlreadyExists,
        // The resource is as good as gone.
        409 if code.ends_with("BeingDeleted") => ErrorKind::NotFound,
        429 => ErrorKind::Throttled,
        503 if code == "ServerBusy" => ErrorKind::Throttled,
        500..=599 => ErrorKind::Unavailable,
        400..=499 => ErrorKind::Rejected,
        _ => ErrorKind::Protocol,
    }
}

fn is_too_large(code: &str) -> bool {
    matches!(code, "RequestBodyTooLarge" | "MessageTooLarge" | "EntityTooLarge")
}

fn reason(kind: ErrorKind, status: u16) -> Option<&'static str> {
    match (kind, status) {
        (ErrorKind::OutcomeUnknown, _) => Some("the service failed, and the message may be in the queue"),
        (_, 300..=399) => Some("it was redirected, which is not followed"),
        (ErrorKind::Protocol, _) => Some("that is no answer of this operation"),
        _ => None,
    }
}

/// The service's own code: from the header, which even the answer to a HEAD has, or from the body.
fn code(answer: &RawResponse) -> Option<String> {
    let code = match header(answer, "x-ms-error-code") {
        Some(code) => code.to_owned(),
        None => code_in(answer.body())?,
    };
    word(&code).map(str::to_owned)
}

/// `<Code>…</Code>` of blobs and queues, or `odata.error` of tables.
fn code_in(body: &[u8]) -> Option<String> {
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        return Some(json.pointer("/odata.error/code")?.as_str()?.to_owned());
    }
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    Some(code.to_owned())
}

pub(crate) fn header<'r>(answer: &'r RawResponse, name: &'static str) -> Option<&'r str> {
    answer.headers().get_optional_str(&HeaderName::from_static(name))
}

/// A text that is no more than a code or an id, and so cannot quote a request.
fn word(text: &str) -> Option<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!text.is_empty() && text.len() <= 64 && text.chars().all(is_word)).then_some(text)
}

/// The first error of a type in a chain.
pub(crate) fn find<E: StdError + 'static>(error: &azure_core::Error) -> Option<&E> {
    let mut next: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
