//! Puts queued messages into batches, and takes the batches that are sealed.

use kusto_ingest_core::Timestamp;
use kusto_ingest_message::{DecodedMessage, IngestionMessage};

use crate::FakeKusto;
use crate::queued_service::QueuedSource;

impl FakeKusto {
    /// Puts a message into the batch of its table, and tells the messages that are to be worked on now: none, all of a batch
    /// that is sealed by it, or the message alone where there is no batching.
    ///
    /// A table whose policy nobody has set, nor that of its database, has none: its sources do not wait. Neither does one
    /// that is ingested by a tag, nor one whose size nobody has told: the service does not put them into batches.
    pub(super) fn batched(&self, source: QueuedSource) -> Vec<QueuedSource> {
        let Ok(message) = IngestionMessage::decode(&source.text) else {
            return vec![source];
        };
        let mut state = self.state();
        let policy = state.catalog.batching(&message.database, &message.table);
        match policy.filter(|_| may_wait(&message)) {
            Some(policy) => {
                state.note_change();
                state.queued.batched(source.id);
                state.batches.put(source, &message, policy, self.now())
            }
            None => vec![source],
        }
    }

    /// The messages of a batch whose time has come.
    pub(super) fn due_batch(&self) -> Option<Vec<QueuedSource>> {
        let now = self.now();
        self.state().batches.take_due(now)
    }

    /// When the next batch is sealed by its time; `None` where none is open.
    #[must_use]
    pub fn next_seal(&self) -> Option<Timestamp> {
        self.state().batches.next_seal()
    }

    /// When there is more to [drain](Self::drain): the next hidden message becomes visible, or a batch is sealed by its time.
    /// `None` where there is neither.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let (queues, seal) = {
            let state = self.state();
            (state.ready_queues(), state.batches.next_seal())
        };
        let visible = queues
            .iter()
            .filter_map(|queue| self.storage().next_visible(queue));
        visible.chain(seal).min()
    }
}

fn may_wait(message: &DecodedMessage) -> bool {
    let Ok(properties) = message.properties() else {
        return false;
    };
    let is_by_tag = !properties.ingest_by_tags.is_empty() || !properties.ingest_if_not_exists.is_empty();
    message.raw_size.is_some() && !is_by_tag
}
