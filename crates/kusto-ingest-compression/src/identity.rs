//! Bytes as they are: for what is compressed already, and for formats that compress themselves.

use bytes::Bytes;
use futures::io::{AsyncRead, AsyncReadExt};
use futures::stream::{self, Stream};
use kusto_ingest_core::{Error, ErrorKind, Payload, Result};

use crate::{Encoded, EncodedSizes};

/// How many bytes are read at once.
pub(crate) const CHUNK: usize = 256 * 1024;

/// Opens a payload and gives its bytes as they are, under the same counts as a compressor.
///
/// # Errors
/// What opening the payload says; the stream ends with an error when it cannot be read to its end.
pub async fn identity(payload: &Payload) -> Result<Encoded> {
    let sizes = EncodedSizes::new();
    if let Some(bytes) = payload.as_bytes() {
        sizes.add_raw(bytes.len() as u64);
        let whole = bytes.clone();
        return Ok(Encoded::new(stream::iter([Ok(whole)]), sizes));
    }
    let reader = payload.open(0).await?;
    let counted = sizes.clone();
    let chunks = chunks_of(reader);
    let chunks =
        futures::TryStreamExt::inspect_ok(chunks, move |chunk: &Bytes| counted.add_raw(chunk.len() as u64));
    Ok(Encoded::new(chunks, sizes))
}

/// The bytes of a reader in chunks.
pub(crate) fn chunks_of(reader: impl AsyncRead + Send + Unpin) -> impl Stream<Item = Result<Bytes>> + Send {
    stream::try_unfold(reader, |mut reader| async move {
        let mut chunk = vec![0; CHUNK];
        let mut filled = 0;
        while filled < chunk.len() {
            match reader.read(&mut chunk[filled..]).await.map_err(unreadable)? {
                0 => break,
                read => filled += read,
            }
        }
        chunk.truncate(filled);
        Ok((filled > 0).then(|| (Bytes::from(chunk), reader)))
    })
}

pub(crate) fn unreadable(error: std::io::Error) -> Error {
    Error::new(ErrorKind::SourceNotReadable, "read the source").caused_by(error)
}
