//! An endpoint that answers as it is told, storage in memory, and a client over both.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::executor::block_on;
use futures::future::join_all;
use kusto_endpoint::{IngestionConfiguration, IngestionMethod, ScriptedQueued};
use kusto_fake::testing::{issue, storage};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::{
    DataFormat, IngestClient, IngestionProperties, LocalSource, ManualClock, Receipt, ReceiptState, Result,
    Source,
};
use kusto_ingest_resources::ConfigurationManager;
use kusto_ingest_rest::RestIngestClient;
use kusto_ingest_upload::ContainerUploader;
use kusto_storage::ResourceKind;

pub(crate) struct World {
    pub(crate) client: RestIngestClient,
    pub(crate) endpoint: ScriptedQueued,
    pub(crate) clock: ManualClock,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::offering(|offered| offered)
    }

    /// A service that offers this beside its container.
    pub(crate) fn offering(set: impl FnOnce(IngestionConfiguration) -> IngestionConfiguration) -> Self {
        let (storage, clock) = storage();
        let container = issue(&storage, ResourceKind::Container, "a", "issued");
        let offered = IngestionConfiguration::new()
            .with_containers([container.expose().as_str()])
            .with_preferred_ingestion(IngestionMethod::Rest);
        let endpoint = ScriptedQueued::new(set(offered));
        let shared = Arc::new(clock.clone());
        let configuration = ConfigurationManager::new(Arc::new(endpoint.clone()), shared.clone());
        let issued = Arc::new(configuration.clone());
        let compressor = Arc::new(InlineCompressor::new());
        let uploader = ContainerUploader::new(issued, Arc::new(storage), compressor, shared.clone());
        let client = RestIngestClient::new(
            Arc::new(endpoint.clone()),
            configuration,
            Arc::new(uploader),
            shared,
        );
        Self {
            client: client.with_address("https://ingest-c.kusto.windows.net/"),
            endpoint,
            clock,
        }
    }

    pub(crate) fn ingest(&self, source: impl Into<Source>) -> Result<Receipt> {
        block_on(self.client.ingest_source(source.into(), &properties()))
    }

    /// So many sources at once.
    pub(crate) fn ingest_many(&self, count: usize) -> Vec<Result<Receipt>> {
        let properties = properties();
        let each = (0..count).map(|_| self.client.ingest_source(row().into(), &properties));
        block_on(join_all(each))
    }

    /// How many blobs each request named.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let submitted = self.endpoint.submitted();
        submitted.iter().map(|request| request.blobs.len()).collect()
    }
}

pub(crate) fn properties() -> IngestionProperties {
    let properties = IngestionProperties::into_table("D", "T").expect("names");
    properties.with_format(DataFormat::Csv)
}

pub(crate) fn row() -> LocalSource {
    LocalSource::from_bytes(Bytes::from_static(b"1,x\n"))
}

/// Takes everything, as queues do, and remembers what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue(Arc<std::sync::Mutex<QueueScript>>);

#[derive(Debug, Default)]
struct QueueScript {
    taken: Vec<Source>,
    failures: Vec<kusto_ingest_core::Error>,
}

impl Queue {
    pub(crate) fn failing(errors: impl IntoIterator<Item = kusto_ingest_core::Error>) -> Self {
        let queue = Self::default();
        queue.0.lock().expect("one by one").failures.extend(errors);
        queue
    }

    pub(crate) fn taken(&self) -> Vec<Source> {
        self.0.lock().expect("one by one").taken.clone()
    }
}

#[async_trait]
impl IngestClient for Queue {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let mut script = self.0.lock().expect("one by one");
        if let Some(error) = script.failures.pop() {
            return Err(error);
        }
        let (database, table) = (properties.database.clone(), properties.table.clone());
        let receipt = Receipt::new(source.id(), database, table, ReceiptState::Queued);
        script.taken.push(source);
        Ok(receipt)
    }
}
