//! A Kusto in memory, and everything that stands on it.

use std::sync::Arc;

use bytes::Bytes;
use kusto_fake::{FakeKusto, IssuedResources, MemoryStorage, ResourcePath, testing};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::{BlobUri, ManualClock};
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_status::TableStatusTracker;
use kusto_ingest_upload::ContainerUploader;
use kusto_storage::ResourceUri;

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) kusto: FakeKusto,
    pub(crate) storage: MemoryStorage,
    pub(crate) issued: IssuedResources,
    resources: Arc<FixedResources>,
}

impl World {
    pub(crate) fn new() -> Self {
        let (kusto, clock) = testing::kusto();
        let issued = kusto.issued_resources().expect("good addresses");
        let resources = IngestionResources::empty()
            .with_containers(issued.containers.clone())
            .with_queues(issued.queues.clone())
            .with_status_tables([issued.status_table.clone()]);
        Self {
            storage: kusto.storage().clone(),
            resources: Arc::new(FixedResources::new(resources, kusto.identity_token())),
            clock,
            kusto,
            issued,
        }
    }

    /// Small blocks, so that the suite sees blobs of one request and of several.
    pub(crate) fn uploader(&self) -> ContainerUploader {
        let blobs = Arc::new(self.storage.clone());
        let compressor = Arc::new(InlineCompressor::new());
        ContainerUploader::new(self.resources.clone(), blobs, compressor, self.clock())
            .with_block_size(100_000)
    }

    pub(crate) fn tracker(&self) -> TableStatusTracker {
        TableStatusTracker::new(
            Arc::new(self.storage.clone()),
            self.resources.clone(),
            self.clock(),
        )
    }

    pub(crate) fn client(&self) -> QueuedIngestClient {
        let queues = Arc::new(self.storage.clone());
        let uploader = Arc::new(self.uploader());
        QueuedIngestClient::new(self.resources.clone(), uploader, queues, self.clock())
    }

    /// The bytes of a blob, as Kusto would read them.
    pub(crate) fn read(&self, blob: &BlobUri) -> Option<Bytes> {
        let (container, name) = blob.redacted().rsplit_once('/')?;
        let container = ResourceUri::parse(container).ok()?;
        let blob = self.storage.blob(&ResourcePath::from(&container), name).ok()?;
        Some(blob.bytes())
    }

    fn clock(&self) -> Arc<ManualClock> {
        Arc::new(self.clock.clone())
    }
}
