//! A cluster with two queues of failures and one of successes, and routers that look into them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_fake::{MemoryStorage, MessageWrite, ResourcePath};
use kusto_ingest_core::{Clock, ManualClock, Result, SourceId, Timestamp};
use kusto_ingest_message::{
    FailureNotification, IdentityToken, IngestionErrorCode, OperationStatus, StatusRecord,
    SuccessNotification,
};
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_status::{StatusRouter, Watch};
use kusto_storage::{
    MessageHandle, Operation, PeekedMessage, QueueStore, ReceivedMessage, ResourceKind, ResourceUri,
};

pub(crate) const VISIBILITY: Duration = Duration::from_secs(5);

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) storage: MemoryStorage,
    pub(crate) queues: Queues,
}

pub(crate) fn queue(name: &str) -> ResourceUri {
    let address = format!("https://a.queue.core.windows.net/{name}?sv=1&sig=SECRET");
    ResourceUri::parse(&address).expect("the test's address is one")
}

fn issued() -> IngestionResources {
    IngestionResources::empty()
        .with_failure_queues(["f1", "f2"].map(queue))
        .with_success_queues([queue("ok")])
}

impl World {
    /// A world whose time passes when everybody waits for it.
    pub(crate) fn new() -> Self {
        Self::with_clock(ManualClock::advancing(Timestamp::UNIX_EPOCH))
    }

    pub(crate) fn with_clock(clock: ManualClock) -> Self {
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let storage = MemoryStorage::new(shared);
        for name in ["f1", "f2", "ok"] {
            storage
                .issue(ResourceKind::Queue, &queue(name))
                .expect("each is issued once");
        }
        let queues = Queues {
            storage: storage.clone(),
            stuck: Arc::default(),
        };
        Self {
            clock,
            storage,
            queues,
        }
    }

    pub(crate) fn router(&self) -> StatusRouter {
        self.router_where(issued())
    }

    pub(crate) fn router_where(&self, issued: IngestionResources) -> StatusRouter {
        let resources = FixedResources::new(issued, IdentityToken::parse("T").expect("it is not blank"));
        let clock = Arc::new(self.clock.clone());
        StatusRouter::new(Arc::new(self.queues.clone()), Arc::new(resources), clock)
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        self.storage
            .put_message(&ResourcePath::from(&queue(name)), text, MessageWrite::new())
            .expect("the queue is there");
    }

    /// The service reports a success.
    pub(crate) fn succeeds(&self, source: SourceId) {
        let mut success = SuccessNotification::default();
        success.source_id = Some(source);
        self.put("ok", &success.encode());
    }

    /// The service reports a failure, into one of its queues.
    pub(crate) fn fails(&self, name: &str, source: SourceId) {
        let mut failure = FailureNotification::default();
        failure.source_id = Some(source);
        failure.error_code = Some(IngestionErrorCode::BadRequestEmptyBlob);
        self.put(name, &failure.encode());
    }

    /// Reports about so many sources that nobody here watches.
    pub(crate) fn foreign(&self, count: usize) {
        for _ in 0..count {
            self.succeeds(SourceId::random());
        }
    }

    pub(crate) fn left(&self, name: &str) -> usize {
        self.storage.message_count(&ResourcePath::from(&queue(name)))
    }

    /// How many can be seen, up to the 32 that one request shows.
    pub(crate) fn visible(&self, name: &str) -> usize {
        let seen = self.storage.peek_messages(&ResourcePath::from(&queue(name)), 32);
        seen.expect("the queue is there").len()
    }

    pub(crate) fn passed(&self) -> Duration {
        self.clock.now().since(Timestamp::UNIX_EPOCH)
    }

    pub(crate) fn deleted(&self) -> u64 {
        self.storage.request_count(Operation::DeleteMessage)
    }

    pub(crate) fn received(&self) -> u64 {
        self.storage.request_count(Operation::ReceiveMessages)
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
