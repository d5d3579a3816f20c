//! A source that is on its way to a request.

use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::{BlobSource, Deadline, Result};

use super::{Batch, Batches, GroupKey, Seat};
use crate::send::BatchSender;

/// How long a request waits for sources that are on their way.
const GATHERING: Duration = Duration::from_millis(500);

/// A source that is on its way. Dropped, it is no more.
#[derive(Debug)]
pub(crate) struct Ticket {
    batches: Batches,
    key: Arc<GroupKey>,
    has_arrived: bool,
}

impl Ticket {
    /// A source is on its way. `check` is asked for the first of those that go together.
    ///
    /// # Errors
    /// That of the check.
    pub(crate) fn take(batches: &Batches, key: GroupKey, check: impl FnOnce() -> Result<()>) -> Result<Self> {
        Ok(Self {
            key: batches.join(key, check)?,
            batches: batches.clone(),
            has_arrived: false,
        })
    }

    /// The source is a blob now: it takes its seat in the request that has place, or in a new one. A request is full with
    /// `most` blobs, and one that a short deadline sits in waits for nobody.
    pub(crate) fn arrive(
        mut self,
        blob: BlobSource,
        most: usize,
        sender: &BatchSender,
        deadline: Option<Deadline>,
    ) -> Seat {
        self.has_arrived = true;
        let is_short =
            deadline.is_some_and(|end| end.remaining(sender.clock()) < GATHERING.saturating_mul(4));
        let mut seat = None;
        let take_place = |open: Option<Arc<Batch>>| {
            let taken = open.and_then(|batch| {
                let taken = batch.sit(&blob);
                if taken.is_none() {
                    batch.seal();
                }
                taken
            });
            let taken = taken.unwrap_or_else(|| {
                Batch::begin(self.key.clone(), blob.clone(), |batch, sealed| {
                    sender.clone().flight(batch, sealed, GATHERING)
                })
            });
            let batch = taken.batch().clone();
            seat = Some(taken);
            match batch.len() >= most || is_short {
                true => {
                    batch.seal();
                    None
                }
                false => Some(batch),
            }
        };
        self.batches.arrive(&self.key, take_place);
        seat.unwrap_or_else(|| self.alone(blob, sender))
    }

    /// A seat in a request of its own. A group outlives the tickets to it, so that this is not needed; but nothing is lost.
    fn alone(&self, blob: BlobSource, sender: &BatchSender) -> Seat {
        let seat = Batch::begin(self.key.clone(), blob, |batch, sealed| {
            sender.clone().flight(batch, sealed, GATHERING)
        });
        seat.batch().seal();
        seat
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.has_arrived {
            self.batches.leave(&self.key);
        }
    }
}
