//! This Kusto as an engine that data is streamed into.

use async_trait::async_trait;
use kusto_endpoint::{StreamingData, StreamingEndpoint, StreamingOutcome, StreamingRequest};
use kusto_ingest_core::{
    BlobSource, DatabaseName, Error, ErrorKind, IngestionMapping, IngestionProperties, Result, TableName,
};

use crate::catalog::StreamingPolicy;
use crate::worker::{Outcome, Way, load_blob, load_bytes};
use crate::{FakeKusto, RequestKind};

/// The most bytes of a request.
const LARGEST: usize = 10 * 1024 * 1024;

impl FakeKusto {
    fn stream(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        let policy = self
            .state()
            .catalog
            .table(database.as_str(), table.as_str())?
            .streaming;
        if policy == StreamingPolicy::Disabled {
            return Err(streaming_is_off(table));
        }
        let mut properties =
            IngestionProperties::new(database.clone(), table.clone()).with_format(request.format);
        if let Some(name) = &request.mapping {
            let kind = request.format.mapping_kind();
            properties = properties.with_mapping(IngestionMapping::reference(kind, name.as_str())?);
        }
        let loaded = match &request.data {
            StreamingData::Bytes(bytes) if bytes.is_empty() => {
                Err(refused("Stream_NoDataToIngest", "the request has no data"))
            }
            StreamingData::Bytes(bytes) if bytes.len() > LARGEST => {
                Err(refused("Stream_InputStreamTooLarge", "the request is too large").with_http_status(413))
            }
            StreamingData::Bytes(bytes) => load_bytes(self, &properties, bytes.clone()),
            StreamingData::Blob(blob) => load_blob(
                self,
                &properties,
                &BlobSource::new(blob.clone()),
                None,
                Way::Direct,
            ),
        };
        let records = match loaded.map_err(as_answered)? {
            Outcome::Ingested(extent) => extent.rows,
            Outcome::Skipped => 0,
        };
        Ok(StreamingOutcome::of_records(
            i64::try_from(records).unwrap_or(i64::MAX),
        ))
    }
}

#[async_trait]
impl StreamingEndpoint for FakeKusto {
    /// Every table takes streamed data until `.alter table … policy streamingingestion disable`.
    async fn ingest(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        self.serve(RequestKind::Streaming, || self.stream(database, table, request))
    }
}

fn streaming_is_off(table: &TableName) -> Error {
    Error::new(ErrorKind::Unsupported, "stream the data")
        .because(format!(
            "streaming ingestion policy is not enabled on table {:?}",
            table.as_str()
        ))
        .with_code("BadRequest_StreamingIngestionPolicyNotEnabled")
        .with_http_status(400)
        .with_permanence(true)
}

fn refused(code: &'static str, why: &'static str) -> Error {
    Error::new(ErrorKind::Rejected, "stream the data")
        .because(why)
        .with_code(code)
}

/// What went wrong with the data is the client's fault.
fn as_answered(error: Error) -> Error {
    match (error.http_status(), error.is_permanent()) {
        (None, true) => error.with_http_status(400),
        _ => error,
    }
}
