//! Gzip inside the task that takes the chunks.

use std::io;

use async_compression::Level;
use async_compression::futures::bufread;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::io::{AsyncRead, AsyncReadExt as _};
use futures::stream::{self, TryStreamExt as _};
use kusto_ingest_core::{Error, ErrorKind, Payload, Result, give_way};

use crate::{Compressor, Encoded, EncodedSizes, GzipEncoder, GzipLevel, raw};

/// Bytes in memory up to this size are compressed in one go, into one chunk.
const ONE_GO: usize = 1024 * 1024;
/// How much is handed out before other tasks get their turn: a millisecond's work or two.
const CHUNK: usize = 32 * 1024;

/// Compresses inside the task that takes the chunks; it needs no runtime.
///
/// Between chunks it lets other tasks run. What is larger than 1 MiB it deflates whether that gains anything or not. For large sources on a busy runtime, the compressor of
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
        let sizes = EncodedSizes::new();
        let chunk = GzipEncoder::new(self.level).member(bytes, &sizes)?;
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
        let counted = sizes.clone();
        let raw = raw::chunks(payload)
            .await?
            .inspect_ok(move |chunk| counted.add_raw(chunk.len() as u64));
        let raw = raw.map_err(io::Error::other).into_async_read();
        let encoder = bufread::GzipEncoder::with_quality(raw, Level::Precise(self.level.number().into()));
        Ok(Encoded::new(stream::try_unfold(Box::pin(encoder), next), sizes))
    }
}

/// The next chunk of an encoder, after other tasks had their turn.
async fn next<R: AsyncRead + Unpin>(mut encoder: R) -> Result<Option<(Bytes, R)>> {
    give_way().await;
    let mut chunk = BytesMut::zeroed(CHUNK);
    let read = encoder.read(&mut chunk).await.map_err(failed)?;
    chunk.truncate(read);
    Ok((read > 0).then(|| (chunk.freeze(), encoder)))
}

/// What the payload said, which went through the encoder as an I/O error; or what the encoder itself said.
fn failed(error: io::Error) -> Error {
    error
        .downcast::<Error>()
        .unwrap_or_else(|error| Error::new(ErrorKind::Data, "compress the source").caused_by(error))
}
