//! The errors of queries, in the words by which clients tell them apart.

use kusto_ingest_core::{Error, ErrorKind};

/// The error for a text that is no query.
pub(crate) fn syntax(text: &str, at: usize, expected: &str) -> Error {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
    refused(
        "BadRequest_SyntaxError",
        format!("Syntax error: Query could not be parsed on line [{line},{column}]: expected {expected}"),
    )
}

/// The error for a query that means nothing.
pub(crate) fn semantic(why: impl std::fmt::Display) -> Error {
    refused("General_BadRequest", format!("Semantic error: {why}"))
}

/// The error for a regular expression that is none.
pub(crate) fn no_pattern(pattern: &str, why: impl std::fmt::Display) -> Error {
    semantic(format_args!(
        "the regular expression {:?} is none: {why}",
        beginning(pattern)
    ))
}

/// The error for a regular expression that takes more memory than this.
pub(crate) fn large_pattern(pattern: &str, most: usize) -> Error {
    limit(format_args!(
        "the regular expression {:?} takes more than {} MiB",
        beginning(pattern),
        most >> 20
    ))
}

/// The first letters of a text.
fn beginning(text: &str) -> String {
    let mut letters = text.chars();
    let mut beginning: String = letters.by_ref().take(100).collect();
    if letters.next().is_some() {
        beginning.push('…');
    }
    beginning
}

/// The error for a name that stands for nothing.
pub(crate) fn unresolved(what: &str, name: &str) -> Error {
    let why = format!("Semantic error: SEM0100: Failed to resolve {what} named '{name}'");
    Error::new(ErrorKind::NotFound, "run the query")
        .because(why)
        .with_code("General_BadRequest")
        .with_http_status(400)
        .with_permanence(true)
}

/// The error for what Kusto knows and this crate does not: its name, and what there is.
pub(crate) fn not_supported<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    let known = match known.is_empty() {
        true => String::new(),
        false => format!("; known are {}", known.join(", ")),
    };
    Error::new(ErrorKind::Unsupported, "run the query")
        .because(format!("the emulator does not know the {what} '{name}'{known}"))
        .with_code("NotSupportedByEmulator")
        .with_http_status(400)
        .with_permanence(true)
}

/// The error for a query that wants more than it may have.
pub(crate) fn limit(why: impl std::fmt::Display) -> Error {
    refused(
        "LimitsExceeded",
        format!("Query execution has exceeded the allowed limits (80DA0001): {why}"),
    )
}

/// The error for a value that a function cannot give, as it takes more bytes than this.
pub(crate) fn too_large(function: &str, most: usize) -> Error {
    let most = most >> 20;
    limit(format_args!(
        "what '{function}' gives would be larger than {most} MiB"
    ))
}

/// The error for an array that a function cannot give, as it has more elements than this.
pub(crate) fn too_many(function: &str, most: usize) -> Error {
    limit(format_args!(
        "what '{function}' gives would have more than {most} elements"
    ))
}

/// The error for a query that did not end in its time.
pub(crate) fn timeout() -> Error {
    Error::new(ErrorKind::Timeout, "run the query")
        .because("Request timed out: the query did not end in the time that it has")
        .with_code("RequestExecutionTimeout")
        .with_http_status(504)
        .with_permanence(false)
}

fn refused(code: &str, why: String) -> Error {
    Error::new(ErrorKind::Rejected, "run the query")
        .because(why)
        .with_code(code)
        .with_http_status(400)
        .with_permanence(true)
}
