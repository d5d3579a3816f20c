//! Bytes on their way to Kusto, with a count of what went in and what came out.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use kusto_ingest_core::Result;

/// A stream of chunks, none of them empty, that counts what went in and what came out.
///
/// The counts are complete once the stream has ended without error.
pub struct Encoded {
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>,
    sizes: EncodedSizes,
}

impl Encoded {
    /// A stream of chunks over sizes that its maker counts the raw bytes into; the encoded ones are counted here.
    pub fn new(chunks: impl Stream<Item = Result<Bytes>> + Send + 'static, sizes: EncodedSizes) -> Self {
        Self {
            chunks: Box::pin(chunks),
            sizes,
        }
    }

    /// The counts, which go on while the stream is read.
    #[must_use]
    pub fn sizes(&self) -> EncodedSizes {
        self.sizes.clone()
    }
}

impl Stream for Encoded {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match self.chunks.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) if chunk.is_empty() => {}
                Poll::Ready(Some(Ok(chunk))) => {
                    self.sizes.add_encoded(chunk.len() as u64);
                    return Poll::Ready(Some(Ok(chunk)));
                }
                other => return other,
            }
        }
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoded")
            .field("sizes", &self.sizes)
            .finish_non_exhaustive()
    }
}

/// How many bytes went into an encoder and came out of it so far. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct EncodedSizes(Arc<SizeCounters>);

#[derive(Debug, Default)]
struct SizeCounters {
    raw: AtomicU64,
    encoded: AtomicU64,
    stored: AtomicU64,
}

impl EncodedSizes {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts bytes that went in.
    pub fn add_raw(&self, bytes: u64) {
        self.0.raw.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts raw bytes that are stored inside the encoded ones as they are, because they do not compress.
    pub fn add_stored(&self, bytes: u64) {
        self.0.stored.fetch_add(bytes, Ordering::Relaxed);
    }

    fn add_encoded(&self, bytes: u64) {
        self.0.encoded.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Uncompressed bytes so far.
    #[must_use]
    pub fn raw(&self) -> u64 {
        self.0.raw.load(Ordering::Relaxed)
    }

    /// Of the uncompressed bytes, those that are stored as they are, so far.
    #[must_use]
    pub fn stored(&self) -> u64 {
        self.0.stored.load(Ordering::Relaxed)
    }

    /// Bytes that came out so far.
    #[must_use]
    pub fn encoded(&self) -> u64 {
        self.0.encoded.load(Ordering::Relaxed)
    }
}
