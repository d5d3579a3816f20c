//! Cuts a stream of chunks into blocks, as large as memory allows.

use std::future::poll_fn;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use futures::stream::StreamExt;
use kusto_ingest_compression::{Encoded, EncodedSizes};
use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::block_plan::{BlockPlan, MAX_BLOCKS};
use crate::budget::MemoryPermit;
use crate::reading_turn::ReadingTurn;

/// Cuts a stream of chunks into blocks of equal size; the last one may be shorter, and where memory is short, others.
///
/// It reads one chunk ahead, so that it knows of a block whether it is the last.
#[derive(Debug)]
pub(crate) struct BlockCutter {
    chunks: Encoded,
    ahead: Ahead,
    ended: bool,
    plan: BlockPlan,
    max_raw: u64,
    memory: MemoryPermit,
    /// Held until all is read.
    turn: Option<ReadingTurn>,
}

/// A block, whether it is the last of the stream, and what it holds of the budget.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) body: Bytes,
    pub(crate) last: bool,
    pub(crate) memory: Option<MemoryPermit>,
}

/// What the stream gave.
enum Read {
    Chunk(Bytes),
    End,
    /// Nothing for now, and what was read ahead should not be held meanwhile.
    Stalled,
}

impl BlockCutter {
    /// Cuts into blocks as planned, and refuses streams of more than `max_raw` uncompressed bytes.
    pub(crate) fn new(chunks: Encoded, plan: BlockPlan, max_raw: u64, memory: MemoryPermit) -> Self {
        Self {
            chunks,
            ahead: Ahead::new(plan.block),
            ended: false,
            plan,
            max_raw,
            memory,
            turn: None,
        }
    }

    /// Gives this turn up as soon as all is read.
    pub(crate) fn with_turn(self, turn: Option<ReadingTurn>) -> Self {
        Self { turn, ..self }
    }

    pub(crate) fn sizes(&self) -> EncodedSizes {
        self.chunks.sizes()
    }

    /// Whether all was read and cut.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended && self.ahead.len() == 0
    }

    /// Whether there is memory to read on while blocks are in flight.
    pub(crate) fn has_room(&mut self) -> bool {
        self.memory.try_grow_to(self.plan.reading_permit())
    }

    /// The memory of a block that has been sent: kept as far as it is needed to read on.
    pub(crate) fn take_back(&mut self, memory: MemoryPermit) {
        self.memory.refill(memory, self.plan.reading_permit());
    }

    /// The next block; `None` after the last one. An empty stream has no block at all.
    ///
    /// # Cancel safety
    /// What was read stays with the cutter.
    pub(crate) async fn next(&mut self) -> Result<Option<Block>> {
        let mut has_memory = self.try_cover_ahead();
        while !self.ended
            && self.ahead.len() <= self.plan.block
            && (has_memory || self.ahead.len() < self.plan.smallest_block())
        {
            match self.read().await? {
                Read::Chunk(chunk) => {
                    self.ahead.push(chunk);
                    has_memory = self.try_cover_ahead();
                }
                Read::End => self.end(),
                Read::Stalled => break,
            }
            self.check_size()?;
        }
        if self.ahead.len() == 0 {
            return Ok(None);
        }
        let most = match has_memory {
            true => self.plan.block,
            false => self.plan.smallest_block().max(self.memory.bytes()),
        };
        let body = self.ahead.take(most.min(self.plan.block));
        Ok(Some(Block {
            memory: self.memory.split(self.plan.weight_of(body.len())),
            body,
            last: self.has_ended(),
        }))
    }

    fn end(&mut self) {
        self.ended = true;
        if let Some(turn) = self.turn.take() {
            turn.give_up();
        }
    }

    async fn read(&mut self) -> Result<Read> {
        let sends_early = self.plan.may_stall() && self.ahead.len() >= self.plan.smallest_block();
        let (chunks, memory, kept) = (&mut self.chunks, &mut self.memory, self.plan.reading_permit());
        poll_fn(|context| match chunks.poll_next_unpin(context) {
            Poll::Ready(read) => {
                memory.goes_on();
                Poll::Ready(read.transpose().map(|chunk| chunk.map_or(Read::End, Read::Chunk)))
            }
            Poll::Pending if sends_early && !memory.may_stall_beyond(kept) => Poll::Ready(Ok(Read::Stalled)),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// Asks for the memory of what was read.
    fn try_cover_ahead(&mut self) -> bool {
        self.memory.try_grow_to(self.plan.weight_of(self.ahead.len()))
    }

    fn check_size(&self) -> Result<()> {
        let raw = self.sizes().raw();
        if raw <= self.max_raw {
            return Ok(());
        }
        Err(too_large(raw, self.max_raw))
    }

    /// A source of unknown length that turned out to have more blocks than a blob can.
    pub(crate) fn too_many(&self) -> Error {
        Error::new(ErrorKind::SizeLimitExceeded, "upload the source")
            .with("blocks at most", MAX_BLOCKS)
            .with("bytes of a block", self.plan.block)
            .because("it has more blocks than a blob can have; split it, or let blocks be larger")
    }
}

/// What was read and not cut yet: one chunk as it came, or several that are copied together as they come.
#[derive(Debug)]
struct Ahead {
    whole: Bytes,
    parts: BytesMut,
    block: usize,
}

impl Ahead {
    fn new(block: usize) -> Self {
        Self {
            whole: Bytes::new(),
            parts: BytesMut::new(),
            block,
        }
    }

    fn len(&self) -> usize {
        self.whole.len() + self.parts.len()
    }

    fn push(&mut self, chunk: Bytes) {
        if self.len() == 0 {
            self.whole = chunk;
            return;
        }
        self.reserve(self.len() + chunk.len());
        self.parts.extend_from_slice(&self.whole);
        self.whole.clear();
        self.parts.extend_from_slice(&chunk);
    }

    /// Takes bytes from the beginning, as many as wanted or as there are: without a copy where one chunk holds them.
    fn take(&mut self, wanted: usize) -> Bytes {
        if !self.whole.is_empty() {
            return self.whole.split_to(wanted.min(self.whole.len()));
        }
        let rest = BytesMut::from(&self.parts[wanted.min(self.parts.len())..]);
        let mut block = std::mem::replace(&mut self.parts, rest);
        block.truncate(wanted);
        block.freeze()
    }

    /// Makes room for so many bytes in all. It grows by doubling, and not beyond a block and the chunk that ends it.
    fn reserve(&mut self, bytes: usize) {
        if bytes > self.parts.capacity() {
            let room = (2 * bytes).min(self.block).max(bytes);
            self.parts.reserve(room - self.parts.len());
        }
    }
}

/// A source beyond the limit.
pub(crate) fn too_large(size: u64, limit: u64) -> Error {
    Error::new(ErrorKind::SizeLimitExceeded, "upload the source")
        .with("bytes at least", size)
        .with("limit in bytes", limit)
        .because("it is larger than Kusto takes; split it, or ignore the size limit")
}

#[cfg(test)]
pub(crate) mod tests {
    use futures::executor::block_on;
    use futures::stream;
    use kusto_ingest_core::Payload;

    use super::*;
    use crate::MemoryBudget;

    const KIB: usize = 1024;

    /// A stream of unknown length, in chunks of these lengths, cut into blocks of `block` bytes with some memory.
    pub(crate) fn cutter(chunks: &[usize], block: usize, budget: &MemoryBudget) -> BlockCutter {
        let read: Vec<_> = chunks
            .iter()
            .map(|length| Ok(Bytes::from(vec![7; *length])))
            .collect();
        let payload = Payload::from_reader(futures::io::empty());
        let plan = BlockPlan::of(&payload, false, (block, 4), budget.bytes());
        let memory = block_on(budget.permit(plan.first_permit()));
        BlockCutter::new(
            Encoded::new(stream::iter(read), EncodedSizes::new()),
            plan,
            u64::MAX,
            memory,
        )
    }

    /// The lengths of all blocks, and whether each is the last; each is given back before the next is cut.
    fn lengths(mut cutter: BlockCutter) -> Vec<(usize, bool)> {
        let mut lengths = Vec::new();
        while let Some(block) = block_on(cutter.next()).expect("nothing fails") {
            lengths.push((block.body.len(), block.last));
            if let Some(memory) = block.memory {
                assert!(
                    memory.bytes() >= block.body.len(),
                    "a block holds no more than its memory"
                );
                cutter.take_back(memory);
            }
        }
        lengths
    }

    #[test]
    fn blocks_are_equal_wherever_the_borders_of_chunks_fall() {
        let budget = MemoryBudget::default();
        for (chunks, expect) in [
            (&[7, 7, 7][..], &[(10, false), (10, false), (1, true)][..]),
            (&[25, 3], &[(10, false), (10, false), (8, true)]),
            (&[4, 6, 10], &[(10, false), (10, true)]),
            (
                &[3, 3, 3, 30, 1],
                &[(10, false), (10, false), (10, false), (10, true)],
            ),
            (&[10], &[(10, true)]),
            (&[9, 1, 1], &[(10, false), (1, true)]),
        ] {
            assert_eq!(lengths(cutter(chunks, 10, &budget)), expect, "{chunks:?}");
        }
    }

    #[test]
    fn where_no_more_memory_is_free_it_goes_on_in_blocks_of_what_it_has() {
        let budget = MemoryBudget::new(4 * 1024 * KIB);
        let chunks = [512 * KIB; 3];
        let alone = lengths(cutter(&chunks, 1024 * KIB, &budget));
        assert_eq!(alone, [(1024 * KIB, false), (512 * KIB, true)]);

        let starved = cutter(&chunks, 1024 * KIB, &budget);
        let rest = block_on(budget.permit(budget.available()));
        let small = lengths(starved);
        assert_eq!(small.len(), 12, "{small:?}");
        assert!(small.iter().all(|(length, _)| *length == 128 * KIB), "{small:?}");
        drop(rest);
        assert_eq!(budget.available(), budget.bytes());
    }

    #[test]
    fn where_no_more_memory_is_free_no_more_is_read_than_is_sent() {
        let budget = MemoryBudget::new(4 * 1024 * KIB);
        let mut starved = cutter(&[64 * KIB; 100], 1024 * KIB, &budget);
        let _rest = block_on(budget.permit(budget.available()));
        let block = block_on(starved.next()).expect("nothing fails");
        assert_eq!(block.map(|block| block.body.len()), Some(128 * KIB));
        assert!(
            starved.sizes().encoded() <= 192 * KIB as u64,
            "{:?}",
            starved.sizes()
        );
    }
}
