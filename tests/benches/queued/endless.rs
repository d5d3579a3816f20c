//! A stream that is made while it flows, and so takes no memory.

use std::io::{Read, Result};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::io::AsyncRead;

/// The same text again and again, up to a length.
pub(crate) struct Endless {
    text: Bytes,
    at: usize,
    left: usize,
}

impl Endless {
    pub(crate) fn new(text: Bytes, length: usize) -> Self {
        Self {
            text,
            at: 0,
            left: length,
        }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let length = buffer.len().min(self.left).min(self.text.len() - self.at);
        buffer[..length].copy_from_slice(&self.text[self.at..self.at + length]);
        self.left -= length;
        self.at = (self.at + length) % self.text.len();
        Ok(length)
    }
}

impl AsyncRead for Endless {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<usize>> {
        Poll::Ready(self.read(buffer))
    }
}
