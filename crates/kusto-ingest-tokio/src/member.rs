//! A source of several blocks: read here, compressed on threads, put together in order.

use std::collections::VecDeque;
use std::future::pending;
use std::pin::pin;

use bytes::Bytes;
use futures::future::{Either, select};
use futures::stream::{self, Stream, StreamExt as _};
use kusto_ingest_compression::{Encoded, EncodedSizes, GzipBlock, GzipMember};
use kusto_ingest_core::Result;
use tokio::sync::oneshot;

use crate::threads::{Threads, ended_early};

/// A block on its way, and how long it is.
struct PendingBlock {
    len: u64,
    done: oneshot::Receiver<Result<GzipBlock>>,
}

/// The side of the task: it reads blocks, hands them to the threads, and takes them back in order.
pub(crate) struct Member {
    /// Nothing once all is read.
    raw: Option<Encoded>,
    /// The block that was read last; the next one refers back to it.
    before: Bytes,
    threads: Threads,
    blocks: VecDeque<PendingBlock>,
    member: GzipMember,
    sizes: EncodedSizes,
}

enum Event {
    Read(Option<Result<Bytes>>),
    Compressed(Result<GzipBlock>),
}

impl Member {
    pub(crate) fn new(raw: Encoded, first: Bytes, threads: Threads, sizes: EncodedSizes) -> Self {
        let mut member = Self {
            raw: Some(raw),
            before: Bytes::new(),
            threads,
            blocks: VecDeque::new(),
            member: GzipMember::new(),
            sizes,
        };
        member.hand_over(first);
        member
    }

    pub(crate) fn chunks(self) -> impl Stream<Item = Result<Bytes>> + Send {
        let header = self.member.header();
        let rest = stream::try_unfold(Some(self), |member| async {
            match member {
                Some(member) => member.next().await.map(Some),
                None => Ok(None),
            }
        });
        stream::iter([Ok(header)]).chain(rest)
    }

    /// The next chunk, and what follows it: nothing, behind the end of the member.
    async fn next(mut self) -> Result<(Bytes, Option<Self>)> {
        while self.raw.is_some() || !self.blocks.is_empty() {
            match self.event().await {
                Event::Read(Some(block)) => self.hand_over(block?),
                Event::Read(None) => self.raw = None,
                Event::Compressed(block) => {
                    let len = self.blocks.pop_front().map_or(0, |pending| pending.len);
                    let block = block?;
                    if block.is_stored() {
                        self.sizes.add_stored(len);
                    }
                    return Ok((self.member.push(block), Some(self)));
                }
            }
        }
        Ok((self.member.finish(), None))
    }

    /// What happens first. Reading goes before, so that the threads have work while a chunk is taken.
    ///
    /// May be dropped at any point: what was read stays in `raw`, and what was compressed in `blocks`.
    async fn event(&mut self) -> Event {
        let room = self.threads.have_room(self.blocks.len());
        let (raw, first) = (self.raw.as_mut().filter(|_| room), self.blocks.front_mut());
        let read = pin!(async {
            match raw {
                Some(raw) => raw.next().await,
                None => pending().await,
            }
        });
        let compressed = pin!(async {
            match first {
                Some(block) => (&mut block.done).await.unwrap_or_else(|_| Err(ended_early())),
                None => pending().await,
            }
        });
        match select(read, compressed).await {
            Either::Left((block, _)) => Event::Read(block),
            Either::Right((block, _)) => Event::Compressed(block),
        }
    }

    fn hand_over(&mut self, block: Bytes) {
        let len = block.len() as u64;
        self.sizes.add_raw(len);
        let before = std::mem::replace(&mut self.before, block.clone());
        let done = self.threads.start(before, block);
        self.blocks.push_back(PendingBlock { len, done });
    }
}
