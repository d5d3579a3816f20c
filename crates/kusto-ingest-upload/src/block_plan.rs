//! How one source is cut into blocks, and how much memory that takes: a pure function of its size and the settings.

use kusto_ingest_compression::GzipBlock;
use kusto_ingest_core::Payload;

/// The most blocks that a blob can have (Azure Storage).
pub(crate) const MAX_BLOCKS: u32 = 50_000;

/// What is read at once, or compressed in one piece, and is held beside the blocks.
const WORKING: usize = 4 * GzipBlock::SIZE;

/// A block never takes more of the budget than this part, so that one is read while another is sent.
const BLOCKS_IN_BUDGET: usize = 4;

/// What a source of unknown length begins with, and the least that is sent as a block where no more memory is free:
/// 50,000 of them are more than the 6 GiB that Kusto takes.
const SMALL: usize = 128 * 1024;

/// How one source is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockPlan {
    /// Bytes of a block.
    pub(crate) block: usize,
    /// Blocks in flight at most.
    pub(crate) parallel: usize,
    /// The source's length in bytes, when known.
    len: Option<usize>,
    weight: Weight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// Blocks are copies, and weigh what they hold.
    Held,
    /// Blocks are parts of what the caller holds in memory anyway.
    Borrowed,
}

impl BlockPlan {
    /// Blocks of the size that was set, smaller where the budget of so many bytes wants it, larger where a source of
    /// known length would need too many; and never more in flight than there are.
    pub(crate) fn of(payload: &Payload, compress: bool, set: (usize, usize), budget: usize) -> Self {
        let (block, parallel) = set;
        let len = payload
            .len()
            .map(|len| usize::try_from(len).unwrap_or(usize::MAX));
        let needed = len.unwrap_or(0).div_ceil(MAX_BLOCKS as usize);
        let block = block.min(budget / BLOCKS_IN_BUDGET).max(needed).max(1);
        let blocks = len.map_or(parallel, |len| len.div_ceil(block));
        let weight = if payload.as_bytes().is_some() && !compress {
            Weight::Borrowed
        } else {
            Weight::Held
        };
        Self {
            block,
            parallel: parallel.min(blocks).max(1),
            len,
            weight,
        }
    }

    /// What is waited for before anything is read: enough for the first block, and to go on with one in flight if there
    /// are others. A source of unknown length begins with little, because others may have to begin before it goes on.
    pub(crate) fn first_permit(&self) -> usize {
        match (self.weight, self.len) {
            (Weight::Borrowed, _) => 0,
            // As it is read, and as it is sent.
            (Weight::Held, Some(len)) if len <= self.block => len.saturating_mul(2),
            (Weight::Held, Some(_)) => self.block.saturating_mul(2).saturating_add(WORKING),
            (Weight::Held, None) => SMALL,
        }
    }

    /// What is needed to read on while blocks are in flight.
    pub(crate) fn reading_permit(&self) -> usize {
        match (self.weight, self.len) {
            (Weight::Borrowed, _) => 0,
            (Weight::Held, Some(_)) => self.block.saturating_add(WORKING),
            (Weight::Held, None) => SMALL,
        }
    }

    /// The least that becomes a block before the source has ended.
    pub(crate) fn smallest_block(&self) -> usize {
        self.block.min(SMALL)
    }

    /// Whether what is read and compressed is beside the budget, and the source may wait for its writer while it holds
    /// memory.
    pub(crate) fn may_stall(&self) -> bool {
        self.weight == Weight::Held && self.len.is_none()
    }

    /// What a piece of so many bytes takes.
    pub(crate) fn weight_of(&self, bytes: usize) -> usize {
        match self.weight {
            Weight::Borrowed => 0,
            Weight::Held => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use kusto_ingest_core::PayloadReader;

    use super::*;

    const MIB: usize = 1024 * 1024;
    const SET: (usize, usize) = (8 * MIB, 4);

    fn file(len: Option<u64>) -> Payload {
        Payload::replayable(len, |_| async {
            let reader: PayloadReader = Box::pin(futures::io::empty());
            Ok(reader)
        })
    }

    #[test]
    fn the_size_of_a_source_decides_how_it_is_cut() {
        let gib = 1024 * MIB as u64;
        for (len, block, parallel) in [
            (Some(10), 8 * MIB, 1),
            (Some(8 * MIB as u64), 8 * MIB, 1),
            (Some(8 * MIB as u64 + 1), 8 * MIB, 2),
            (Some(gib), 8 * MIB, 4),
            (None, 8 * MIB, 4),
            // 50,000 blocks of 8 MiB are 390 GiB and a bit.
            (Some(400 * gib), (400 * gib as usize).div_ceil(50_000), 4),
        ] {
            let plan = BlockPlan::of(&file(len), true, SET, 256 * MIB);
            assert_eq!((plan.block, plan.parallel), (block, parallel), "{len:?}");
        }
    }

    #[test]
    fn a_small_budget_makes_small_blocks() {
        let plan = BlockPlan::of(&file(Some(100 * MIB as u64)), true, SET, 4 * MIB);
        assert_eq!(plan.block, MIB);
        assert!(plan.first_permit() <= 4 * MIB);
    }

    #[test]
    fn the_smallest_blocks_of_a_stream_hold_all_that_kusto_takes() {
        let plan = BlockPlan::of(&file(None), true, SET, 256 * MIB);
        let largest = plan.smallest_block() as u64 * u64::from(MAX_BLOCKS);
        assert!(largest > crate::ContainerUploader::MAX_RAW_BYTES);
        let set_smaller = BlockPlan::of(&file(None), true, (1_000, 4), 256 * MIB);
        assert_eq!(set_smaller.smallest_block(), 1_000);
    }

    #[test]
    fn memory_is_asked_for_by_what_is_known_of_the_length() {
        let permits = |payload: &Payload, compress| {
            let plan = BlockPlan::of(payload, compress, SET, 256 * MIB);
            (plan.first_permit(), plan.reading_permit(), plan.weight_of(300))
        };
        let bytes = Payload::from_bytes(vec![0; 1_000]);
        assert_eq!(permits(&bytes, false), (0, 0, 0), "the caller holds it anyway");
        assert_eq!(permits(&bytes, true), (2_000, 10 * MIB, 300));
        assert_eq!(
            permits(&file(Some(9 * MIB as u64)), true),
            (18 * MIB, 10 * MIB, 300)
        );
        assert_eq!(permits(&file(None), true), (128 * 1024, 128 * 1024, 300));
    }
}
