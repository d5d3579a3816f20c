//! Errors as endpoints answer them: a status, and a body that clients call the *OneApi error*.

use kusto_ingest_core::{Error, ErrorKind};
use serde_json::{Value, json};

/// The name of the context pair with the address that would be right.
const SUGGESTED: &str = "suggested";

/// The status that an endpoint answers with for an error.
#[must_use]
pub fn error_status(error: &Error) -> u16 {
    error.http_status().unwrap_or(match error.kind() {
        ErrorKind::Unauthenticated => 401,
        ErrorKind::Forbidden => 403,
        ErrorKind::SizeLimitExceeded => 413,
        ErrorKind::Throttled => 429,
        ErrorKind::Timeout => 504,
        ErrorKind::Unavailable => 503,
        _ => 400,
    })
}

/// The body that an endpoint answers with for an error. The two ids are the names under which both sides have the
/// request in their logs.
#[must_use]
pub fn error_body(error: &Error, activity_id: &str, client_request_id: &str) -> Value {
    let text = text(error);
    json!({"error": {
        "code": error.code().unwrap_or_else(|| code_of(error.kind())),
        "message": text,
        "@type": exception_of(error.kind()),
        "@message": text,
        "@permanent": error.is_permanent(),
        "@context": {"activityId": activity_id, "clientRequestId": client_request_id},
    }})
}

fn text(error: &Error) -> String {
    let text = error.reason().unwrap_or(error.operation());
    let suggested = error.context().find(|(name, _)| *name == SUGGESTED);
    match suggested.filter(|(_, address)| !text.contains(address)) {
        Some((_, address)) => format!("{text}. The appropriate endpoint is most likely '{address}'."),
        None => text.to_owned(),
    }
}

/// The service's word for a kind of error that has none.
fn code_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "Unauthorized",
        ErrorKind::Forbidden => "Forbidden",
        ErrorKind::NotFound => "BadRequest_EntityNotFound",
        ErrorKind::AlreadyExists => "BadRequest_EntityAlreadyExists",
        ErrorKind::Throttled => "TooManyRequests",
        ErrorKind::Timeout => "RequestExecutionTimeout",
        ErrorKind::SizeLimitExceeded => "PayloadTooLarge",
        ErrorKind::Unavailable => "General_InternalServerError",
        _ => "General_BadRequest",
    }
}

/// The exception that Kusto throws for a kind of error.
fn exception_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::WrongEndpoint => "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
        ErrorKind::Throttled => "Kusto.Data.Exceptions.KustoRequestThrottledException",
        ErrorKind::Unavailable | ErrorKind::Timeout => {
            "Kusto.Data.Exceptions.KustoServicePartialQueryFailureException"
        }
        _ => "Kusto.Data.Exceptions.KustoBadRequestException",
    }
}
