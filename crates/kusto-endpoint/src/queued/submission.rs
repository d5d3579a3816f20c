//! What the service answers to blobs that were named to it.

use kusto_ingest_core::{Error, ErrorKind, Idempotency, Result};
use serde_json::Value;

use super::member::member;
use super::{IngestionConfiguration, OperationId};
use crate::service_error::foreign_success;
use crate::{ServiceError, json};

/// Reads the answer of a success: the operation, or none where nothing is tracked.
///
/// # Errors
/// [`ErrorKind::OutcomeUnknown`] where the answer is none of the service's: somebody answered, and whether the service was
/// asked is not known.
pub(crate) fn submitted(body: &[u8], operation: &'static str) -> Result<Option<OperationId>> {
    let answer = json::read(body).ok().filter(Value::is_object);
    let answer = answer.ok_or_else(|| foreign_success(operation, body))?;
    let id = member(&answer, &["ingestionOperationId"]).and_then(Value::as_str);
    Ok(id.and_then(OperationId::parse))
}

/// The error of a status that is no success. A service without the routes answers 404 with no words at all.
pub(crate) fn refused(
    told: ServiceError,
    idempotency: Idempotency,
    operation: &'static str,
    status: u16,
) -> Error {
    let is_wordless = told.code.is_none() && told.exception.is_none();
    match status == 404 && is_wordless {
        true => unsupported(operation),
        false => told.into_error_of(idempotency, operation, status),
    }
}

/// The error of a service without the routes.
pub(crate) fn unsupported(operation: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, operation)
        .because(
            "there is no such address on the endpoint: the cluster does not offer queued ingestion over REST",
        )
        .with_code(IngestionConfiguration::NOT_SUPPORTED)
        .with_http_status(404)
}
