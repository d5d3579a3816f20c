//! One TCP connection, to a host or to a proxy.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection with TLS or without.
pub(crate) type MaybeTls = MaybeHttpsStream<TokioIo<IoStream>>;

/// A TCP connection that still reads when it can no longer write.
///
/// A server that refuses an upload answers and closes, without reading the rest. The next write then fails, while
/// the answer may lie in the receive buffer: a broken write therefore waits, and what is read decides.
pub(crate) struct IoStream {
    tcp: TcpStream,
    proxied: bool,
    broken: bool,
}

impl IoStream {
    pub(crate) fn new(tcp: TokioIo<TcpStream>) -> Self {
        let tcp = tcp.into_inner();
        keep_unsent_small(&tcp);
        Self {
            tcp,
            proxied: false,
            broken: false,
        }
    }

    /// Requests on this connection are read by a proxy, and so must name their host.
    pub(crate) fn through_proxy(self) -> Self {
        Self {
            proxied: true,
            ..self
        }
    }

    /// A broken write never ends by itself. No waker is needed: the read side of a dead socket is ready, and
    /// whoever writes a request also reads for its answer.
    fn hold_if_broken(&mut self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        match outcome {
            Poll::Ready(Err(error))
                if matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset) =>
            {
                self.broken = true;
                Poll::Pending
            }
            outcome => outcome,
        }
    }
}

/// Lets the kernel hold few bytes that it has not sent yet, so that what was written moves when the peer reads. It would
/// take megabytes otherwise, and a slow upload would look like one that stands. What is under way is not bounded by it,
/// so a fast line stays fast.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn keep_unsent_small(tcp: &TcpStream) {
    const UNSENT: u32 = 64 * 1024;
    // A kernel that does not know it is one that works as before.
    let _ = socket2::SockRef::from(tcp).set_tcp_notsent_lowat(UNSENT);
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn keep_unsent_small(_: &TcpStream) {}

impl Connection for IoStream {
    fn connected(&self) -> Connected {
        self.tcp.connected().proxy(self.proxied)
    }
}

impl AsyncRead for IoStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buffer)
    }
}

impl AsyncWrite for IoStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.broken {
            return Poll::Pending;
        }
        let outcome = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.hold_if_broken(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.broken {
            return Poll::Pending;
        }
        let outcome = Pin::new(&mut self.tcp).poll_write_vectored(cx, slices);
        self.hold_if_broken(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
