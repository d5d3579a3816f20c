//! What tokio reads, as a payload.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::AsyncRead;
use kusto_ingest_core::Payload;
use tokio::io::ReadBuf;

use crate::runtime::require_runtime;

/// A payload of anything that tokio reads, such as standard input. It cannot be replayed, so it can be sent again only as
/// far as it was kept in memory.
///
/// It is read on a tokio runtime only: elsewhere reading it is an error, where most of tokio's readers would panic.
pub fn reader(reader: impl tokio::io::AsyncRead + Send + 'static) -> Payload {
    Payload::from_reader(Reader(Box::pin(reader)))
}

/// Lets the ports read what tokio reads.
pub(crate) struct Reader<R>(pub(crate) Pin<Box<R>>);

impl<R: tokio::io::AsyncRead> AsyncRead for Reader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        require_runtime("read the source").map_err(io::Error::other)?;
        let mut buffer = ReadBuf::new(buffer);
        ready!(self.0.as_mut().poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }
}
