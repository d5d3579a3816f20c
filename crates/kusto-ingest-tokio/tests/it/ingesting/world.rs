//! A queued client over a storage in memory, and one that answers as it is told.

use std::sync::Arc;

use kusto_fake::testing::{issue, storage};
use kusto_fake::{MemoryStorage, ResourcePath};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::receipt;
use kusto_ingest_core::{MockIngestClient, NoRetry, ReceiptState};
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_upload::ContainerUploader;
use kusto_storage::ResourceKind;

/// A queued client over a storage in memory.
pub(crate) fn queued() -> (QueuedIngestClient, MemoryStorage) {
    let (storage, clock) = storage();
    let clock = Arc::new(clock);
    let issued = IngestionResources::empty()
        .with_queues([issue(&storage, ResourceKind::Queue, "a", "q")])
        .with_containers([issue(&storage, ResourceKind::Container, "a", "c")]);
    let resources = Arc::new(FixedResources::issuing(issued));
    let (blobs, gzip) = (Arc::new(storage.clone()), Arc::new(InlineCompressor::new()));
    let uploader = ContainerUploader::new(resources.clone(), blobs, gzip, clock.clone());
    let queues = Arc::new(storage.clone());
    let client = QueuedIngestClient::new(resources, Arc::new(uploader), queues, clock);
    (client.with_post_retry(Arc::new(NoRetry)), storage)
}

pub(crate) fn messages(storage: &MemoryStorage) -> usize {
    let queue = storage.peek_messages(&ResourcePath::new("a", "q"), 32);
    queue.expect("the queue is there").len()
}

/// A client whose receipts say this.
pub(crate) fn answering(state: ReceiptState) -> MockIngestClient {
    let mut client = MockIngestClient::new();
    client
        .expect_ingest_source()
        .returning(move |source, properties| Ok(receipt(&source, properties, state.clone())));
    client
}

/// A client that a test does not let do anything.
pub(crate) fn untouched() -> MockIngestClient {
    let mut client = MockIngestClient::new();
    client.expect_ingest_source().never();
    client
}
