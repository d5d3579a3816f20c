//! Payloads that are no bytes in memory: as a file is, as one is that lies about its length, as one is that breaks.

use std::future::poll_fn;
use std::io;

use bytes::Bytes;

use super::Trickle;
use crate::Payload;

/// As a file is: of known length, and opened at any offset as often as wanted.
pub fn replayable(bytes: impl Into<Bytes>) -> Payload {
    let bytes = bytes.into();
    replayable_declaring(Some(bytes.len() as u64), bytes)
}

/// The same, with a length that it declares: none, or another than it has.
pub fn replayable_declaring(len: Option<u64>, bytes: impl Into<Bytes>) -> Payload {
    let memory = Payload::from_bytes(bytes);
    Payload::replayable(len, move |offset| {
        let memory = memory.clone();
        async move { memory.open(offset).await.map_err(io::Error::other) }
    })
}

/// The same as [`replayable`], but read as from a [`Trickle`].
pub fn trickling(bytes: impl Into<Bytes>) -> Payload {
    let bytes = bytes.into();
    let len = bytes.len() as u64;
    Trickle::new(bytes).into_payload(Some(len))
}

/// It can be opened as often as wanted, gives these bytes, and then fails.
pub fn breaking(len: Option<u64>, bytes: impl Into<Bytes>) -> Payload {
    Trickle::new(bytes).breaking().into_payload(len)
}

/// The text of a payload from an offset on.
///
/// # Errors
///
/// As [`read`]; and it is no UTF-8.
pub async fn read_text(payload: &Payload, offset: u64) -> io::Result<String> {
    let bytes = read(payload, offset).await?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// All bytes of a payload from an offset on.
///
/// # Errors
///
/// It cannot be opened there, or breaks while it is read.
pub async fn read(payload: &Payload, offset: u64) -> io::Result<Vec<u8>> {
    let mut reader = payload.open(offset).await.map_err(io::Error::other)?;
    let (mut all, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        let read = poll_fn(|context| reader.as_mut().poll_read(context, &mut buffer)).await?;
        if read == 0 {
            return Ok(all);
        }
        all.extend_from_slice(&buffer[..read]);
    }
}
