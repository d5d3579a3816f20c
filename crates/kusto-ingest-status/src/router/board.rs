//! Who waits for which report, what was delivered to whom, and whose turn it is to look: no time passes here, and
//! nothing is asked of anybody.

use std::collections::{BTreeMap, VecDeque};
use std::task::{Context, Poll, Waker};

use kusto_ingest_core::{Error, SourceId};
use kusto_ingest_message::StatusRecord;
use kusto_storage::{MessageHandle, ResourceUri};

/// How many messages are remembered that were delivered and could not be deleted.
const REMEMBERED: usize = 256;

/// Where a watch stands: its source, and its number among all watches.
pub(super) type Seat = (SourceId, u64);

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
pub(super) enum Found {
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
pub(super) enum Turn {
    /// It takes what has come.
    Take(Box<Delivery>),
    /// It gives up: whoever looked for it could not read the queues.
    Fail(Error),
    /// It looks, for itself and all others.
    Look,
}

#[derive(Debug, Default)]
pub(super) struct Board {
    /// Every watch that there is, in the order of their making within a source, with what was delivered to it.
    watches: BTreeMap<Seat, Option<Delivery>>,
    numbered: u64,
    /// What was delivered and is still in its queue: it must not be delivered to another watch.
    held: BTreeMap<MessageKey, Seat>,
    /// What was delivered and could not be deleted, so that it is deleted when it comes again.
    undeleted: VecDeque<MessageKey>,
    /// Those who wait until somebody looks for them, or until they are to look themselves.
    waiting: BTreeMap<u64, Waker>,
    /// Those of them who were told that the queues cannot be read.
    failed: BTreeMap<u64, Error>,
    /// Whether somebody looks.
    looking: bool,
}

impl Board {
    pub(super) fn watch(&mut self, source_id: SourceId) -> Seat {
        self.numbered += 1;
        let seat = (source_id, self.numbered);
        self.watches.insert(seat, None);
        seat
    }

    /// Forgets a watch. What was delivered to it and not taken stays in the queue, and will come again.
    pub(super) fn forget(&mut self, seat: Seat) {
        if let Some(Some(delivery)) = self.watches.remove(&seat) {
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

    pub(super) fn has(&self, seat: Seat) -> bool {
        matches!(self.watches.get(&seat), Some(Some(_)))
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
    ) -> (Found, Option<Waker>) {
        let key = delivery.key();
        if self.undeleted.contains(&key) {
            return (Found::Again, None);
        }
        if let Some(seat) = self.held.get(&key) {
            // It was hidden for too short a time, and nobody has taken it yet: what deletes it is another handle now.
            if let Some(held) = self.watches.get_mut(seat) {
                *held = Some(delivery);
            }
            return (Found::Held, None);
        }
        let Some(seat) = source_id.and_then(|id| self.empty(id)) else {
            return (Found::Foreign, None);
        };
        self.watches.insert(seat, Some(delivery));
        self.held.insert(key, seat);
        (Found::Ours, self.waiting.remove(&seat.1))
    }

    /// Notes what became of a delivered message: deleted, or still there.
    pub(super) fn settle(&mut self, seat: Seat, deleted: bool) {
        let Some(Some(delivery)) = self.watches.get_mut(&seat) else {
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
    pub(super) fn poll_turn(&mut self, seat: Seat, context: &Context<'_>) -> Poll<Turn> {
        if let Some(Some(delivery)) = self.watches.get(&seat) {
            return Poll::Ready(Turn::Take(Box::new(delivery.clone())));
        }
        if let Some(error) = self.failed.remove(&seat.1) {
            return Poll::Ready(Turn::Fail(error));
        }
        if !self.looking {
            self.looking = true;
            return Poll::Ready(Turn::Look);
        }
        self.waiting.insert(seat.1, context.waker().clone());
        Poll::Pending
    }

    /// Ends the waiting of one. If nobody looks, it may have been the one to do so next: another is told.
    pub(super) fn stop_waiting(&mut self, seat: Seat) -> Option<Waker> {
        self.waiting.remove(&seat.1);
        self.failed.remove(&seat.1);
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
    fn empty(&self, source_id: SourceId) -> Option<Seat> {
        let mut of_source = self.watches.range((source_id, 0)..=(source_id, u64::MAX));
        of_source
            .find(|(_, delivery)| delivery.is_none())
            .map(|(seat, _)| *seat)
    }
}
