//! Batches of queued sources, by the batching policy of their table.

use std::collections::BTreeMap;

use kusto_ingest_core::Timestamp;
use kusto_ingest_message::DecodedMessage;

use crate::catalog::BatchingPolicy;
use crate::queued_service::QueuedSource;

/// The batches that are open, by database and table.
#[derive(Default)]
pub(crate) struct Batches(BTreeMap<(String, String), Batch>);

/// Messages that wait.
struct Batch {
    messages: Vec<QueuedSource>,
    /// Of uncompressed data.
    bytes: u64,
    opened: Timestamp,
    policy: BatchingPolicy,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.messages.len() >= self.policy.items || self.bytes >= self.policy.bytes
    }

    fn seals(&self) -> Timestamp {
        self.opened + self.policy.time
    }
}

impl Batches {
    /// How many messages wait in all batches.
    pub(crate) fn waiting(&self) -> usize {
        self.0.values().map(|batch| batch.messages.len()).sum()
    }

    /// When the next batch is sealed by its time.
    pub(crate) fn next_seal(&self) -> Option<Timestamp> {
        self.0.values().map(Batch::seals).min()
    }

    /// Takes the messages of a batch whose time has come.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Vec<QueuedSource>> {
        let due = self.0.iter().find(|(_, batch)| batch.seals() <= now);
        let key = due.map(|(key, _)| key.clone())?;
        self.0.remove(&key).map(|batch| batch.messages)
    }

    /// Puts a message into the batch of its table, and gives the messages of the batch where it is sealed by that.
    pub(crate) fn put(
        &mut self,
        source: QueuedSource,
        message: &DecodedMessage,
        policy: BatchingPolicy,
        now: Timestamp,
    ) -> Vec<QueuedSource> {
        let key = (message.database.to_lowercase(), message.table.clone());
        let batch = self.0.entry(key.clone()).or_insert_with(|| Batch {
            messages: Vec::new(),
            bytes: 0,
            opened: now,
            policy,
        });
        batch.policy = policy;
        batch.messages.push(source);
        batch.bytes += message.raw_size.unwrap_or_default();
        match message.flush_immediately || batch.is_full() {
            true => self.0.remove(&key).map_or_else(Vec::new, |batch| batch.messages),
            false => Vec::new(),
        }
    }
}
