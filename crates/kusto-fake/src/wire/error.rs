//! Errors as endpoints answer them: a status, and a body that clients call the *OneApi error*.

use kusto_ingest_core::{Error, ErrorKind};
use serde::Serialize;

use super::write;

/// The key of an error's context that holds the right address.
const SUGGESTED: &str = "suggested";

/// The prefixes by which clients recognize errors of a query.
const SEMANTIC: &str = "Semantic error: ";
const SYNTAX: &str = "Syntax error: ";

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

#[derive(Serialize)]
struct Body<'a> {
    error: ErrorDetails<'a>,
}

#[derive(Serialize)]
struct ErrorDetails<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(rename = "@type")]
    exception: &'static str,
    #[serde(rename = "@message")]
    description: &'a str,
    #[serde(rename = "@context")]
    context: Context<'a>,
    #[serde(rename = "@permanent")]
    permanent: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    activity_id: &'a str,
    client_request_id: &'a str,
}

/// The body that an endpoint answers with for an error. Both ids are in it, so that both sides can find the request in
/// their logs.
#[must_use]
pub fn error_body(error: &Error, activity_id: &str, client_request_id: &str) -> String {
    let text = text(error);
    write(&Body {
        error: ErrorDetails {
            code: error.code().unwrap_or_else(|| code_of(error.kind())),
            message: &text,
            exception: exception_of(error.kind(), &text),
            description: &text,
            context: Context {
                activity_id,
                client_request_id,
            },
            permanent: error.is_permanent(),
        },
    })
}

fn text(error: &Error) -> String {
    let text = error.reason().unwrap_or(error.operation());
    let suggested = error.context().find(|(name, _)| *name == SUGGESTED);
    match suggested.filter(|(_, address)| !text.contains(address)) {
        Some((_, address)) => format!("{text}. The appropriate endpoint is most likely '{address}'."),
        None => text.to_owned(),
    }
}

/// The code of an error that has none of its own.
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
fn exception_of(kind: ErrorKind, text: &str) -> &'static str {
    match kind {
        ErrorKind::WrongEndpoint => "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
        ErrorKind::Throttled => "Kusto.Data.Exceptions.KustoRequestThrottledException",
        ErrorKind::Unavailable | ErrorKind::Timeout => {
            "Kusto.Data.Exceptions.KustoServicePartialQueryFailureException"
        }
        ErrorKind::SizeLimitExceeded => "Kusto.Data.Exceptions.KustoRequestPayloadTooLargeException",
        _ if text.starts_with(SEMANTIC) => "Kusto.Data.Exceptions.SemanticException",
        _ if text.starts_with(SYNTAX) => "Kusto.Data.Exceptions.SyntaxException",
        _ => "Kusto.Data.Exceptions.KustoBadRequestException",
    }
}
