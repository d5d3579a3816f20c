//! A source during its upload: what all attempts share, and the progress.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use kusto_ingest_compression::EncodedSizes;
use kusto_ingest_core::{Deadline, Error, ErrorKind, LocalSource, Payload};
use kusto_storage::{BlobName, ResourceUri};

use crate::BlobNaming;
use crate::block_plan::BlockPlan;
use crate::blocks::{Block, BlockCutter};
use crate::budget::MemoryPermit;

/// A source during its upload: what all attempts share.
pub(crate) struct UploadPlan<'a> {
    pub(crate) source: &'a LocalSource,
    pub(crate) naming: &'a BlobNaming,
    /// Its bytes, whose compression was verified.
    pub(crate) payload: Payload,
    pub(crate) compress: bool,
    pub(crate) blocks: BlockPlan,
    pub(crate) max_raw: u64,
    /// Its uncompressed size in bytes, where that is known before it is read.
    pub(crate) known_raw: Option<u64>,
    pub(crate) timeout_cause: &'a TimeoutCause,
}

impl UploadPlan<'_> {
    pub(crate) fn deadline(&self) -> Option<Deadline> {
        self.naming.deadline()
    }
}

/// A source whose first block is read.
pub(crate) enum OpenedSource {
    /// All of it: it can be put by one request, and again.
    Whole {
        body: Bytes,
        sizes: EncodedSizes,
        /// Held as long as the body is.
        _memory: Option<MemoryPermit>,
    },
    /// Its beginning.
    Flowing(FlowingSource),
}

impl OpenedSource {
    /// With the first block that was read.
    pub(crate) fn new(first: Block, rest: BlockCutter) -> Self {
        if first.last {
            return Self::Whole {
                sizes: rest.sizes(),
                body: first.body,
                _memory: first.memory,
            };
        }
        Self::Flowing(FlowingSource {
            rest,
            unsent: vec![first],
            in_flight: Vec::new(),
            sent: 0,
        })
    }

    /// How many bytes were read so far, and what became of them.
    pub(crate) fn sizes(&self) -> EncodedSizes {
        match self {
            Self::Whole { sizes, .. } => sizes.clone(),
            Self::Flowing(source) => source.rest.sizes(),
        }
    }

    /// What another attempt can start from: a whole body, or all blocks from the first.
    pub(crate) fn kept(self) -> Option<Self> {
        match self {
            Self::Whole { .. } => Some(self),
            Self::Flowing(flowing) => flowing.rewound().map(Self::Flowing),
        }
    }
}

/// A source of several blocks, some of which may be sent.
pub(crate) struct FlowingSource {
    pub(crate) rest: BlockCutter,
    /// Blocks that were cut and are to be sent before others, the last one first.
    unsent: Vec<Block>,
    /// Blocks that were sent and not acknowledged yet, each with its place in the blob.
    in_flight: Vec<(u32, Block)>,
    /// How many blocks are acknowledged, and let go.
    sent: u32,
}

impl FlowingSource {
    /// How many blocks were begun to be sent.
    pub(crate) fn begun(&self) -> u32 {
        self.sent + u32::try_from(self.in_flight.len()).unwrap_or(u32::MAX)
    }

    /// A block that was cut before.
    pub(crate) fn ready(&mut self) -> Option<Block> {
        self.unsent.pop()
    }

    /// Keeps a block until it is acknowledged. What is to be sent, and where in the blob.
    pub(crate) fn begin(&mut self, block: Block) -> (u32, Bytes) {
        let (place, body) = (self.begun(), block.body.clone());
        self.in_flight.push((place, block));
        (place, body)
    }

    /// Lets a block go that is acknowledged. Its length in bytes.
    pub(crate) fn acknowledged(&mut self, place: u32) -> u64 {
        let Some(at) = self.in_flight.iter().position(|(other, _)| *other == place) else {
            return 0;
        };
        let (_, block) = self.in_flight.swap_remove(at);
        self.sent += 1;
        if let Some(memory) = block.memory {
            self.rest.take_back(memory);
        }
        block.body.len() as u64
    }

    /// Whether a block was released: the source cannot be sent to another container any more.
    pub(crate) fn has_let_go(&self) -> bool {
        self.sent > 0
    }

    fn rewound(mut self) -> Option<Self> {
        if self.has_let_go() {
            return None;
        }
        // The last one first, as all of them.
        self.in_flight.sort_unstable_by_key(|(place, _)| u32::MAX - place);
        self.unsent
            .extend(self.in_flight.drain(..).map(|(_, block)| block));
        Some(self)
    }
}

/// What an upload made, and where.
pub(crate) struct UploadOutcome {
    pub(crate) container: ResourceUri,
    pub(crate) name: BlobName,
    pub(crate) raw: u64,
    pub(crate) stored: u64,
    pub(crate) sent: u64,
}

/// What an upload is waiting for, to explain a timeout.
#[derive(Debug, Default)]
pub(crate) struct TimeoutCause(Mutex<Option<Cause>>);

#[derive(Debug)]
enum Cause {
    /// It waits for so many bytes of a budget of so many.
    Memory {
        bytes: usize,
        budget: usize,
    },
    Failure(Error),
}

impl TimeoutCause {
    pub(crate) fn set_memory(&self, bytes: usize, budget: usize) {
        *self.cause() = Some(Cause::Memory { bytes, budget });
    }

    pub(crate) fn set(&self, error: Error) {
        *self.cause() = Some(Cause::Failure(error));
    }

    pub(crate) fn clear(&self) {
        *self.cause() = None;
    }

    /// The error of an upload whose time is over.
    pub(crate) fn explain(&self, timeout: Error) -> Error {
        match self.cause().take() {
            Some(Cause::Memory { bytes, budget }) => timeout.caused_by(
                Error::new(ErrorKind::Timeout, "get memory for the source")
                    .with("bytes needed", bytes)
                    .with("memory budget in bytes", budget)
                    .because("other uploads hold the memory budget"),
            ),
            Some(Cause::Failure(error)) => timeout.caused_by(error),
            None => timeout,
        }
    }

    fn cause(&self) -> MutexGuard<'_, Option<Cause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::executor::block_on;

    use super::*;
    use crate::MemoryBudget;
    use crate::blocks::tests::cutter;

    #[test]
    fn the_memory_of_a_block_that_is_acknowledged_serves_to_read_on() {
        let budget = MemoryBudget::default();
        let mut rest = cutter(&[128 * 1024; 3], 128 * 1024, &budget);
        let _others = block_on(budget.permit(budget.available()));
        let first = block_on(rest.next()).expect("nothing fails").expect("a block");
        let OpenedSource::Flowing(mut source) = OpenedSource::new(first, rest) else {
            panic!("there are other blocks");
        };
        let block = source.ready().expect("the first one");
        let (place, _) = source.begin(block);
        assert!(!source.rest.has_room(), "the block in flight holds all of it");
        let mut waiting = Box::pin(budget.permit(128 * 1024));
        assert!((&mut waiting).now_or_never().is_none());
        assert_eq!(source.acknowledged(place), 128 * 1024);
        assert!(source.rest.has_room(), "nobody who waits takes it away");
        assert!(waiting.now_or_never().is_none());
    }
}
