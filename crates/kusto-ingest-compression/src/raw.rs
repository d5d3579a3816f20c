//! A payload as it is, in chunks, and a check that it has its declared length.

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{AsyncReadExt as _, StreamExt as _};
use kusto_ingest_core::{Error, ErrorKind, Payload, PayloadReader, Result, unreadable};

use crate::{Encoded, EncodedSizes, GzipBlock};

/// How much is read at once.
const CHUNK: usize = GzipBlock::SIZE;
/// How much room the first bytes of a payload of unknown length get: many such payloads are small.
const FIRST_ROOM: usize = 64 * 1024;

/// Opens a payload and passes it on as it is.
///
/// Bytes in memory are one chunk and are not copied.
///
/// # Errors
/// As [`Payload::open`]. The stream itself ends with [`ErrorKind::SourceNotReadable`] when the payload cannot be
/// read, or is longer or shorter than it said.
pub async fn passthrough(payload: &Payload) -> Result<Encoded> {
    let sizes = EncodedSizes::new();
    let chunks = match payload.as_bytes() {
        Some(bytes) => in_memory(bytes.clone(), usize::MAX),
        None => opened(payload).await?,
    };
    Ok(counted(chunks, sizes))
}

/// Opens a payload and passes it on as it is, in blocks of [`GzipBlock::SIZE`] bytes; only the last is shorter.
///
/// Bytes in memory are cut and not copied.
///
/// # Errors
/// As [`passthrough`].
pub async fn chunked(payload: &Payload) -> Result<Encoded> {
    let sizes = EncodedSizes::new();
    Ok(counted(chunks(payload).await?, sizes))
}

/// Opens a payload as chunks that are read, or cut, one at a time.
pub(crate) async fn chunks(payload: &Payload) -> Result<BoxStream<'static, Result<Bytes>>> {
    match payload.as_bytes() {
        Some(bytes) => Ok(in_memory(bytes.clone(), CHUNK)),
        None => opened(payload).await,
    }
}

fn counted(chunks: BoxStream<'static, Result<Bytes>>, sizes: EncodedSizes) -> Encoded {
    let raw = sizes.clone();
    let counting = chunks.inspect(move |chunk| {
        if let Ok(chunk) = chunk {
            raw.add_raw(chunk.len() as u64);
        }
    });
    Encoded::new(counting, sizes)
}

fn in_memory(bytes: Bytes, chunk: usize) -> BoxStream<'static, Result<Bytes>> {
    stream::unfold(bytes, move |mut rest| async move {
        let next = rest.split_to(rest.len().min(chunk));
        (!next.is_empty()).then_some((Ok(next), rest))
    })
    .boxed()
}

async fn opened(payload: &Payload) -> Result<BoxStream<'static, Result<Bytes>>> {
    if let Some(whole) = whole(payload).await? {
        return Ok(in_memory(whole, CHUNK));
    }
    let reading = Reading {
        reader: payload.open(0).await?,
        expected: payload.len(),
        read: 0,
    };
    Ok(stream::try_unfold(reading, async |mut reading: Reading| {
        let chunk = reading.next().await?;
        Ok((!chunk.is_empty()).then_some((chunk, reading)))
    })
    .boxed())
}

/// All bytes of a payload whose owner reads them at once.
async fn whole(payload: &Payload) -> Result<Option<Bytes>> {
    let Some(whole) = payload.whole().await? else {
        return Ok(None);
    };
    proven(payload.len(), whole.len() as u64, true)?;
    Ok(Some(whole))
}

struct Reading {
    reader: PayloadReader,
    expected: Option<u64>,
    read: u64,
}

impl Reading {
    /// The next chunk, empty at the end.
    async fn next(&mut self) -> Result<Bytes> {
        let room = self.room();
        let is_small_for_now = self.expected.is_none() && self.read == 0;
        let mut chunk = BytesMut::zeroed(if is_small_for_now { FIRST_ROOM } else { room });
        let mut filled = 0;
        while filled < room {
            if filled == chunk.len() {
                chunk.resize((2 * filled).min(room), 0);
            }
            let read = self.reader.read(&mut chunk[filled..]).await;
            match read.map_err(|error| unreadable("read the source", error))? {
                0 => break,
                more => filled += more,
            }
        }
        chunk.truncate(filled);
        self.read += filled as u64;
        proven(self.expected, self.read, filled < room)?;
        Ok(chunk.freeze())
    }

    /// Room for one chunk. Where less is left, a byte more than that: so the end is seen in the same go.
    fn room(&self) -> usize {
        let left = self.expected.map(|expected| expected.saturating_sub(self.read));
        let left = left.and_then(|left| usize::try_from(left).ok());
        left.map_or(CHUNK, |left| left.saturating_add(1).min(CHUNK))
    }
}

/// What is longer or shorter than it said has changed meanwhile: half of it is not to be ingested.
fn proven(expected: Option<u64>, read: u64, is_end: bool) -> Result<()> {
    match expected {
        Some(expected) if read > expected || (is_end && read < expected) => {
            Err(Error::new(ErrorKind::SourceNotReadable, "read the source")
                .because("it is not as long as when it was opened")
                .with("bytes then", expected)
                .with("bytes read", read))
        }
        _ => Ok(()),
    }
}
