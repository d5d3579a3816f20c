//! The queues into which a cluster reports what became of sources: some of failures, and one of successes.

use kusto_fake::testing::{address, storage_at};
use kusto_fake::{MemoryStorage, MessageWrite, ResourcePath};
use kusto_ingest_core::ManualClock;
use kusto_ingest_resources::IngestionResources;
use kusto_storage::{ResourceKind, ResourceUri};

pub(crate) struct ReportQueues {
    pub(crate) clock: ManualClock,
    pub(crate) storage: MemoryStorage,
}

pub(crate) fn queue(name: &str) -> ResourceUri {
    address(ResourceKind::Queue, "a", name)
}

/// These queues of failures, and "ok" for successes.
pub(crate) fn issued(failures: &[&str]) -> IngestionResources {
    IngestionResources::empty()
        .with_failure_queues(failures.iter().map(|name| queue(name)))
        .with_success_queues([queue("ok")])
}

impl ReportQueues {
    pub(crate) fn new(clock: ManualClock, failures: &[&str]) -> Self {
        let (storage, clock) = storage_at(clock);
        for name in failures.iter().chain(&["ok"]) {
            let issued = storage.issue(ResourceKind::Queue, &queue(name));
            issued.expect("each is issued once");
        }
        Self { clock, storage }
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        let put = self
            .storage
            .put_message(&ResourcePath::from(&queue(name)), text, MessageWrite::new());
        put.expect("the queue is there");
    }

    pub(crate) fn left(&self, name: &str) -> usize {
        self.storage.message_count(&ResourcePath::from(&queue(name)))
    }

    /// How many can be seen, up to the 32 that one request shows.
    pub(crate) fn visible(&self, name: &str) -> usize {
        let seen = self.storage.peek_messages(&ResourcePath::from(&queue(name)), 32);
        seen.expect("the queue is there").len()
    }
}
