//! Gzip on blocking threads.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{Either, TryFutureExt as _};
use futures::stream::{self, Stream, TryStreamExt as _};
use kusto_ingest_compression::{
    Compressor, DeflateEngine, Encoded, EncodedSizes, GzipBlock, GzipLevel, ZlibRs, chunked,
};
use kusto_ingest_core::{Payload, Result};

use crate::encoder_pool::EncoderPool;
use crate::member::Member;
use crate::runtime;
use crate::threads::{Threads, WORTH_A_THREAD};
use crate::workers::Workers;

/// Compresses on blocking threads of the runtime, a large source on all cores at once.
///
/// A source of more than one block, which is 512 KiB, is compressed in blocks that the threads take side by side and
/// that become a single gzip member, in the order of the source. The same bytes become the same bytes, whatever the
/// number of threads. A smaller source is compressed in one go.
///
/// The runtime stays free meanwhile: only the reading is done in the task that takes the chunks. All sources of a
/// compressor, and of its clones, share its threads and take turns block by block. No thread is held while a source
/// waits for its reader or for the one who takes its chunks.
///
/// A source or block of 64 KiB or more that does not compress is stored in the member as it is, after a look at a part of it.
///
/// A source holds at most twice as many blocks as there are threads, compressed or not yet; where many sources
/// compete, two. Dropping the stream ends the work with the blocks that are in hand.
#[derive(Clone, Debug)]
pub struct ThreadedCompressor {
    encoders: EncoderPool,
    workers: Workers,
}

impl ThreadedCompressor {
    /// A compressor of the default level, with as many threads as the machine runs at once.
    #[must_use]
    pub fn new() -> Self {
        let threads = available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let engine = Arc::new(ZlibRs::new());
        Self {
            encoders: EncoderPool::new(engine, GzipLevel::default(), threads.get()),
            workers: Workers::new(threads),
        }
    }

    /// Compresses harder, or faster.
    #[must_use]
    pub fn with_level(self, level: GzipLevel) -> Self {
        let encoders = self.encoders.with_level(level);
        Self { encoders, ..self }
    }

    /// Compresses by another engine than the one of pure Rust.
    #[must_use]
    pub fn with_engine(self, engine: Arc<dyn DeflateEngine>) -> Self {
        let encoders = self.encoders.with_engine(engine);
        Self { encoders, ..self }
    }

    /// Uses so many threads at once, for all sources together; clones made before keep theirs.
    #[must_use]
    pub fn with_threads(self, threads: NonZeroUsize) -> Self {
        Self {
            encoders: self.encoders.with_most(threads.get()),
            workers: Workers::new(threads),
        }
    }
}

impl Default for ThreadedCompressor {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Compressor for ThreadedCompressor {
    /// Fails with [`ErrorKind::Unsupported`](kusto_ingest_core::ErrorKind::Unsupported) outside of a tokio runtime.
    async fn gzip(&self, payload: &Payload) -> Result<Encoded> {
        if let Some(bytes) = payload.as_bytes().filter(|bytes| bytes.len() < WORTH_A_THREAD) {
            let sizes = EncodedSizes::new();
            let member = self.encoders.member(bytes, &sizes)?;
            return Ok(Encoded::new(stream::iter([Ok(member)]), sizes));
        }
        let runtime = runtime::current("compress the source")?;
        let threads = Threads::new(self.encoders.clone(), self.workers.clone(), runtime);
        let raw = chunked(payload).await?;
        let sizes = EncodedSizes::new();
        let chunks = compressed(raw, threads, sizes.clone()).try_flatten_stream();
        Ok(Encoded::new(chunks, sizes))
    }
}

/// Reads the first block, by which it is known whether there may be others.
async fn compressed(
    mut raw: Encoded,
    threads: Threads,
    sizes: EncodedSizes,
) -> Result<impl Stream<Item = Result<Bytes>> + Send> {
    let first = raw.try_next().await?.unwrap_or_default();
    if first.len() < GzipBlock::SIZE {
        let whole = threads.in_one_go(first, sizes).await;
        return Ok(Either::Left(stream::iter([whole])));
    }
    let member = Member::new(raw, first, threads, sizes);
    Ok(Either::Right(member.chunks()))
}
