//! What an operation says of one source, as a status record.

use kusto_endpoint::{BlobState, BlobStatus, OperationOutcome, QueuedOperation};
use kusto_ingest_core::{Error, ErrorKind, Receipt, Result};
use kusto_ingest_message::{IngestionErrorCode, OperationStatus, StatusRecord};

/// The code of the failure of a source that somebody cancelled.
const CANCELED: &str = "Canceled";

/// What an operation says of the source of a receipt.
///
/// # Errors
/// [`ErrorKind::NotFound`] where the operation tells of blobs, and of none of this source.
pub(super) fn record_of(receipt: &Receipt, told: &QueuedOperation) -> Result<StatusRecord> {
    match told.blob(receipt.source_id, receipt.blob.as_deref()) {
        Some(blob) => Ok(of_blob(receipt, blob)),
        // An answer without blobs speaks for all of them, where it is clear.
        None if told.blobs.is_empty() => Ok(of_outcome(receipt, told)),
        None => Err(Error::new(ErrorKind::NotFound, "read the status")
            .because("the operation tells nothing of this source")
            .with_source_id(receipt.source_id)),
    }
}

fn of_blob(receipt: &Receipt, blob: &BlobStatus) -> StatusRecord {
    let mut record = blank(receipt, status(&blob.state));
    record.updated_on = blob.updated;
    record.error_code = blob.error_code.as_deref().and_then(IngestionErrorCode::read);
    record.failure_status = blob.failure_status.as_deref().and_then(|word| word.parse().ok());
    record.details.clone_from(&blob.details);
    if blob.state == BlobState::Canceled {
        record.error_code = record.error_code.or_else(|| IngestionErrorCode::read(CANCELED));
        record.details = record.details.or_else(|| Some("it was cancelled".to_owned()));
    }
    record
}

fn of_outcome(receipt: &Receipt, told: &QueuedOperation) -> StatusRecord {
    let mut record = blank(
        receipt,
        match told.outcome() {
            OperationOutcome::InProgress => OperationStatus::Pending,
            OperationOutcome::Succeeded => OperationStatus::Succeeded,
            OperationOutcome::PartiallySucceeded => OperationStatus::PartiallySucceeded,
            OperationOutcome::Failed | OperationOutcome::Canceled => OperationStatus::Failed,
        },
    );
    record.updated_on = told.updated;
    record
}

fn blank(receipt: &Receipt, status: OperationStatus) -> StatusRecord {
    let mut record = StatusRecord::new(status);
    record.source_id = Some(receipt.source_id);
    record.source_path.clone_from(&receipt.blob);
    record.database = Some(receipt.database.to_string());
    record.table = Some(receipt.table.to_string());
    record
}

fn status(state: &BlobState) -> OperationStatus {
    match state {
        BlobState::Succeeded => OperationStatus::Succeeded,
        BlobState::Failed | BlobState::Canceled => OperationStatus::Failed,
        _ => OperationStatus::Pending,
    }
}
