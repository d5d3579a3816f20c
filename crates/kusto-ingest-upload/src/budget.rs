//! How much memory the uploads of a client may hold together.

use std::fmt;
use std::sync::Arc;

use mea::semaphore::{OwnedSemaphorePermit, Semaphore};

/// What the budget is counted in.
const UNIT: usize = 1024;

/// How much memory uploads may hold together, in bytes. Clones share it, and so do all uploaders that are given one.
///
/// An upload takes its share before it reads anything, and waits while others have it; shares are given in the order
/// of asking. It gives back what its source turns out not to need, and takes more blocks into flight only where they
/// are free at that moment: so no two uploads ever wait for each other.
///
/// Counted are the blocks, as they are read, compressed and sent. Bytes that the caller holds in memory are the
/// caller's, and not counted; nor is what the threads of a compressor have in hand, about 2 MiB for each.
#[derive(Clone)]
pub struct MemoryBudget {
    free: Arc<Semaphore>,
    units: usize,
}

impl MemoryBudget {
    /// What uploads have when nothing else is said: 256 MiB.
    pub const BYTES: usize = 256 * 1024 * 1024;

    /// The least that uploads can do with: 4 MiB.
    pub const LEAST: usize = 4 * 1024 * 1024;

    /// A budget of so many bytes, and no fewer than the [least](Self::LEAST).
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let units = bytes.max(Self::LEAST) / UNIT;
        Self {
            free: Arc::new(Semaphore::new(units)),
            units,
        }
    }

    /// All of it, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.units * UNIT
    }

    /// How many bytes of it no upload holds right now.
    #[must_use]
    pub fn free(&self) -> usize {
        self.free.available_permits() * UNIT
    }

    /// Waits for a share of so many bytes, or for all there is.
    pub(crate) async fn share(&self, bytes: usize) -> Share {
        let units = bytes.div_ceil(UNIT).min(self.units);
        Share {
            permit: self.free.clone().acquire_owned(units).await,
            free: self.free.clone(),
        }
    }
}

impl Default for MemoryBudget {
    fn default() -> Self {
        Self::new(Self::BYTES)
    }
}

impl fmt::Debug for MemoryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBudget")
            .field("bytes", &self.bytes())
            .field("free", &self.free())
            .finish()
    }
}

/// What one upload holds of the budget; it goes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    permit: OwnedSemaphorePermit,
    free: Arc<Semaphore>,
}

impl Share {
    /// Gives back what is more than so many bytes.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let spare = self.permit.permits().saturating_sub(bytes.div_ceil(UNIT));
        drop(self.permit.split(spare));
    }

    /// Takes up to so many pieces more, as far as they are free, and says how many. It never waits.
    pub(crate) fn grow(&mut self, piece: usize, most: usize) -> usize {
        let units = piece.div_ceil(UNIT);
        (0..most)
            .map_while(|_| self.free.clone().try_acquire_owned(units))
            .map(|more| self.permit.merge(more))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::executor::block_on;

    use super::*;

    const MIB: usize = 1024 * 1024;

    #[test]
    fn a_share_waits_until_another_is_given_back_in_the_order_of_asking() {
        let budget = MemoryBudget::new(8 * MIB);
        let first = block_on(budget.share(6 * MIB));
        let mut large = Box::pin(budget.share(4 * MIB));
        let mut small = Box::pin(budget.share(MIB));
        assert!((&mut large).now_or_never().is_none(), "only 2 MiB are left");
        assert!((&mut small).now_or_never().is_none(), "another one came before");
        drop(first);
        let large = large.now_or_never().expect("it fits now");
        let small = small.now_or_never().expect("so does this");
        assert_eq!(budget.free(), 3 * MIB);
        drop((large, small));
        assert_eq!(budget.free(), 8 * MIB);
    }

    #[test]
    fn who_wants_more_than_all_gets_all_and_a_dropped_wait_takes_nothing() {
        let budget = MemoryBudget::new(0);
        let all = block_on(budget.share(usize::MAX / 2));
        assert_eq!((budget.bytes(), budget.free()), (MemoryBudget::LEAST, 0));
        let mut waiting = Box::pin(budget.share(1));
        assert!((&mut waiting).now_or_never().is_none());
        drop(waiting);
        drop(all);
        assert_eq!(budget.free(), MemoryBudget::LEAST);
    }

    #[test]
    fn a_share_grows_as_far_as_there_is_something_free_and_shrinks() {
        let budget = MemoryBudget::new(8 * MIB);
        let mut share = block_on(budget.share(3 * MIB));
        assert_eq!(share.grow(2 * MIB, 10), 2);
        assert_eq!(budget.free(), MIB);
        share.shrink_to(MIB + 1);
        assert_eq!(budget.free(), 7 * MIB - UNIT);
        share.shrink_to(7 * MIB);
        assert_eq!(budget.free(), 7 * MIB - UNIT, "shrinking takes nothing");
        assert_eq!(share.grow(0, 3), 3, "what weighs nothing is always free");
    }
}
