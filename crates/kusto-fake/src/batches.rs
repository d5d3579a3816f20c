//! Batches of queued sources, by the batching policy of their table.

use std::collections::BTreeMap;

use kusto_ingest_core::Timestamp;
use kusto_ingest_message::DecodedMessage;
use uuid::Uuid;

use crate::catalog::BatchingPolicy;
use crate::changes::{Change, ChangeRecord, SavedSource};
use crate::queued_service::QueuedSource;

/// The batches that are open, by database and table, and what is left of those that are sealed.
#[derive(Default)]
pub(crate) struct Batches {
    open: BTreeMap<(String, String), Batch>,
    /// What was taken out of a batch and is not yet [done](Self::done).
    sealed: BTreeMap<Uuid, QueuedSource>,
    /// What a log kept of batches: it is sealed.
    restored: Vec<QueuedSource>,
    /// What a log is still to be told; `None` where there is none.
    changes: Option<Vec<ChangeRecord>>,
}

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
    /// How many messages wait in all batches, or are worked on since their batch was sealed.
    pub(crate) fn waiting(&self) -> usize {
        let open = self.open.values().map(|batch| batch.messages.len());
        open.sum::<usize>() + self.restored.len() + self.sealed.len()
    }

    /// When the next batch is sealed by its time.
    pub(crate) fn next_seal(&self) -> Option<Timestamp> {
        let restored = self.restored.first().map(|_| Timestamp::UNIX_EPOCH);
        self.open.values().map(Batch::seals).chain(restored).min()
    }

    /// Takes the messages of a batch whose time has come.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Vec<QueuedSource>> {
        if !self.restored.is_empty() {
            let restored = std::mem::take(&mut self.restored);
            return Some(self.seal(restored));
        }
        let due = self.open.iter().find(|(_, batch)| batch.seals() <= now);
        let key = due.map(|(key, _)| key.clone())?;
        let batch = self.open.remove(&key)?;
        Some(self.seal(batch.messages))
    }

    /// Puts a message into the batch of its table, and gives the messages of the batch where it is sealed by that.
    pub(crate) fn put(
        &mut self,
        queued: QueuedSource,
        message: &DecodedMessage,
        policy: BatchingPolicy,
        now: Timestamp,
    ) -> Vec<QueuedSource> {
        if let Some(changes) = &mut self.changes {
            changes.push(queued.record());
        }
        let key = (message.database.to_lowercase(), message.table.clone());
        let batch = self.open.entry(key.clone()).or_insert_with(|| Batch {
            messages: Vec::new(),
            bytes: 0,
            opened: now,
            policy,
        });
        batch.policy = policy;
        batch.messages.push(queued);
        batch.bytes = batch.bytes.saturating_add(message.raw_size.unwrap_or_default());
        if !message.flush_immediately && !batch.is_full() {
            return Vec::new();
        }
        let batch = self.open.remove(&key);
        batch.map_or_else(Vec::new, |batch| self.seal(batch.messages))
    }

    fn seal(&mut self, messages: Vec<QueuedSource>) -> Vec<QueuedSource> {
        self.sealed
            .extend(messages.iter().map(|queued| (queued.id, queued.clone())));
        messages
    }

    /// Notes that a message was worked on, if it is one of a batch.
    pub(crate) fn done(&mut self, id: Uuid) {
        self.restored.retain(|queued| queued.id != id);
        if self.sealed.remove(&id).is_some()
            && let Some(changes) = &mut self.changes
        {
            changes.push(ChangeRecord::new(Change::SourceGone(id)));
        }
    }

    /// Notes changes from now on.
    pub(crate) fn note_changes(&mut self) {
        self.changes.get_or_insert_default();
    }

    /// Notes all messages as they are.
    pub(crate) fn note_all(&mut self) {
        if let Some(mut changes) = self.changes.take() {
            changes.clear();
            changes.extend(self.all().map(QueuedSource::record));
            self.changes = Some(changes);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        let gone: Vec<ChangeRecord> = self
            .ids()
            .into_iter()
            .map(Change::SourceGone)
            .map(ChangeRecord::new)
            .collect();
        let changes = self.changes.take();
        *self = Self {
            changes: changes.map(|mut changes| {
                changes.extend(gone);
                changes
            }),
            ..Self::default()
        };
    }

    pub(crate) fn take_changes(&mut self) -> Vec<ChangeRecord> {
        self.changes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Puts a message back. Its batch is sealed: that of before ended with its Kusto.
    pub(crate) fn restore(&mut self, saved: SavedSource) {
        let source = QueuedSource::saved(saved);
        // One that was named over REST is told anew when it comes into a batch.
        if !self.restored.iter().any(|known| known.id == source.id) {
            self.restored.push(source);
        }
    }

    /// The identities of all messages.
    pub(crate) fn ids(&self) -> Vec<Uuid> {
        self.all().map(|queued| queued.id).collect()
    }

    fn all(&self) -> impl Iterator<Item = &QueuedSource> {
        let open = self.open.values().flat_map(|batch| &batch.messages);
        open.chain(self.sealed.values()).chain(&self.restored)
    }
}
