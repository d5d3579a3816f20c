//! Two accounts with a queue and a container each, in memory, and a client over them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_fake::testing::{issue, messages_in, storage};
use kusto_fake::{Fault, FaultPlan, MemoryStorage, ResourcePath};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::{IngestClient, IngestionProperties, ManualClock, Receipt, Result, Source};
use kusto_ingest_message::StatusRecord;
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_status::MemoryStatusTracker;
use kusto_ingest_upload::ContainerUploader;
use kusto_storage::{
    MessageHandle, Operation, PeekedMessage, QueueStore, ReceivedMessage, ResourceKind, ResourceUri,
};
use serde_json::Value;

pub(crate) struct World {
    pub(crate) client: QueuedIngestClient,
    pub(crate) clock: ManualClock,
    storage: MemoryStorage,
    tracker: MemoryStatusTracker,
    queues: WatchedQueues,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_resources(&["a", "b"], &["a", "b"])
    }

    pub(crate) fn without_queues() -> Self {
        Self::with_resources(&[], &["a"])
    }

    pub(crate) fn without_containers() -> Self {
        Self::with_resources(&["a"], &[])
    }

    pub(crate) fn with_resources(queues: &[&str], containers: &[&str]) -> Self {
        Self::assembled(queues, containers, None)
    }

    /// Two accounts whose queues are these.
    pub(crate) fn over_queues(store: Arc<dyn QueueStore>) -> Self {
        Self::assembled(&["a", "b"], &["a", "b"], Some(store))
    }

    fn assembled(queues: &[&str], containers: &[&str], store: Option<Arc<dyn QueueStore>>) -> Self {
        let (storage, clock) = storage();
        let clock = Arc::new(clock);
        let each = |kind, accounts: &[&str]| -> Vec<ResourceUri> {
            let issued = accounts
                .iter()
                .map(|account| issue(&storage, kind, account, "issued"));
            issued.collect()
        };
        let issued = IngestionResources::empty()
            .with_queues(each(ResourceKind::Queue, queues))
            .with_containers(each(ResourceKind::Container, containers));
        let resources = Arc::new(FixedResources::issuing(issued));
        let tracker = MemoryStatusTracker::new();
        let queues = WatchedQueues {
            storage: storage.clone(),
            tracker: tracker.clone(),
            rows: Arc::default(),
        };
        let blobs = Arc::new(storage.clone());
        let uploader = ContainerUploader::new(
            resources.clone(),
            blobs,
            Arc::new(InlineCompressor::new()),
            clock.clone(),
        );
        let store = store.unwrap_or_else(|| Arc::new(queues.clone()));
        let client = QueuedIngestClient::new(resources, Arc::new(uploader), store, clock.clone())
            .with_status(Arc::new(tracker.clone()));
        Self {
            client,
            clock: (*clock).clone(),
            storage,
            tracker,
            queues,
        }
    }

    pub(crate) fn ingest(
        &self,
        source: impl Into<Source>,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        block_on(self.client.ingest_source(source.into(), properties))
    }

    /// The messages of all queues, decoded.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let queues = ["a", "b"].map(|account| ResourcePath::new(account, "issued"));
        let messages = queues.iter().flat_map(|queue| messages_in(&self.storage, queue));
        messages.collect()
    }

    pub(crate) fn only_message(&self) -> Value {
        let mut messages = self.messages();
        assert_eq!(messages.len(), 1);
        messages.remove(0)
    }

    pub(crate) fn only_row(&self) -> StatusRecord {
        let mut rows = self.tracker.records();
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    pub(crate) fn storage(&self) -> &MemoryStorage {
        &self.storage
    }

    /// How many status rows there were when each message was put.
    pub(crate) fn rows_at_each_post(&self) -> Vec<usize> {
        self.queues.rows.lock().expect("unpoisoned").clone()
    }

    pub(crate) fn fail_posts(&self, fault: Fault, times: u32) {
        self.storage
            .plan(FaultPlan::new(fault).on(Operation::PutMessage).times(times));
    }

    pub(crate) fn request_count(&self, operation: Operation) -> u64 {
        self.storage.request_count(operation)
    }

    /// All requests to the storage.
    pub(crate) fn requests(&self) -> u64 {
        [
            Operation::PutBlob,
            Operation::StageBlock,
            Operation::CommitBlocks,
            Operation::HeadBlob,
            Operation::GetBlob,
            Operation::PutMessage,
        ]
        .map(|operation| self.storage.request_count(operation))
        .iter()
        .sum()
    }
}

/// The queues of the storage, with a look at the status rows at every post.
#[derive(Clone, Debug)]
struct WatchedQueues {
    storage: MemoryStorage,
    tracker: MemoryStatusTracker,
    rows: Arc<Mutex<Vec<usize>>>,
}

#[async_trait]
impl QueueStore for WatchedQueues {
    async fn put(&self, queue: &ResourceUri, text: &str) -> Result<()> {
        self.rows
            .lock()
            .expect("unpoisoned")
            .push(self.tracker.records().len());
        QueueStore::put(&self.storage, queue, text).await
    }

    async fn peek(&self, queue: &ResourceUri, max: u8) -> Result<Vec<PeekedMessage>> {
        self.storage.peek(queue, max).await
    }

    async fn receive(
        &self,
        queue: &ResourceUri,
        max: u8,
        invisible_for: Duration,
    ) -> Result<Vec<ReceivedMessage>> {
        self.storage.receive(queue, max, invisible_for).await
    }

    async fn delete(&self, queue: &ResourceUri, message: &MessageHandle) -> Result<()> {
        QueueStore::delete(&self.storage, queue, message).await
    }

    async fn clear(&self, queue: &ResourceUri) -> Result<()> {
        self.storage.clear(queue).await
    }
}
