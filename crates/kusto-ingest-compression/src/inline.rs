//! Gzip inside the task that takes the chunks.

use std::task::Poll;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::poll_fn;
use futures::stream::{self, BoxStream};
use kusto_ingest_core::{Payload, Result};

use crate::{Compressor, Encoded, EncodedSizes, GzipEncoder, GzipLevel, raw};

/// Bytes in memory up to this size are compressed in one go, into one chunk.
const ONE_GO: usize = 1024 * 1024;
/// Chunks are handed out once they are at least so large.
const CHUNK: usize = 64 * 1024;
/// How much is compressed before other tasks get their turn: below a millisecond's work.
const TURN: usize = 64 * 1024;

/// Compresses inside the task that takes the chunks; it needs no runtime.
///
/// Between pieces of 64 KiB it lets other tasks run. For large sources on a busy runtime, the compressor of
/// `kusto-ingest-tokio` does the same on threads of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct InlineCompressor {
    level: GzipLevel,
}

impl InlineCompressor {
    /// A compressor of the default level.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Compresses harder, or faster.
    #[must_use]
    pub fn with_level(self, level: GzipLevel) -> Self {
        Self { level }
    }

    fn in_one_go(self, bytes: &Bytes) -> Result<Encoded> {
        let mut encoder = GzipEncoder::new(self.level);
        encoder.push(bytes)?;
        let chunk = encoder.finish()?;
        let sizes = EncodedSizes::new();
        sizes.add_raw(bytes.len() as u64);
        Ok(Encoded::new(stream::iter([Ok(chunk)]), sizes))
    }
}

#[async_trait]
impl Compressor for InlineCompressor {
    async fn gzip(&self, payload: &Payload) -> Result<Encoded> {
        if let Some(bytes) = payload.as_bytes().filter(|bytes| bytes.len() <= ONE_GO) {
            return self.in_one_go(bytes);
        }
        let sizes = EncodedSizes::new();
        let work = Work {
            chunks: raw::chunks(payload).await?,
            encoder: GzipEncoder::new(self.level),
            sizes: sizes.clone(),
        };
        let encoded = stream::try_unfold(Some(work), async |work: Option<Work>| match work {
            Some(work) => work.next().await.map(Some),
            None => Ok(None),
        });
        Ok(Encoded::new(encoded, sizes))
    }
}

struct Work {
    chunks: BoxStream<'static, Result<Bytes>>,
    encoder: GzipEncoder,
    sizes: EncodedSizes,
}

impl Work {
    /// The next chunk, and what is left of the work.
    async fn next(mut self) -> Result<(Bytes, Option<Self>)> {
        while let Some(chunk) = self.chunks.next().await {
            let chunk = chunk?;
            for piece in chunk.chunks(TURN) {
                self.encoder.push(piece)?;
                give_way().await;
            }
            self.sizes.add_raw(chunk.len() as u64);
            if self.encoder.ready() >= CHUNK {
                return Ok((self.encoder.take(), Some(self)));
            }
        }
        Ok((self.encoder.finish()?, None))
    }
}

/// Lets the other tasks of the executor run once.
async fn give_way() {
    let mut gave = false;
    poll_fn(|context| {
        if std::mem::replace(&mut gave, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
