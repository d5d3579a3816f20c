//! Queued operations as commands show them.

use kusto_endpoint::{BlobState, OperationId, OperationOutcome};
use kusto_ingest_decode::{ScalarType, Value};

use super::{QueuedOperations, StoredOperation};
use crate::AnswerTable;
use crate::answer::table_of;

impl QueuedOperations {
    /// The operations of these identities, in short.
    pub(crate) fn shown(&self, ids: &[OperationId]) -> AnswerTable {
        let empty = table_of(&[
            ("IngestionOperationId", ScalarType::String),
            ("StartedOn", ScalarType::DateTime),
            ("LastUpdatedOn", ScalarType::DateTime),
            ("State", ScalarType::String),
            ("Discovered", ScalarType::Long),
            ("InProgress", ScalarType::Long),
            ("Canceled", ScalarType::Long),
            ("Ingested", ScalarType::Long),
            ("Failed", ScalarType::Long),
            ("SampleFailedReasons", ScalarType::String),
            ("Database", ScalarType::String),
            ("Table", ScalarType::String),
        ]);
        let known = ids.iter().filter_map(|id| Some((id, self.operations.get(id)?)));
        known.fold(empty, |table, (id, operation)| {
            let told = operation.counted();
            let long = |count: u64| Value::Long(i64::try_from(count).unwrap_or(i64::MAX));
            let counts = told.counts;
            let state = match operation.blobs.is_empty() {
                // A container in which there is nothing to ingest.
                true => "Completed",
                false => state(told.outcome()),
            };
            table.with_row([
                Value::from(id.as_str()),
                Value::from(operation.started),
                Value::from(operation.updated),
                Value::from(state),
                long(operation.blobs.len() as u64),
                long(counts.in_progress),
                long(counts.canceled),
                long(counts.succeeded),
                long(counts.failed),
                Value::from(operation.sample().unwrap_or_default()),
                Value::from(operation.database.as_str()),
                Value::from(operation.table.as_str()),
            ])
        })
    }

    /// The blobs of an operation.
    pub(crate) fn shown_blobs(&self, id: &OperationId) -> AnswerTable {
        let empty = table_of(&[
            ("IngestionOperationId", ScalarType::String),
            ("BlobUrl", ScalarType::String),
            ("IngestionStatus", ScalarType::String),
            ("StartedAt", ScalarType::DateTime),
            ("CompletedAt", ScalarType::DateTime),
            ("FailedReason", ScalarType::String),
        ]);
        let blobs = self.operations.get(id).map(|known| known.blobs.as_slice());
        blobs.unwrap_or_default().iter().fold(empty, |table, blob| {
            let status = match blob.state {
                BlobState::Queued => "Pending".to_owned(),
                ref other => other.to_string(),
            };
            table.with_row([
                Value::from(id.as_str()),
                Value::from(blob.address.as_deref().unwrap_or_default()),
                Value::from(status),
                blob.started.map_or(Value::Null, Value::from),
                blob.updated
                    .filter(|_| blob.state.is_final())
                    .map_or(Value::Null, Value::from),
                Value::from(blob.details.as_deref().unwrap_or_default()),
            ])
        })
    }
}

impl StoredOperation {
    /// Why one of its blobs failed.
    fn sample(&self) -> Option<&str> {
        self.blobs.iter().find_map(|blob| blob.details.as_deref())
    }
}

/// The word of the command for it.
fn state(outcome: OperationOutcome) -> &'static str {
    match outcome {
        OperationOutcome::InProgress => "InProgress",
        OperationOutcome::Succeeded | OperationOutcome::PartiallySucceeded => "Completed",
        OperationOutcome::Failed => "Failed",
        OperationOutcome::Canceled => "Canceled",
    }
}
