//! What a failed sign-in says: whose fault it is, what helps, and never a secret.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::headers::{HeaderName, Headers};
use kusto_connection::Secret;
use kusto_ingest_core::{Error, ErrorKind, Idempotency, KnownSecrets, retry_after};

/// How much of somebody else's words an error repeats.
const LONGEST_REASON: usize = 400;

/// What helps, by the number that Entra gives to a refusal.
const HINTS: &[(&str, &str)] = &[
    ("50034", "the user is not known in this tenant"),
    ("50076", "the tenant wants multi-factor authentication"),
    (
        "65001",
        "nobody has consented to this application in the tenant; an administrator can",
    ),
    ("700016", "the application is not known in this tenant"),
    (
        "700027",
        "the certificate is not one that is registered for the application",
    ),
    (
        "7000215",
        "the client secret is wrong; give its value, and not its id",
    ),
    ("7000222", "the client secret has expired"),
    ("90002", "there is no such tenant in this cloud"),
];

/// The error of a call through `azure_core`.
pub(crate) fn of_azure(error: &azure_core::Error, operation: &'static str, secrets: &[&Secret]) -> Error {
    // The transport's own word decides where there is one. Asking for a token may be repeated, whatever happened.
    if let Some(cause) = find::<Error>(error) {
        let (kind, is_permanent) = Idempotency::Idempotent.verdict(cause);
        return Error::new(kind, operation)
            .with_permanence(is_permanent)
            .caused_by(cause.clone());
    }
    if let Some((answered, status)) = find_answer(error) {
        return of_answer(answered, status, operation, secrets);
    }
    let kind = match error.kind() {
        AzureKind::Connection => ErrorKind::Connection,
        AzureKind::Io => ErrorKind::Io,
        AzureKind::DataConversion => ErrorKind::Protocol,
        _ => ErrorKind::Unauthenticated,
    };
    match error.kind() {
        // A parser's complaint may quote what it could not read, which may be a token.
        _ if find::<serde_json::Error>(error).is_some() => {
            Error::new(ErrorKind::Protocol, operation).because("the answer does not have the expected form")
        }
        AzureKind::DataConversion => Error::new(kind, operation).because("the answer could not be read"),
        _ => Error::new(kind, operation).because(shortened(&error.to_string(), secrets)),
    }
}

fn of_answer(error: &azure_core::Error, status: u16, operation: &'static str, secrets: &[&Secret]) -> Error {
    let AzureKind::HttpResponse {
        error_code,
        raw_response,
        ..
    } = error.kind()
    else {
        return of_status(status, None, operation);
    };
    let answer = raw_response.as_deref();
    let mut failed = of_status(
        status,
        answer.map(azure_core::http::RawResponse::headers),
        operation,
    );
    let said = shortened(&error.to_string(), secrets);
    let Some(code) = error_code.as_deref().and_then(|codes| codes.split(',').next()) else {
        return failed.because(said);
    };
    failed = match hint(code) {
        Some(hint) => failed.because(format!("{hint}; the authority said: {said}")),
        None => failed.because(said),
    };
    failed.with_code(format!("AADSTS{code}"))
}

/// What helps against a refusal with this number.
pub(crate) fn hint(code: &str) -> Option<&'static str> {
    HINTS
        .iter()
        .find_map(|(known, hint)| (*known == code).then_some(*hint))
}

/// The error that an HTTP status stands for where a sign-in was tried.
pub(crate) fn of_status(status: u16, headers: Option<&Headers>, operation: &'static str) -> Error {
    let kind = match status {
        429 => ErrorKind::Throttled,
        408 | 500..=599 => ErrorKind::Unavailable,
        300..=399 => ErrorKind::Protocol,
        _ => ErrorKind::Unauthenticated,
    };
    let error = Error::new(kind, operation).with_http_status(status);
    match headers.and_then(wait_of) {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// How long an answer asks to wait.
fn wait_of(headers: &Headers) -> Option<Duration> {
    retry_after(|name| headers.get_optional_str(&HeaderName::from_static(name)))
}

/// The beginning of what somebody else said, on one line and without what must not be seen.
pub(crate) fn shortened(said: &str, secrets: &[&Secret]) -> String {
    // Removed before the text is cut: a cut could leave half of a secret.
    let said = KnownSecrets::of(secrets.iter().map(|secret| secret.expose())).redact(said);
    let lines = said
        .lines()
        .map(|line| line.trim().trim_end_matches('.'))
        .filter(|line| !line.is_empty() && !line.starts_with("To troubleshoot, visit"));
    let said = lines.collect::<Vec<_>>().join("; ");
    if said.is_empty() {
        return "no reason was given".to_owned();
    }
    said.chars()
        .filter(|it| !it.is_control())
        .take(LONGEST_REASON)
        .collect()
}

/// For `azure_core`, whose credentials return its error.
pub(crate) fn for_azure(error: Error) -> azure_core::Error {
    azure_core::Error::new(AzureKind::Credential, error)
}

/// The first error of a type in a chain. The `source` of an [`io::Error`] skips what it wraps, so look inside.
fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    chain(error).find_map(|link| link.downcast_ref())
}

fn find_answer(error: &azure_core::Error) -> Option<(&azure_core::Error, u16)> {
    chain(error).find_map(|link| {
        let link = link.downcast_ref::<azure_core::Error>()?;
        Some((link, link.http_status()?.into()))
    })
}

fn chain<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&link| {
        match link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => link.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_one_line_without_secrets() {
        let secret = Secret::from("CANARY");
        assert_eq!(
            shortened("\n  wrong key CANARY given.\nTrace: 1", &[&secret]),
            "wrong key … given; Trace: 1"
        );
        assert_eq!(shortened(&"x".repeat(1_000), &[&secret]).len(), LONGEST_REASON);
        assert_eq!(shortened(" \n", &[]), "no reason was given");
    }
}
