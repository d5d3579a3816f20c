//! The body of a streaming request: gzip where it is worth it, in memory as far as it fits.

use std::future::ready;
use std::io;

use bytes::{Bytes, BytesMut};
use futures::stream;
use futures::{AsyncReadExt as _, StreamExt as _, TryStreamExt as _};
use kusto_ingest_core::{
    Compression, CountedSize, DataFormat, Error, ErrorKind, LocalSource, Payload, Result, unreadable,
};

use super::{StreamingLimits, ingested_bytes};
use crate::{Compressor, Encoded, EncodedSizes, detect, passthrough, should_compress};

/// A local source on its way into a streaming request.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it fits, or it does not")]
pub enum StreamingBody {
    /// It fits: its payload is in memory, exactly as it is to be sent, and says what it is compressed with.
    Fits(LocalSource),
    /// It is too large. Nothing of it is lost: a stream that cannot be replayed begins with what was read of it already,
    /// and goes on with the rest. It, too, says what it is compressed with, and its uncompressed size once all of it was
    /// read, where it is compressed on the way.
    TooLarge(LocalSource),
}

/// Reads a local source into the body of a streaming request, and stops as soon as it is known not to fit.
///
/// Plain bytes of a format that does not compress by itself are gzipped; all others are left as they are. What the
/// bytes are is told by their beginning and not by a name, so that a request never claims what is not so. At most
/// the limit of the body is kept in memory, and a chunk.
///
/// # Errors
/// As [`Payload::open`]; [`ErrorKind::SourceNotReadable`] when the source cannot be read to its end;
/// [`ErrorKind::EmptySource`] when the source is empty.
pub async fn streaming_body(
    source: &LocalSource,
    format: DataFormat,
    limits: StreamingLimits,
    compressor: &dyn Compressor,
) -> Result<StreamingBody> {
    let (payload, compression) = beginning(source.payload()).await?;
    let measure = SizeMeter {
        format,
        compression,
        limits,
        raw_size: source.raw_size(),
    };
    // What is known to be too large is not read: it goes on as it came, or with its beginning put back.
    let compresses = should_compress(format, compression);
    if measure.is_known_to_exceed(&payload, compresses) {
        return Ok(StreamingBody::TooLarge(renewed(
            source,
            payload,
            compression,
            None,
        )));
    }
    let (mut chunks, encoding) = match compresses {
        true => (compressor.gzip(&payload).await?, Compression::Gzip),
        false => (passthrough(&payload).await?, compression),
    };
    let sizes = chunks.sizes();
    let mut kept = Vec::new();
    while let Some(chunk) = chunks.next().await {
        kept.push(chunk?);
        if measure.exceeds(&sizes) {
            break;
        }
    }
    if measure.exceeds(&sizes) {
        return Ok(StreamingBody::TooLarge(match source.payload().is_replayable() {
            // As it came: what was made of it so far is made anew.
            true => renewed(source, payload, compression, None),
            false => {
                let size = CountedSize::new();
                let whole = renewed(source, whole(kept, chunks, size.clone()), encoding, None);
                match compression {
                    Compression::None => whole.with_counted_size(size),
                    Compression::Gzip | Compression::Zip => whole,
                }
            }
        }));
    }
    if sizes.raw() == 0 {
        return Err(Error::new(ErrorKind::EmptySource, "read the source").because("the source is empty"));
    }
    let body = Payload::from_bytes(joined(kept));
    let raw = measure.raw(&sizes);
    Ok(StreamingBody::Fits(renewed(source, body, encoding, raw)))
}

/// How large a source is while it is read, and how large it may be.
struct SizeMeter {
    format: DataFormat,
    compression: Compression,
    limits: StreamingLimits,
    raw_size: Option<u64>,
}

impl SizeMeter {
    /// Whether it is too large by what is known before it is read: its sizes, and that of the body where nothing compresses
    /// it on the way.
    fn is_known_to_exceed(&self, payload: &Payload, compresses: bool) -> bool {
        if !compresses && payload.len() > Some(self.limits.wire_bytes) {
            return true;
        }
        let data = match (self.raw_size, payload.len()) {
            (Some(raw), _) => ingested_bytes(self.format, Compression::None, raw),
            (None, Some(len)) => ingested_bytes(self.format, self.compression, len),
            (None, None) => 0,
        };
        data > self.limits.data_bytes
    }

    fn exceeds(&self, sizes: &EncodedSizes) -> bool {
        let data = match self.raw(sizes) {
            Some(raw) => ingested_bytes(self.format, Compression::None, raw),
            None => ingested_bytes(self.format, self.compression, sizes.encoded()),
        };
        sizes.encoded() > self.limits.wire_bytes || data > self.limits.data_bytes
    }

    /// Of bytes that come compressed, only the caller knows how many they were.
    fn raw(&self, sizes: &EncodedSizes) -> Option<u64> {
        match self.compression {
            Compression::None => Some(sizes.raw()),
            Compression::Gzip | Compression::Zip => self.raw_size,
        }
    }
}

/// What a payload is compressed with, by its beginning, and the payload with that beginning still in place.
async fn beginning(payload: &Payload) -> Result<(Payload, Compression)> {
    if let Some(bytes) = payload.as_bytes() {
        return Ok((payload.clone(), detect(bytes)));
    }
    let mut reader = payload.open(0).await?;
    let mut first = [0; 4];
    let mut filled = 0;
    while filled < first.len() {
        let read = reader.read(&mut first[filled..]).await;
        match read.map_err(|error| unreadable("read the source", error))? {
            0 => break,
            more => filled += more,
        }
    }
    let first = Bytes::copy_from_slice(&first[..filled]);
    let compression = detect(&first);
    if payload.is_replayable() {
        return Ok((payload.clone(), compression));
    }
    let all = futures::io::Cursor::new(first).chain(reader);
    Ok((Payload::from_reader(all), compression))
}

/// All bytes of a source that turned out not to fit: those that were read, and then the rest. At their end it is known how
/// many they were before they were compressed.
fn whole(kept: Vec<Bytes>, rest: Encoded, size: CountedSize) -> Payload {
    let sizes = rest.sizes();
    let end = stream::iter([()]).filter_map(move |()| {
        size.complete(sizes.raw());
        ready(None)
    });
    let chunks = stream::iter(kept).map(Ok).chain(rest).chain(end);
    Payload::from_reader(chunks.map_err(io::Error::other).into_async_read())
}

/// The same source over other bytes.
fn renewed(
    source: &LocalSource,
    payload: Payload,
    compression: Compression,
    raw: Option<u64>,
) -> LocalSource {
    source
        .clone()
        .with_payload(payload)
        .with_compression(compression)
        .with_raw_size(raw.or(source.raw_size()).unwrap_or(0))
}

fn joined(mut chunks: Vec<Bytes>) -> Bytes {
    if chunks.len() == 1 {
        return chunks.remove(0);
    }
    let mut all = BytesMut::with_capacity(chunks.iter().map(Bytes::len).sum());
    chunks.iter().for_each(|chunk| all.extend_from_slice(chunk));
    all.freeze()
}
