//! Which kind of error a service's error is.

use kusto_ingest_core::{Error, ErrorKind, redact_address};

use super::ServiceError;

/// The name of the context pair with the address that would be right.
const SUGGESTED: &str = "suggested";

const WRONG_ENDPOINT: &str = "AdminCommandWrongEndpointException";
const TOO_MANY_REQUESTS: &str = "TooManyRequests";
const THROTTLED_INGESTION: &str = "General_ThrottledIngestion";

/// What a cluster, database or table without streaming answers.
const STREAMING_OFF: &[&str] = &[
    "StreamingIngestionPolicyNotEnabled",
    "StreamingIngestionDisabledForCluster",
    "StreamingIngestionFunctionalityDisabled",
];
/// What is answered to too much data.
const TOO_LARGE: &[&str] = &["InputStreamTooLarge", "FileTooLarge", "PayloadTooLarge"];

/// Codes of failures that pass, whatever the status says.
const PASSING: &[&str] = &[
    "UpdatePolicy_FailedDescendantTransaction",
    "UpdatePolicy_IngestionError",
    "UpdatePolicy_UnknownError",
    "General_TransientSchemaMismatch",
    "General_InternalServerError",
];
/// How the codes of failures begin that stay, whatever the status says.
const STAYING: &[&str] = &["BadRequest_", "NotFound_", "Stream_", "UpdatePolicy_"];

pub(super) fn kind(error: &ServiceError, status: u16) -> ErrorKind {
    let code = error.code.as_deref().unwrap_or_default();
    let exception = error.exception.as_deref().unwrap_or_default();
    if exception.ends_with(WRONG_ENDPOINT) {
        return ErrorKind::WrongEndpoint;
    }
    if is_throttled(code, exception, status) {
        return ErrorKind::Throttled;
    }
    let named = |names: &[&str]| {
        names
            .iter()
            .any(|name| code.contains(name) || exception.contains(name))
    };
    if named(STREAMING_OFF) {
        return ErrorKind::Unsupported;
    }
    if named(TOO_LARGE) {
        return ErrorKind::SizeLimitExceeded;
    }
    match status {
        300..=399 => ErrorKind::Protocol,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::Forbidden,
        408 | 504 => ErrorKind::Timeout,
        413 => ErrorKind::SizeLimitExceeded,
        _ if names_what_is_missing(code) => ErrorKind::NotFound,
        _ if code.ends_with("AlreadyExists") => ErrorKind::AlreadyExists,
        404 => ErrorKind::NotFound,
        425 | 500.. => ErrorKind::Unavailable,
        _ => ErrorKind::Rejected,
    }
}

fn is_throttled(code: &str, exception: &str, status: u16) -> bool {
    status == 429
        || code == TOO_MANY_REQUESTS
        || code == THROTTLED_INGESTION
        || exception.ends_with("ThrottledException")
        || exception.ends_with("QuotaExceededException")
}

fn names_what_is_missing(code: &str) -> bool {
    code.ends_with("NotExist") || code.ends_with("NotFound")
}

pub(super) fn is_permanent(error: &ServiceError, kind: ErrorKind, status: u16) -> bool {
    match kind {
        // Services have said both of a wrong endpoint; it stays wrong.
        ErrorKind::WrongEndpoint => true,
        // And so do switches and sizes.
        ErrorKind::Unsupported | ErrorKind::SizeLimitExceeded => true,
        ErrorKind::Throttled => false,
        _ => error
            .permanent
            .or_else(|| permanent_by_code(error.code.as_deref()?))
            .unwrap_or(match status {
                408 | 425 => false,
                _ => status < 500,
            }),
    }
}

fn permanent_by_code(code: &str) -> Option<bool> {
    if PASSING.contains(&code) {
        return Some(false);
    }
    STAYING
        .iter()
        .any(|beginning| code.starts_with(beginning))
        .then_some(true)
}

/// Says which address would be right, where the service does.
pub(super) fn wrong_endpoint(error: Error, told: &str) -> Error {
    let Some(address) = suggested(told) else {
        return error.because("this is not the endpoint for the command");
    };
    error
        .because(format!("this is not the endpoint for the command; use {address}"))
        .with(SUGGESTED, address)
}

fn suggested(told: &str) -> Option<&str> {
    let start = told.find("https://").or_else(|| told.find("http://"))?;
    let address = &told[start..];
    let end = address.find(|letter: char| letter.is_whitespace() || "'\"<>),".contains(letter));
    let address = redact_address(&address[..end.unwrap_or(address.len())]);
    Some(address.trim_end_matches(['.', '?', ';']))
}

/// What can be said of an answer without words.
pub(super) fn without_words(status: u16) -> &'static str {
    match status {
        300..=399 => "the endpoint redirects, and redirects are not followed",
        401 => "the endpoint wants a sign-in, or refuses this one",
        403 => "the endpoint does not allow it",
        404 => "there is no such address on the endpoint",
        429 => "the endpoint asks to slow down",
        _ => "the endpoint gave no reason",
    }
}
