//! A reader that is one function, so that a test says only what its reader does.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncRead;

use crate::PayloadReader;

/// A reader that answers each poll as the function does: it fills the buffer and gives how many bytes it has put there.
pub fn reader<F>(poll_read: F) -> PayloadReader
where
    F: FnMut(&mut Context<'_>, &mut [u8]) -> Poll<io::Result<usize>> + Send + Unpin + 'static,
{
    Box::pin(ReadFn(poll_read))
}

struct ReadFn<F>(F);

impl<F> AsyncRead for ReadFn<F>
where
    F: FnMut(&mut Context<'_>, &mut [u8]) -> Poll<io::Result<usize>> + Unpin,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        (self.0)(context, buffer)
    }
}
