//! Refusals of commands that are read and cannot be done.

use kusto_ingest_core::{Error, ErrorKind};

/// The refusal of a command that is read and cannot be done.
pub(crate) fn refused(code: &'static str, why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Rejected, "run the command")
        .because(why.into())
        .with_code(code)
        .with_http_status(400)
        .with_permanence(true)
}

/// The refusal of what exists already.
pub(crate) fn exists_already(what: &str, name: &str) -> Error {
    Error::new(ErrorKind::AlreadyExists, "run the command")
        .because(format!("there is a {what} {name:?} already"))
        .with_code("BadRequest_EntityAlreadyExists")
        .with_http_status(400)
        .with_permanence(true)
}
