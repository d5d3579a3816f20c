//! Sources that behave, and sources that do not.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::io::AsyncRead;
use kusto_ingest_core::{Payload, PayloadReader};

/// Bytes that do not compress, the same every time.
pub(super) fn noise(length: usize) -> Bytes {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend(next());
    }
    bytes.truncate(length);
    bytes.into()
}

/// Bytes that are read a few at a time, as often as wanted.
pub(super) fn trickling(bytes: &Bytes) -> Payload {
    let bytes = bytes.clone();
    Payload::replayable(Some(bytes.len() as u64), move |offset| {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let rest = Trickle::new(bytes.slice(from..), End::Clean);
        async move { Ok(Box::pin(rest) as PayloadReader) }
    })
}

/// Bytes that flow once.
pub(super) fn once(bytes: &Bytes) -> Trickle {
    Trickle::new(bytes.clone(), End::Clean)
}

/// Some bytes, after which reading fails.
pub(super) fn breaking(bytes: &Bytes) -> Payload {
    let bytes = bytes.clone();
    Payload::replayable(Some(2 * bytes.len() as u64), move |_| {
        let broken = Trickle::new(bytes.clone(), End::Broken);
        async move { Ok(Box::pin(broken) as PayloadReader) }
    })
}

/// A reader that gives little at a time, and every other time nothing yet.
#[derive(Debug)]
pub(super) struct Trickle {
    bytes: Bytes,
    end: End,
    rested: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Clean,
    Broken,
}

impl Trickle {
    fn new(bytes: Bytes, end: End) -> Self {
        let rested = false;
        Self { bytes, end, rested }
    }
}

impl AsyncRead for Trickle {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        self.rested = !self.rested;
        if self.rested {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.bytes.is_empty() && self.end == End::Broken {
            return Poll::Ready(Err(io::Error::other("a conformance suite broke this source")));
        }
        let some = self.bytes.len().min(into.len()).min(4_093);
        into[..some].copy_from_slice(&self.bytes.split_to(some));
        Poll::Ready(Ok(some))
    }
}
