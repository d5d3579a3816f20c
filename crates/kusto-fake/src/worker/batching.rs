//! Batches of queued sources, which wait until the batching policy of their table seals them.

use std::collections::BTreeMap;

use kusto_ingest_core::Timestamp;
use kusto_ingest_message::{DecodedMessage, IngestionMessage};

use crate::FakeKusto;
use crate::catalog::BatchingPolicy;

/// The batches that are open, by database and table.
#[derive(Default)]
pub(crate) struct Batches(BTreeMap<(String, String), Batch>);

/// Messages that wait, with the text of each.
struct Batch {
    messages: Vec<String>,
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
    fn take_due(&mut self, now: Timestamp) -> Option<Vec<String>> {
        let due = self.0.iter().find(|(_, batch)| batch.seals() <= now);
        let key = due.map(|(key, _)| key.clone())?;
        self.0.remove(&key).map(|batch| batch.messages)
    }
}

impl FakeKusto {
    /// Puts a message into the batch of its table, and tells the messages that are to be worked on now: none, all of a batch
    /// that is sealed by it, or the message alone where there is no batching.
    ///
    /// A table whose policy nobody has set, nor that of its database, has none: its sources do not wait. Neither does one
    /// that is ingested by a tag, nor one whose size nobody has told: the service does not put them into batches.
    pub(super) fn batched(&self, text: &str) -> Vec<String> {
        let alone = || vec![text.to_owned()];
        let Ok(message) = IngestionMessage::decode(text) else {
            return alone();
        };
        let mut state = self.state();
        let key = (message.database.to_lowercase(), message.table.clone());
        let policy = state.catalog.batching(&message.database, &message.table);
        let Some(policy) = policy.filter(|_| may_wait(&message)) else {
            return alone();
        };
        let now = self.now();
        let batch = state.batches.0.entry(key.clone()).or_insert_with(|| Batch {
            messages: Vec::new(),
            bytes: 0,
            opened: now,
            policy,
        });
        batch.policy = policy;
        batch.messages.push(text.to_owned());
        batch.bytes += message.raw_size.unwrap_or_default();
        let is_sealed = message.flush_immediately || batch.is_full();
        match is_sealed {
            true => state
                .batches
                .0
                .remove(&key)
                .map_or_else(Vec::new, |batch| batch.messages),
            false => Vec::new(),
        }
    }

    /// The messages of a batch whose time has come.
    pub(super) fn due_batch(&self) -> Option<Vec<String>> {
        let now = self.now();
        self.state().batches.take_due(now)
    }

    /// When the next batch is sealed by its time; `None` where none is open.
    #[must_use]
    pub fn next_seal(&self) -> Option<Timestamp> {
        self.state().batches.next_seal()
    }
}

fn may_wait(message: &DecodedMessage) -> bool {
    let Ok(properties) = message.properties() else {
        return false;
    };
    let is_by_tag = !properties.ingest_by_tags.is_empty() || !properties.ingest_if_not_exists.is_empty();
    message.raw_size.is_some() && !is_by_tag
}
