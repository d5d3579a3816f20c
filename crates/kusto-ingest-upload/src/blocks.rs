//! Cuts a stream of chunks into blocks.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use kusto_ingest_compression::{Encoded, EncodedSizes};
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::BlockId;

use crate::cut::MAX_BLOCKS;

/// Cuts a stream of chunks into blocks of equal size; the last one may be shorter.
///
/// It reads one chunk ahead, so that it knows of a block whether it is the last.
#[derive(Debug)]
pub(crate) struct BlockCutter {
    chunks: Encoded,
    ahead: VecDeque<Bytes>,
    ahead_bytes: usize,
    ended: bool,
    block_size: usize,
    max_raw: u64,
}

/// A block, and whether it is the last of the stream.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) body: Bytes,
    pub(crate) last: bool,
}

impl BlockCutter {
    /// Cuts into blocks of `block_size` bytes, and refuses streams of more than `max_raw` uncompressed bytes.
    pub(crate) fn new(chunks: Encoded, block_size: usize, max_raw: u64) -> Self {
        Self {
            chunks,
            ahead: VecDeque::new(),
            ahead_bytes: 0,
            ended: false,
            block_size,
            max_raw,
        }
    }

    pub(crate) fn sizes(&self) -> EncodedSizes {
        self.chunks.sizes()
    }

    /// The next block; `None` after the last one. An empty stream has no block at all.
    pub(crate) async fn next(&mut self) -> Result<Option<Block>> {
        while !self.ended && self.ahead_bytes <= self.block_size {
            match self.chunks.next().await.transpose()? {
                Some(chunk) => {
                    self.ahead_bytes += chunk.len();
                    self.ahead.push_back(chunk);
                }
                None => self.ended = true,
            }
            self.check_size()?;
        }
        if self.ahead_bytes == 0 {
            return Ok(None);
        }
        let body = self.take(self.block_size.min(self.ahead_bytes));
        Ok(Some(Block {
            body,
            last: self.ended && self.ahead_bytes == 0,
        }))
    }

    /// A block that was taken already and all that follow, each with its place.
    pub(crate) fn numbered(self, first: Block) -> BoxStream<'static, Result<(BlockId, Bytes)>> {
        stream::try_unfold(
            (Some(first), self, 0_u32),
            |(ready, mut rest, place)| async move {
                let block = match ready {
                    Some(block) => Some(block),
                    None => rest.next().await?,
                };
                if block.is_some() && place == MAX_BLOCKS {
                    return Err(too_many(rest.block_size));
                }
                Ok(block.map(|block| {
                    (
                        (BlockId::new(place), block.body),
                        (None, rest, place.saturating_add(1)),
                    )
                }))
            },
        )
        .boxed()
    }

    fn check_size(&self) -> Result<()> {
        let raw = self.sizes().raw();
        if raw <= self.max_raw {
            return Ok(());
        }
        Err(too_large(raw, self.max_raw))
    }

    /// Takes bytes from what was read ahead: without a copy where one chunk holds them all.
    fn take(&mut self, wanted: usize) -> Bytes {
        self.ahead_bytes -= wanted;
        if let Some(first) = self.ahead.front_mut() {
            if first.len() > wanted {
                return first.split_to(wanted);
            }
            if first.len() == wanted {
                return self.ahead.pop_front().unwrap_or_default();
            }
        }
        let mut block = BytesMut::with_capacity(wanted);
        while block.len() < wanted {
            let Some(mut chunk) = self.ahead.pop_front() else {
                break;
            };
            let missing = wanted - block.len();
            if chunk.len() > missing {
                block.extend_from_slice(&chunk.split_to(missing));
                self.ahead.push_front(chunk);
            } else {
                block.extend_from_slice(&chunk);
            }
        }
        block.freeze()
    }
}

/// A source of unknown length that turned out to have more blocks than a blob can.
fn too_many(block_size: usize) -> Error {
    Error::new(ErrorKind::SizeLimitExceeded, "upload the source")
        .with("blocks at most", MAX_BLOCKS)
        .with("bytes of a block", block_size)
        .because("it has more blocks than a blob can have; split it, or let blocks be larger")
}

/// A source beyond the limit.
pub(crate) fn too_large(size: u64, limit: u64) -> Error {
    Error::new(ErrorKind::SizeLimitExceeded, "upload the source")
        .with("bytes at least", size)
        .with("limit in bytes", limit)
        .because("it is larger than Kusto takes; split it, or ignore the size limit")
}
