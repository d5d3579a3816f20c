//! The answers of the REST routes, in either of the two published shapes.

use kusto_endpoint::{
    BlobCounts, BlobState, BlobStatus, IngestionConfiguration, IngestionMethod, OperationId, QueuedOperation,
    UploadMethod,
};
use kusto_ingest_core::{Timespan, Timestamp};
use serde_json::{Map, Value, json};

use crate::WireShape;

/// Writes what is offered, SAS tokens included.
#[must_use]
pub fn ingestion_configuration(offered: &IngestionConfiguration, shape: WireShape) -> String {
    let paths = |paths: &mut dyn Iterator<Item = &str>| -> Vec<Value> {
        paths.map(|path| json!({"path": path})).collect()
    };
    let upload = offered.preferred_upload.map(|method| match method {
        UploadMethod::Storage => "Storage",
        UploadMethod::Lake => "Lake",
    });
    let ingestion = offered.preferred_ingestion.map(|method| match (method, shape) {
        (IngestionMethod::Rest, WireShape::Documentation) => "REST",
        (IngestionMethod::Rest, _) => "Rest",
        (IngestionMethod::Queue, WireShape::Documentation) => "V1",
        (IngestionMethod::Queue, _) => "Legacy",
    });
    let interval = offered
        .refresh_interval
        .map(|interval| Timespan::saturating_from(interval).to_string());
    json!({
        "containerSettings": {
            "containers": paths(&mut offered.expose_containers()),
            "lakeFolders": paths(&mut offered.expose_lake_folders()),
            "refreshInterval": interval,
            "preferredUploadMethod": upload,
        },
        "ingestionSettings": {
            "maxBlobsPerBatch": offered.max_blobs,
            "maxDataSize": offered.max_raw_bytes,
            "preferredIngestionMethod": ingestion,
        },
    })
    .to_string()
}

/// Writes which operation a request became; nothing is tracked where there is none.
#[must_use]
pub fn submission(id: Option<&OperationId>) -> String {
    json!({"ingestionOperationId": id.map_or("", OperationId::as_str)}).to_string()
}

/// Writes how an operation stands.
#[must_use]
pub fn queued_operation(told: &QueuedOperation, shape: WireShape) -> String {
    let mut written = Map::new();
    put(&mut written, "startTime", told.started.map(moment));
    put(&mut written, "lastUpdated", told.updated.map(moment));
    put(&mut written, "status", Some(counts(told.counts, shape)));
    let blobs: Vec<Value> = told.blobs.iter().map(|status| blob(status, shape)).collect();
    put(&mut written, "details", Some(blobs.into()));
    Value::Object(written).to_string()
}

fn counts(counts: BlobCounts, shape: WireShape) -> Value {
    match shape {
        WireShape::Documentation => json!({
            "Succeeded": counts.succeeded,
            "Failed": counts.failed,
            "InProgress": counts.in_progress,
            "Canceled": counts.canceled,
        }),
        WireShape::OpenApi => json!({
            "succeeded": counts.succeeded,
            "failed": counts.failed,
            "inProgress": counts.in_progress,
            "canceled": counts.canceled,
        }),
    }
}

fn blob(status: &BlobStatus, shape: WireShape) -> Value {
    let is_documented = shape == WireShape::Documentation;
    let (started, updated) = match is_documented {
        true => ("startTime", "lastUpdated"),
        false => ("startedAt", "lastUpdateTime"),
    };
    // The documentation knows no blob that waits, and its description no address.
    let state = match (&status.state, is_documented) {
        (BlobState::Queued, true) => BlobState::InProgress.to_string(),
        (state, _) => state.to_string(),
    };
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let mut written = Map::new();
    put(
        &mut written,
        "sourceId",
        status.source_id.map(|id| id.to_string().into()),
    );
    put(
        &mut written,
        "url",
        text(&status.address).filter(|_| is_documented),
    );
    put(&mut written, "status", Some(state.into()));
    put(&mut written, started, status.started.map(moment));
    put(&mut written, updated, status.updated.map(moment));
    put(&mut written, "errorCode", text(&status.error_code));
    put(&mut written, "failureStatus", text(&status.failure_status));
    put(&mut written, "details", text(&status.details));
    Value::Object(written)
}

fn moment(at: Timestamp) -> Value {
    at.to_string().into()
}

fn put(written: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        written.insert(name.to_owned(), value);
    }
}
