//! Planned faults as the storage answers them.

use kusto_ingest_core::Error;
use kusto_storage::Operation;

use super::ResourcePath;
use super::errors::Code;
use crate::Fault;

/// The error of a request that meets a fault, with the service's code where it has one.
pub(super) fn error(fault: Fault, operation: Operation, path: &ResourcePath) -> Error {
    let code = match &fault {
        // A test that gives an error means it as it is.
        Fault::Error(error) => return error.clone(),
        Fault::Refused(kind) => Code::of(*kind),
        Fault::ResponseLost => None,
    };
    let error = fault
        .error(operation.attempt(), operation.idempotency())
        .with("resource", path);
    match code {
        Some(code) => error
            .with_code(format!("{code:?}"))
            .with_http_status(code.http_status()),
        None => error,
    }
}
