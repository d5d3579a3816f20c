//! A reader as networks are: it gives little at a time, and every other time nothing yet.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_io::AsyncRead;

use crate::{Payload, PayloadReader};

/// Gives at most 4,093 bytes at a time, and every other time nothing yet.
#[derive(Clone, Debug)]
pub struct Trickle {
    bytes: Bytes,
    most: usize,
    breaks: bool,
    rested: bool,
}

impl Trickle {
    /// Gives these bytes, and ends.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            most: 4_093,
            breaks: false,
            rested: false,
        }
    }

    /// Gives at most so many bytes at a time.
    #[must_use]
    pub fn with_most(self, bytes: usize) -> Self {
        Self { most: bytes, ..self }
    }

    /// Fails after its last byte: "the disk is gone".
    #[must_use]
    pub fn breaking(self) -> Self {
        Self { breaks: true, ..self }
    }

    /// A payload that begins anew whenever it is opened, and declares this length.
    #[must_use]
    pub fn into_payload(self, len: Option<u64>) -> Payload {
        Payload::replayable(len, move |offset| {
            let reader: PayloadReader = Box::pin(self.starting_at(offset));
            std::future::ready(Ok(reader))
        })
    }

    fn starting_at(&self, offset: u64) -> Self {
        let start = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        Self {
            bytes: self.bytes.slice(start..),
            ..self.clone()
        }
    }
}

impl AsyncRead for Trickle {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        self.rested = !self.rested;
        if self.rested {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.bytes.is_empty() && self.breaks {
            return Poll::Ready(Err(io::Error::other("the disk is gone")));
        }
        let some = self.bytes.len().min(into.len()).min(self.most);
        into[..some].copy_from_slice(&self.bytes.split_to(some));
        Poll::Ready(Ok(some))
    }
}
