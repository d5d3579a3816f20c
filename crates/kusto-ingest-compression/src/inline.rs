//! Gzip in the calling task: for small bodies, for tests, and for programs without threads.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use async_compression::Level;
use async_compression::futures::bufread::GzipEncoder;
use async_trait::async_trait;
use bytes::Bytes;
use flate2::Compression as Flate;
use flate2::write::GzEncoder;
use futures::io::{AsyncRead, BufReader};
use futures::stream;
use kusto_ingest_core::{Error, ErrorKind, Payload, PayloadReader, Result};

use crate::identity::{CHUNK, chunks_of};
use crate::{Compressor, Encoded, EncodedSizes};

/// What is in memory and no longer than this is compressed in one go.
const IN_ONE_GO: usize = 8 * 1024 * 1024;

/// Compresses in the calling task, with zlib-rs.
///
/// The header holds neither name nor time, so that equal bytes give equal blobs. A task that compresses delays
/// its neighbours on the same thread: in a server, prefer `ThreadedCompressor` of `kusto-ingest-tokio`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InlineCompressor {
    level: u32,
}

impl InlineCompressor {
    /// The level at which zlib-rs gives most for its time.
    pub const LEVEL: u32 = 3;

    /// A compressor of the default level.
    #[must_use]
    pub fn new() -> Self {
        Self { level: Self::LEVEL }
    }

    /// Another level, 0 (none) to 9 (slowest).
    #[must_use]
    pub fn with_level(self, level: u32) -> Self {
        Self { level: level.min(9) }
    }
}

impl Default for InlineCompressor {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Compressor for InlineCompressor {
    async fn gzip(&self, payload: &Payload) -> Result<Encoded> {
        match payload.as_bytes() {
            Some(bytes) if bytes.len() <= IN_ONE_GO => gzip_bytes(bytes, self.level),
            _ => self.gzip_stream(payload).await,
        }
    }
}

impl InlineCompressor {
    async fn gzip_stream(&self, payload: &Payload) -> Result<Encoded> {
        let sizes = EncodedSizes::new();
        let reader = Counted {
            reader: payload.open(0).await?,
            sizes: sizes.clone(),
        };
        let level = Level::Precise(i32::try_from(self.level).unwrap_or(9));
        let encoder = GzipEncoder::with_quality(BufReader::with_capacity(CHUNK, reader), level);
        Ok(Encoded::new(chunks_of(Box::pin(encoder)), sizes))
    }
}

/// Compresses bytes in memory in one go.
///
/// # Errors
/// [`ErrorKind::Data`] when the encoder fails, which it does not on memory.
pub fn gzip_bytes(bytes: &Bytes, level: u32) -> Result<Encoded> {
    let sizes = EncodedSizes::new();
    sizes.add_raw(bytes.len() as u64);
    let compress = || -> io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3 + 64), Flate::new(level));
        encoder.write_all(bytes)?;
        encoder.finish()
    };
    let body =
        compress().map_err(|error| Error::new(ErrorKind::Data, "compress the source").caused_by(error))?;
    Ok(Encoded::new(stream::iter([Ok(Bytes::from(body))]), sizes))
}

/// A reader that counts what is read from it.
struct Counted {
    reader: PayloadReader,
    sizes: EncodedSizes,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let polled = self.reader.as_mut().poll_read(context, buffer);
        if let Poll::Ready(Ok(read)) = &polled {
            self.sizes.add_raw(*read as u64);
        }
        polled
    }
}
