//! How much memory the uploads of a client may hold together.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mea::semaphore::{OwnedSemaphorePermit, Semaphore};

use crate::reading_turn::{ReadingTurn, reading_turns};

/// What the budget is counted in.
const UNIT: usize = 1024;

/// What sources that wait for their writers may hold together, beyond what each began with: this part of the budget.
const STALLED_PART: usize = 4;

/// The memory that all uploads may hold together, in bytes. Clones share it, and so do all uploaders that are given
/// one.
///
/// An upload asks for memory before it reads anything, and waits while others have it; memory is given in the order of
/// asking. A source of known length waits for what its first blocks take. A source of unknown length begins with 128 KiB
/// and asks for more as its data comes, but it never waits while it holds memory: where no more is free it goes on in
/// blocks of the size that it has, and where it has to wait for its writer it sends what it has before it stands in the
/// way of others. So no two uploads ever wait for each other, also where their sources depend on one another.
///
/// Counted are the blocks, as they are read, compressed and sent. Beside them, sources of unknown length have up to 2 MiB
/// each in hand while they are read and compressed: so many of them at once that this is a sixteenth of the budget. One that
/// waits for its writer lets others read; it keeps the piece that it has begun, 512 KiB at most. Bytes that the caller
/// holds in memory are the caller's, and not counted; nor is what the threads of a compressor hold, about 2 MiB for each.
/// Streaming has no share in it: a source is held whole, in up to 10 MiB and for a moment twice, and managed streaming holds
/// what it read also while the queue takes it. So the number of sources that are streamed at once is what bounds that.
#[derive(Clone)]
pub struct MemoryBudget(Arc<Shared>);

struct Shared {
    free: Arc<Semaphore>,
    units: usize,
    /// What is held by sources that wait for their writers.
    stalled_units: AtomicUsize,
    /// Who begins now: one after the other.
    turns: Semaphore,
    /// Which sources of unknown length are read now.
    reading: Arc<Semaphore>,
}

impl MemoryBudget {
    /// The default budget: 256 MiB.
    pub const DEFAULT_BYTES: usize = 256 * 1024 * 1024;

    /// The smallest budget: 4 MiB.
    pub const MIN_BYTES: usize = 4 * 1024 * 1024;

    /// A budget of so many bytes, and no fewer than the [least](Self::MIN_BYTES).
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let units = bytes.max(Self::MIN_BYTES) / UNIT;
        Self(Arc::new(Shared {
            free: Arc::new(Semaphore::new(units)),
            units,
            stalled_units: AtomicUsize::new(0),
            turns: Semaphore::new(1),
            reading: Arc::new(reading_turns(units * UNIT)),
        }))
    }

    /// All of it, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.units * UNIT
    }

    /// The bytes of the budget that are free now.
    #[must_use]
    pub fn available(&self) -> usize {
        self.0.free.available_permits() * UNIT
    }

    /// The turn of another source to be read.
    pub(crate) fn reading_turn(&self) -> ReadingTurn {
        ReadingTurn::of(self.0.reading.clone())
    }

    /// Waits for so many bytes, or for all there is.
    pub(crate) async fn permit(&self, bytes: usize) -> MemoryPermit {
        let permit = self.0.free.clone().acquire_owned(self.units_of(bytes)).await;
        self.permitted(permit)
    }

    /// Waits for so many bytes, and begins some work with them. Those who have to wait begin one after the other, each as
    /// far as it comes at once: what becomes free serves one of them well, rather than many of them badly.
    pub(crate) async fn begin<T, F>(&self, bytes: usize, work: impl FnOnce(MemoryPermit) -> F) -> T
    where
        F: Future<Output = T>,
    {
        if let Some(permit) = self.0.free.clone().try_acquire_owned(self.units_of(bytes)) {
            return work(self.permitted(permit)).await;
        }
        let mut turn = Some(self.0.turns.acquire(1).await);
        let mut work = pin!(work(self.permit(bytes).await));
        poll_fn(|context| {
            let polled = work.as_mut().poll(context);
            turn = None;
            polled
        })
        .await
    }

    fn units_of(&self, bytes: usize) -> usize {
        bytes.div_ceil(UNIT).min(self.0.units)
    }

    fn permitted(&self, permit: OwnedSemaphorePermit) -> MemoryPermit {
        MemoryPermit {
            permit,
            budget: self.clone(),
            stalled_units: 0,
        }
    }
}

impl Default for MemoryBudget {
    fn default() -> Self {
        Self::new(Self::DEFAULT_BYTES)
    }
}

impl fmt::Debug for MemoryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBudget")
            .field("bytes", &self.bytes())
            .field("available", &self.available())
            .finish()
    }
}

/// What one upload, or one block, holds of the budget; it goes back when this is dropped.
#[derive(Debug)]
pub(crate) struct MemoryPermit {
    permit: OwnedSemaphorePermit,
    budget: MemoryBudget,
    /// How much of it is counted as held by a source that waits for its writer.
    stalled_units: usize,
}

impl MemoryPermit {
    /// How many bytes it is for.
    pub(crate) fn bytes(&self) -> usize {
        self.permit.permits() * UNIT
    }

    /// Takes what is missing to so many bytes, if that is free; it never waits. Whether it has them now.
    pub(crate) fn try_grow_to(&mut self, bytes: usize) -> bool {
        let missing = bytes.div_ceil(UNIT).saturating_sub(self.permit.permits());
        if missing == 0 {
            return true;
        }
        let more = self.budget.0.free.clone().try_acquire_owned(missing);
        more.map(|more| self.permit.merge(more)).is_some()
    }

    /// A permit for so many of its bytes, or for all that it has.
    pub(crate) fn split(&mut self, bytes: usize) -> Option<Self> {
        let units = bytes.div_ceil(UNIT).min(self.permit.permits());
        let permit = self.permit.split(units)?;
        Some(self.budget.permitted(permit))
    }

    /// Adds another permit, up to so many bytes; the rest of it is given back.
    pub(crate) fn refill(&mut self, mut other: Self, bytes: usize) {
        let missing = bytes.div_ceil(UNIT).saturating_sub(self.permit.permits());
        let taken = missing.min(other.permit.permits());
        if let Some(taken) = other.permit.split(taken) {
            self.permit.merge(taken);
        }
    }

    /// The holder is about to wait for its writer. `false` where such sources would hold too much of the budget then,
    /// beyond `bytes` each: it should send what it has instead.
    pub(crate) fn may_stall_beyond(&mut self, bytes: usize) -> bool {
        if self.stalled_units > 0 {
            return true;
        }
        let units = self.permit.permits().saturating_sub(bytes.div_ceil(UNIT));
        let limit = self.budget.0.units / STALLED_PART;
        let stalled = &self.budget.0.stalled_units;
        let added = |now: usize| Some(now + units).filter(|sum| *sum <= limit);
        let may = stalled
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, added)
            .is_ok();
        if may {
            self.stalled_units = units;
        }
        may
    }

    /// The holder goes on.
    pub(crate) fn goes_on(&mut self) {
        let units = std::mem::take(&mut self.stalled_units);
        if units > 0 {
            self.budget.0.stalled_units.fetch_sub(units, Ordering::Relaxed);
        }
    }
}

impl Drop for MemoryPermit {
    fn drop(&mut self) {
        self.goes_on();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures::FutureExt as _;
    use futures::executor::block_on;

    use super::*;

    const MIB: usize = 1024 * 1024;

    #[test]
    fn a_permit_waits_until_another_is_given_back_in_the_order_of_asking() {
        let budget = MemoryBudget::new(8 * MIB);
        let first = block_on(budget.permit(6 * MIB));
        let mut large = Box::pin(budget.permit(4 * MIB));
        let mut small = Box::pin(budget.permit(MIB));
        assert!((&mut large).now_or_never().is_none(), "only 2 MiB are left");
        assert!((&mut small).now_or_never().is_none(), "another one came before");
        drop(first);
        let large = large.now_or_never().expect("it fits now");
        let small = small.now_or_never().expect("so does this");
        assert_eq!(budget.available(), 3 * MIB);
        drop((large, small));
        assert_eq!(budget.available(), 8 * MIB);
    }

    #[test]
    fn who_wants_more_than_all_gets_all_and_a_dropped_wait_takes_nothing() {
        let budget = MemoryBudget::new(0);
        let all = block_on(budget.permit(usize::MAX / 2));
        assert_eq!(
            (budget.bytes(), budget.available()),
            (4 * MIB, 0),
            "the documented least"
        );
        let mut waiting = Box::pin(budget.permit(1));
        assert!((&mut waiting).now_or_never().is_none());
        drop(waiting);
        drop(all);
        assert_eq!(budget.available(), 4 * MIB);
    }

    #[test]
    fn a_permit_grows_if_all_of_it_is_free_is_divided_and_refilled() {
        let budget = MemoryBudget::new(8 * MIB);
        let mut permit = block_on(budget.permit(3 * MIB));
        assert!(permit.try_grow_to(7 * MIB));
        assert!(!permit.try_grow_to(9 * MIB));
        assert_eq!(budget.available(), MIB, "what was refused took nothing");
        let block = permit.split(6 * MIB + 1).expect("it has more");
        assert_eq!(budget.available(), MIB);
        permit.refill(block, 2 * MIB);
        assert_eq!(budget.available(), 6 * MIB, "the rest of the block is given back");
        drop(permit);
        assert_eq!(budget.available(), 8 * MIB);
    }

    #[test]
    fn sources_that_wait_hold_a_quarter_together_beyond_what_each_began_with() {
        let budget = MemoryBudget::new(8 * MIB);
        let mut permits = [0, 1, 2].map(|_| block_on(budget.permit(2 * MIB)));
        let may = |permit: &mut MemoryPermit| permit.may_stall_beyond(MIB);
        assert_eq!(permits.each_mut().map(may), [true, true, false]);
        assert!(may(&mut permits[0]), "it is counted already");
        let [mut first, second, mut third] = permits;
        first.goes_on();
        assert!(may(&mut third));
        assert!(!may(&mut first));
        drop(second);
        assert!(may(&mut first));
    }

    #[test]
    fn those_who_wait_begin_one_after_the_other_each_as_far_as_it_comes_at_once() {
        let budget = MemoryBudget::new(4 * MIB);
        let mut all = block_on(budget.permit(4 * MIB));
        let greedy = |mut permit: MemoryPermit| async move { (permit.try_grow_to(2 * MIB), permit) };
        let mut first = Box::pin(budget.begin(MIB, greedy));
        let mut stalled = Box::pin(budget.begin(MIB, |_permit| pending::<()>()));
        let mut last = Box::pin(budget.begin(MIB, |_permit| async {}));
        assert!((&mut first).now_or_never().is_none());
        assert!((&mut stalled).now_or_never().is_none());
        assert!((&mut last).now_or_never().is_none());
        drop(all.split(2 * MIB));
        let (has_grown, _held) = first.now_or_never().expect("there is memory for it");
        assert!(has_grown, "nobody else has taken a part of it");
        assert!((&mut stalled).now_or_never().is_none());
        drop(all);
        assert!((&mut stalled).now_or_never().is_none(), "it waits for its writer");
        assert!(last.now_or_never().is_some(), "and nobody waits behind it");
    }
}
