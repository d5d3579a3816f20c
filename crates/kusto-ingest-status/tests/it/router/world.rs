//! A cluster with two queues of failures and one of successes, and routers that look into them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_fake::MemoryStorage;
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{Clock, ManualClock, Result, SourceId, Timestamp};
use kusto_ingest_message::{
    FailureNotification, IngestionErrorCode, OperationStatus, StatusRecord, SuccessNotification,
};
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_status::{StatusRouter, Watch};
use kusto_storage::{MessageHandle, Operation, PeekedMessage, QueueStore, ReceivedMessage, ResourceUri};

use crate::report_queues::{ReportQueues, issued};

pub(crate) const VISIBILITY: Duration = Duration::from_secs(5);

pub(crate) struct World {
    pub(crate) reports: ReportQueues,
    pub(crate) queues: Queues,
}

const FAILURES: [&str; 2] = ["f1", "f2"];

impl World {
    /// A world whose time passes when everybody waits for it.
    pub(crate) fn new() -> Self {
        Self::with_clock(clock())
    }

    pub(crate) fn with_clock(clock: ManualClock) -> Self {
        let reports = ReportQueues::new(clock, &FAILURES);
        let queues = Queues {
            storage: reports.storage.clone(),
            stuck: Arc::default(),
        };
        Self { reports, queues }
    }

    pub(crate) fn router(&self) -> StatusRouter {
        self.router_where(issued(&FAILURES))
    }

    pub(crate) fn router_where(&self, issued: IngestionResources) -> StatusRouter {
        let (resources, clock) = (FixedResources::issuing(issued), self.reports.clock.clone());
        StatusRouter::new(
            Arc::new(self.queues.clone()),
            Arc::new(resources),
            Arc::new(clock),
        )
    }

    /// The service reports a success.
    pub(crate) fn succeeds(&self, source: SourceId) {
        let mut success = SuccessNotification::default();
        success.source_id = Some(source);
        self.reports.put("ok", &success.encode());
    }

    /// The service reports a failure, into one of its queues.
    pub(crate) fn fails(&self, name: &str, source: SourceId) {
        let mut failure = FailureNotification::default();
        failure.source_id = Some(source);
        failure.error_code = Some(IngestionErrorCode::BadRequestEmptyBlob);
        self.reports.put(name, &failure.encode());
    }

    /// Reports about so many sources that nobody here watches.
    pub(crate) fn foreign(&self, count: usize) {
        for _ in 0..count {
            self.succeeds(SourceId::random());
        }
    }

    pub(crate) fn passed(&self) -> Duration {
        self.reports.clock.now().since(Timestamp::UNIX_EPOCH)
    }

    pub(crate) fn deleted(&self) -> u64 {
        self.reports.storage.request_count(Operation::DeleteMessage)
    }

    pub(crate) fn received(&self) -> u64 {
        self.reports.storage.request_count(Operation::ReceiveMessages)
    }
}

/// A watch that ends when nothing comes, so that a test does.
pub(crate) fn watch(router: &StatusRouter, source: SourceId) -> Watch {
    router.watch(source).with_limit(Duration::from_secs(60 * 60))
}

/// What comes of one source that a router watches.
pub(crate) fn outcome(router: &StatusRouter, source: SourceId) -> StatusRecord {
    block_on(watch(router, source).outcome()).expect("a report comes")
}

pub(crate) fn sources(count: usize) -> Vec<SourceId> {
    (0..count).map(|_| SourceId::random()).collect()
}

pub(crate) fn is_success_of(record: &StatusRecord, source: SourceId) -> bool {
    record.status == OperationStatus::Succeeded && record.source_id == Some(source)
}

/// The queues of the storage; deletions that are stuck are never done, and never answered.
#[derive(Clone, Debug)]
pub(crate) struct Queues {
    storage: MemoryStorage,
    stuck: Arc<AtomicBool>,
}

impl Queues {
    pub(crate) fn deletions_are_stuck(&self, stuck: bool) {
        self.stuck.store(stuck, Ordering::Relaxed);
    }
}

#[async_trait]
impl QueueStore for Queues {
    async fn put(&self, queue: &ResourceUri, text: &str) -> Result<()> {
        QueueStore::put(&self.storage, queue, text).await
    }

    async fn peek(&self, queue: &ResourceUri, max: u8) -> Result<Vec<PeekedMessage>> {
        self.storage.peek(queue, max).await
    }

    async fn receive(&self, queue: &ResourceUri, max: u8, hidden: Duration) -> Result<Vec<ReceivedMessage>> {
        self.storage.receive(queue, max, hidden).await
    }

    async fn delete(&self, queue: &ResourceUri, message: &MessageHandle) -> Result<()> {
        if self.stuck.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        QueueStore::delete(&self.storage, queue, message).await
    }

    async fn clear(&self, queue: &ResourceUri) -> Result<()> {
        self.storage.clear(queue).await
    }
}
