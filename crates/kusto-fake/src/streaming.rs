//! This Kusto as an engine that data is streamed into.

use std::io::{self, Read};

use async_trait::async_trait;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use kusto_endpoint::{StreamingData, StreamingEndpoint, StreamingOutcome, StreamingRequest};
use kusto_ingest_core::{
    BlobSource, BlobUri, DatabaseName, Error, ErrorKind, IngestionMapping, IngestionProperties, Result,
    TableName,
};
use kusto_storage::ResourceUri;

use crate::worker::{IngestionKind, Outcome, load_blob, load_bytes};
use crate::{FakeKusto, RequestKind, ResourcePath};

/// How gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The most bytes of a request.
const LARGEST: usize = 10 * 1024 * 1024;

/// The most bytes of data in a request, whatever it was compressed to.
const LARGEST_DATA: u64 = 4 * 1024 * 1024;

impl FakeKusto {
    fn stream(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        if !self.takes_streams(database, table)? {
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
                Err(too_large("the request is too large"))
            }
            StreamingData::Bytes(bytes) if is_beyond(std::slice::from_ref(bytes), LARGEST_DATA) => {
                Err(too_large("the request has more than 4 MiB of data"))
            }
            StreamingData::Bytes(bytes) => load_bytes(self, &properties, bytes),
            StreamingData::Blob(blob) if self.is_large(blob) => {
                Err(too_large("the blob has more than 4 MiB of data"))
            }
            StreamingData::Blob(blob) => load_blob(
                self,
                &properties,
                &BlobSource::new(blob.clone()),
                None,
                IngestionKind::Direct,
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

impl FakeKusto {
    /// Whether a table takes streamed data: as its policy says, or that of its database; it does where nobody has said so.
    fn takes_streams(&self, database: &DatabaseName, table: &TableName) -> Result<bool> {
        let mut state = self.state();
        let of_table = state
            .catalog
            .table(database.as_str(), table.as_str())?
            .policies
            .streams();
        let of_database = state.catalog.database(database.as_str())?.policies.streams();
        Ok(of_table.or(of_database).unwrap_or(true))
    }

    /// Whether a blob has more data than may be streamed. What cannot be found is told when it is loaded.
    fn is_large(&self, blob: &BlobUri) -> bool {
        let Ok((container, name)) = ResourceUri::of_blob(blob) else {
            return false;
        };
        let stored = self
            .storage()
            .blob(&ResourcePath::from(&container), name.as_str());
        stored.is_ok_and(|stored| is_beyond(&stored.chunks, LARGEST_DATA))
    }
}

/// Whether data, uncompressed, is more than so many bytes. It is read no further than that.
fn is_beyond(chunks: &[Bytes], most: u64) -> bool {
    let length: u64 = chunks.iter().map(|chunk| chunk.len() as u64).sum();
    let is_gzip = chunks.first().is_some_and(|first| first.starts_with(&GZIP));
    // Gzip adds a little to what cannot be compressed, and no more.
    if !is_gzip || length > most + most / 64 {
        return length > most;
    }
    let packed = chunks.concat();
    let mut data = MultiGzDecoder::new(&*packed).take(most + 1);
    // What is no gzip is told when it is decoded.
    io::copy(&mut data, &mut io::sink()).is_ok_and(|read| read > most)
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

fn too_large(why: &'static str) -> Error {
    Error::new(ErrorKind::SizeLimitExceeded, "stream the data")
        .because(why)
        .with_code("Stream_InputStreamTooLarge")
        .with_http_status(413)
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
