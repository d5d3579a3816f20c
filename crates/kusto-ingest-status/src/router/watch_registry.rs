//! The watches: which report each waits for, what was delivered to it, and whose turn it is to look. It does no I/O and
//! knows no time.

use std::collections::{BTreeMap, VecDeque};
use std::task::{Context, Poll, Waker};

use kusto_ingest_core::{Error, SourceId};
use kusto_ingest_message::StatusRecord;
use kusto_storage::{MessageHandle, ResourceUri};

/// How many messages are remembered that were delivered and could not be deleted.
const REMEMBERED: usize = 256;

/// The identity of a watch: its source, and its number among all watches.
pub(super) type WatchId = (SourceId, u64);

/// A message, by the address of its queue and its id in there.
pub(super) type MessageKey = (String, String);

/// A report as it was received.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) record: StatusRecord,
    pub(super) queue: ResourceUri,
    pub(super) handle: MessageHandle,
    /// Whether the message has been dealt with, so that only the record is left.
    pub(super) settled: bool,
}

impl Delivery {
    pub(super) fn new(record: StatusRecord, queue: ResourceUri, handle: MessageHandle) -> Self {
        Self {
            record,
            queue,
            handle,
            settled: false,
        }
    }

    fn key(&self) -> MessageKey {
        key(&self.queue, &self.handle.id)
    }
}

pub(super) fn key(queue: &ResourceUri, id: &str) -> MessageKey {
    (queue.redacted().to_owned(), id.to_owned())
}

/// What a received message turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivered {
    /// Somebody's here, to whom it was delivered now.
    Ours,
    /// Somebody's here, to whom it was delivered before, and who has not taken it yet.
    Held,
    /// Ours, and delivered before: it is still to be deleted.
    Again,
    /// Nobody's here.
    Foreign,
}

/// What a waiter does next.
#[derive(Debug)]
pub(super) enum NextStep {
    /// It takes what has come.
    Take(Box<Delivery>),
    /// It gives up: whoever looked for it could not read the queues.
    Fail(Error),
    /// It looks, for itself and all others.
    Look,
}

#[derive(Debug, Default)]
pub(super) struct WatchRegistry {
    /// Every watch that there is, in the order of their making within a source, with what was delivered to it.
    watches: BTreeMap<WatchId, Option<Delivery>>,
    numbered: u64,
    /// What was delivered and is still in its queue: it must not be delivered to another watch.
    held: BTreeMap<MessageKey, WatchId>,
    /// What was delivered and could not be deleted, so that it is deleted when it comes again.
    undeleted: VecDeque<MessageKey>,
    /// Those who wait until somebody looks for them, or until they are to look themselves.
    waiting: BTreeMap<u64, Waker>,
    /// Those of them who were told that the queues cannot be read.
    failed: BTreeMap<u64, Error>,
    /// Whether somebody looks.
    looking: bool,
}

impl WatchRegistry {
    pub(super) fn watch(&mut self, source_id: SourceId) -> WatchId {
        self.numbered += 1;
        let watch_id = (source_id, self.numbered);
        self.watches.insert(watch_id, None);
        watch_id
    }

    /// Forgets a watch. What was delivered to it and not taken stays in the queue, and will come again.
    pub(super) fn forget(&mut self, watch_id: WatchId) {
        if let Some(Some(delivery)) = self.watches.remove(&watch_id) {
            self.held.remove(&delivery.key());
        }
    }

    /// How many watch.
    pub(super) fn watches(&self) -> usize {
        self.watches.len()
    }

    /// Whether somebody looks for all.
    pub(super) fn is_looked_at(&self) -> bool {
        self.looking
    }

    pub(super) fn has(&self, watch_id: WatchId) -> bool {
        matches!(self.watches.get(&watch_id), Some(Some(_)))
    }

    /// Whether a message would be of use here.
    pub(super) fn wants(&self, message: &MessageKey, source_id: Option<SourceId>) -> bool {
        self.undeleted.contains(message) || source_id.is_some_and(|id| self.empty(id).is_some())
    }

    /// Delivers a received report to the oldest watch of its source that has none, and wakes it.
    pub(super) fn deliver(
        &mut self,
        source_id: Option<SourceId>,
        delivery: Delivery,
    ) -> (Delivered, Option<Waker>) {
        let key = delivery.key();
        if self.undeleted.contains(&key) {
            return (Delivered::Again, None);
        }
        if let Some(watch_id) = self.held.get(&key) {
            // It was hidden for too short a time, and nobody has taken it yet: what deletes it is another handle now.
            if let Some(held) = self.watches.get_mut(watch_id) {
                *held = Some(delivery);
            }
            return (Delivered::Held, None);
        }
        let Some(watch_id) = source_id.and_then(|id| self.empty(id)) else {
            return (Delivered::Foreign, None);
        };
        self.watches.insert(watch_id, Some(delivery));
        self.held.insert(key, watch_id);
        (Delivered::Ours, self.waiting.remove(&watch_id.1))
    }

    /// Notes what became of a delivered message: deleted, or still there.
    pub(super) fn settle(&mut self, watch_id: WatchId, deleted: bool) {
        let Some(Some(delivery)) = self.watches.get_mut(&watch_id) else {
            return;
        };
        delivery.settled = true;
        let key = delivery.key();
        self.held.remove(&key);
        if !deleted {
            self.undeleted.push_back(key);
            if self.undeleted.len() > REMEMBERED {
                self.undeleted.pop_front();
            }
        }
    }

    /// Notes that a message which came again is gone now.
    pub(super) fn gone(&mut self, message: &MessageKey) {
        self.undeleted.retain(|key| key != message);
    }

    /// What a waiter does next: it waits, as long as nothing has come and somebody else looks.
    pub(super) fn poll_next_step(&mut self, watch_id: WatchId, context: &Context<'_>) -> Poll<NextStep> {
        if let Some(Some(delivery)) = self.watches.get(&watch_id) {
            return Poll::Ready(NextStep::Take(Box::new(delivery.clone())));
        }
        if let Some(error) = self.failed.remove(&watch_id.1) {
            return Poll::Ready(NextStep::Fail(error));
        }
        if !self.looking {
            self.looking = true;
            return Poll::Ready(NextStep::Look);
        }
        self.waiting.insert(watch_id.1, context.waker().clone());
        Poll::Pending
    }

    /// Ends the waiting of one. If nobody looks, it may have been the one to do so next: another is told.
    pub(super) fn stop_waiting(&mut self, watch_id: WatchId) -> Option<Waker> {
        self.waiting.remove(&watch_id.1);
        self.failed.remove(&watch_id.1);
        if self.looking { None } else { self.next() }
    }

    /// Tells all who wait that the queues cannot be read.
    pub(super) fn fail(&mut self, error: &Error) -> Vec<Waker> {
        let waiting = std::mem::take(&mut self.waiting);
        let told = waiting.keys().map(|number| (*number, error.clone()));
        self.failed.extend(told);
        waiting.into_values().collect()
    }

    /// Ends the looking of one; another is told.
    pub(super) fn stop_looking(&mut self) -> Option<Waker> {
        self.looking = false;
        self.next()
    }

    fn next(&mut self) -> Option<Waker> {
        self.waiting.pop_first().map(|(_, waker)| waker)
    }

    /// The oldest watch of a source that nothing was delivered to.
    fn empty(&self, source_id: SourceId) -> Option<WatchId> {
        let mut of_source = self.watches.range((source_id, 0)..=(source_id, u64::MAX));
        of_source
            .find(|(_, delivery)| delivery.is_none())
            .map(|(watch_id, _)| *watch_id)
    }
}
