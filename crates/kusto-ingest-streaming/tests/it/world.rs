//! The streaming client over an endpoint for tests, and the sources and failures that tests share.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use kusto_endpoint::{ScriptedStreaming, StreamingData, StreamingRequest};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::{clock, source_id};
use kusto_ingest_core::{
    BlobSource, Clock, DataFormat, Error, ErrorKind, IngestClient, IngestionProperties, LocalSource,
    ManualClock, Receipt, Result, Source,
};
use kusto_ingest_streaming::StreamingIngestClient;

pub(crate) struct World {
    pub(crate) client: StreamingIngestClient,
    pub(crate) engine: ScriptedStreaming,
    clock: ManualClock,
}

impl World {
    pub(crate) fn new() -> Self {
        let (engine, clock) = (ScriptedStreaming::new(), clock());
        let client = StreamingIngestClient::new(
            Arc::new(engine.clone()),
            Arc::new(InlineCompressor::new()),
            Arc::new(clock.clone()),
        );
        Self {
            client,
            engine,
            clock,
        }
    }

    pub(crate) fn answering(errors: impl IntoIterator<Item = Error>) -> Self {
        let world = Self::new();
        errors.into_iter().for_each(|error| world.engine.once(Err(error)));
        world
    }

    pub(crate) fn ingest(
        &self,
        source: impl Into<Source>,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        block_on(self.client.ingest_source(source.into(), properties))
    }

    pub(crate) fn requests(&self) -> Vec<StreamingRequest> {
        let received = self.engine.received();
        received.into_iter().map(|streamed| streamed.request).collect()
    }

    pub(crate) fn only_request(&self) -> StreamingRequest {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }

    pub(crate) fn waited(&self) -> Duration {
        self.clock.monotonic()
    }
}

pub(crate) fn csv() -> IngestionProperties {
    let properties = IngestionProperties::into_table("D", "T/1 x").expect("these are names");
    properties.with_format(DataFormat::Csv)
}

pub(crate) fn bytes(text: &'static str) -> LocalSource {
    LocalSource::from_bytes(text).with_id(source_id())
}

pub(crate) fn blob(address: &str) -> BlobSource {
    let blob = BlobSource::parse(address).expect("it is an address");
    blob.with_id(source_id())
}

pub(crate) fn body(request: &StreamingRequest) -> Vec<u8> {
    match &request.data {
        StreamingData::Bytes(bytes) => bytes.to_vec(),
        StreamingData::Blob(blob) => panic!("{blob} is no data"),
    }
}

pub(crate) fn busy() -> Error {
    Error::new(ErrorKind::Unavailable, "stream the data").with_http_status(503)
}

pub(crate) fn lost() -> Error {
    Error::new(ErrorKind::OutcomeUnknown, "stream the data").because("the answer was lost")
}

pub(crate) fn wrong() -> Error {
    Error::new(ErrorKind::Rejected, "stream the data").with_http_status(400)
}
