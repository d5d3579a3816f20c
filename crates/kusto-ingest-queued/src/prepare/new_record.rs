//! What the status row of an ingestion starts with.

use kusto_ingest_core::{BlobSource, IngestionProperties, ReportLevel, SourceId};
use kusto_ingest_status::NewStatusRecord;

/// What the status row starts with. Chunks share the identity of their source, and each has a row of its own.
pub(crate) fn new_record(
    chunk: Option<u32>,
    properties: &IngestionProperties,
    blob: &BlobSource,
) -> NewStatusRecord {
    if properties.report_level == ReportLevel::FailuresOnly {
        tracing::warn!(source_id = %blob.id(), "only failures are reported: a success will leave the status row Pending");
    }
    let new_record = NewStatusRecord::new(properties, blob.uri());
    match chunk {
        None | Some(0) => new_record,
        Some(_) => new_record.with_row_key(SourceId::random().to_string()),
    }
}
