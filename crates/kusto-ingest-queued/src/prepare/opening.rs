//! What the status row of an ingestion starts with.

use kusto_ingest_core::{BlobSource, IngestionProperties, ReportLevel, SourceId};
use kusto_ingest_status::Opening;

/// What the status row starts with. Chunks share the identity of their source, and each has a row of its own.
pub(crate) fn opening(chunk: Option<u32>, properties: &IngestionProperties, blob: &BlobSource) -> Opening {
    if properties.report_level == ReportLevel::FailuresOnly {
        tracing::warn!(source_id = %blob.id(), "only failures are reported: a success will leave the status row Pending");
    }
    let opening = Opening::new(properties, blob.uri());
    match chunk {
        None | Some(0) => opening,
        Some(_) => opening.with_row_key(SourceId::random().to_string()),
    }
}
