//! What moves on a connection: when bytes moved last, and whether all that was written has left.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::watchdog::{now, timer};

/// How long the shutdown of a connection may take. A peer that reads nothing would otherwise keep the socket for ever.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// The counters of one connection, shared by the connection and the call that uses it.
#[derive(Debug)]
pub(crate) struct Meter {
    opened: Instant,
    /// Nanoseconds since `opened`; zero is never.
    read: AtomicU64,
    written: AtomicU64,
    unflushed: AtomicBool,
    ended: AtomicBool,
    writer: AtomicWaker,
}

impl Meter {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            opened: now(),
            read: AtomicU64::new(0),
            written: AtomicU64::new(0),
            unflushed: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            writer: AtomicWaker::new(),
        })
    }

    /// When bytes moved last, in either direction; when it was opened, if none did.
    pub(crate) fn moved(&self) -> Instant {
        let last = self
            .read
            .load(Ordering::Acquire)
            .max(self.written.load(Ordering::Acquire));
        self.opened + Duration::from_nanos(last)
    }

    /// Whether anything was written since then.
    pub(crate) fn wrote_since(&self, then: Instant) -> bool {
        let last = self.written.load(Ordering::Acquire);
        last > 0 && self.opened + Duration::from_nanos(last) >= then
    }

    /// Whether all that was handed to the connection went to the socket.
    pub(crate) fn is_flushed(&self) -> bool {
        !self.unflushed.load(Ordering::Acquire)
    }

    /// Half a request lies on the connection, and the other half will not follow: it ends now, even if its peer reads
    /// nothing.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.writer.wake();
    }

    fn stamp(&self, direction: &AtomicU64) {
        let elapsed = u64::try_from((now() - self.opened).as_nanos()).unwrap_or(u64::MAX);
        direction.store(elapsed.max(1), Ordering::Release);
    }

    fn before_write(&self, cx: &Context<'_>) -> io::Result<()> {
        self.writer.register(cx.waker());
        self.check()?;
        // Even a write that goes nowhere means that something waits to be written.
        self.unflushed.store(true, Ordering::Release);
        Ok(())
    }

    fn check(&self) -> io::Result<()> {
        if self.ended.load(Ordering::Acquire) {
            return Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the answer came before the end of the request",
            ));
        }
        Ok(())
    }

    fn after_write(&self, outcome: &Poll<io::Result<usize>>) {
        if matches!(outcome, Poll::Ready(Ok(1..))) {
            self.stamp(&self.written);
        }
    }
}

/// A connection with its counters. It lies above TLS, so that it counts what the peer can have decrypted.
pub(crate) struct Metered<C> {
    connection: C,
    meter: Arc<Meter>,
    shutdown_timeout: Option<Pin<Box<Sleep>>>,
}

impl<C> Metered<C> {
    pub(crate) fn new(connection: C) -> Self {
        Self {
            connection,
            meter: Meter::new(),
            shutdown_timeout: None,
        }
    }

    pub(crate) fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for Metered<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.connection).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.meter.stamp(&self.meter.read);
        }
        outcome
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for Metered<C> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.meter.before_write(cx)?;
        let outcome = Pin::new(&mut self.connection).poll_write(cx, bytes);
        self.meter.after_write(&outcome);
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.meter.before_write(cx)?;
        let outcome = Pin::new(&mut self.connection).poll_write_vectored(cx, slices);
        self.meter.after_write(&outcome);
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A connection whose body is cut writes no more, but flushes whenever it is woken.
        self.meter.check()?;
        let outcome = Pin::new(&mut self.connection).poll_flush(cx);
        if matches!(outcome, Poll::Ready(Ok(()))) {
            self.meter.unflushed.store(false, Ordering::Release);
        }
        outcome
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(outcome) = Pin::new(&mut self.connection).poll_shutdown(cx) {
            return Poll::Ready(outcome);
        }
        let shutdown_timeout = self
            .shutdown_timeout
            .get_or_insert_with(|| Box::pin(timer(SHUTDOWN_TIMEOUT)));
        shutdown_timeout.as_mut().poll(cx).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_write_that_waits_for_a_peer_that_never_reads_ends_with_its_connection() {
        let (connection, _peer) = duplex(8);
        let mut connection = Metered::new(connection);
        let meter = Arc::clone(&connection.meter);
        let mut writing = Box::pin(connection.write_all(&[7; 100]));
        assert!(poll!(&mut writing).is_pending());

        meter.end();
        assert_eq!(
            writing.await.unwrap_err().kind(),
            io::ErrorKind::ConnectionAborted
        );
        assert_eq!(
            connection.flush().await.unwrap_err().kind(),
            io::ErrorKind::ConnectionAborted,
            "and one that writes nothing ends as well"
        );
    }

    #[tokio::test]
    async fn all_has_left_only_when_what_was_handed_over_is_flushed() {
        let (connection, mut peer) = duplex(8);
        let mut connection = Metered::new(connection);
        let (meter, begun) = (Arc::clone(&connection.meter), now());
        assert!(meter.is_flushed() && !meter.wrote_since(begun));

        connection.write_all(&[7; 8]).await.unwrap();
        assert!(!meter.is_flushed() && meter.wrote_since(begun));
        connection.flush().await.unwrap();
        assert!(meter.is_flushed());

        assert!(poll!(Box::pin(connection.write(&[7; 1]))).is_pending());
        assert!(!meter.is_flushed(), "one byte waits");
        peer.read_exact(&mut [0; 8]).await.unwrap();
        assert!(!meter.wrote_since(now()));
    }
}
