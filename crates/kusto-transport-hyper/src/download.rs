//! The body of an answer, on its way in.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use http::StatusCode;
use http_body::Body;
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;

use crate::connection::Connection;
use crate::exchange::Exchange;
use crate::failure::{Cause, FiredLimit};
use crate::watchdog::Watchdog;

/// How much of an error's body is read.
const LONGEST_ERROR: u64 = 64 * 1024;

/// How long a body may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Length {
    /// A longer one is an error.
    Limited { limit: u64, read: u64 },
    /// The rest of a longer one is left unread: what counts is that it tells of a failure.
    Beginning { left: u64 },
}

impl Length {
    /// How long the body of an answer with this status may be, under this limit.
    pub(crate) fn of(status: StatusCode, limit: u64) -> Self {
        if status.is_success() {
            Self::Limited { limit, read: 0 }
        } else {
            Self::Beginning {
                left: limit.min(LONGEST_ERROR),
            }
        }
    }

    /// The limit that fires if the body announces that it is longer.
    pub(crate) fn exceeded_by(self, body: &Incoming) -> Option<FiredLimit> {
        match self {
            Self::Limited { limit, .. } if body.size_hint().lower() > limit => {
                Some(FiredLimit::Answer(limit))
            }
            _ => None,
        }
    }

    /// Takes bytes that came, as far as they are read.
    fn take(&mut self, mut bytes: Bytes) -> Result<Bytes, FiredLimit> {
        let count = bytes.len() as u64;
        match self {
            Self::Limited { limit, read } => {
                *read += count;
                if *read > *limit {
                    return Err(FiredLimit::Answer(*limit));
                }
            }
            Self::Beginning { left } => {
                // What does not fit is cut, and so fits.
                bytes.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left = left.saturating_sub(count);
            }
        }
        Ok(bytes)
    }

    fn is_read(self) -> bool {
        matches!(self, Self::Beginning { left: 0 })
    }
}

/// The bytes of an answer, under the limits of their call. After an error there is nothing more.
pub(crate) struct Download {
    running: Option<Running>,
}

struct Running {
    body: Incoming,
    length: Length,
    exchange: Exchange,
    connection: Connection,
    watchdog: Watchdog,
    is_waiting: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Download {
    pub(crate) fn new(
        body: Incoming,
        length: Length,
        exchange: Exchange,
        connection: Connection,
        watchdog: Watchdog,
        place: Option<OwnedSemaphorePermit>,
    ) -> Self {
        // An answer without a body is over with its head: its place is free, and so is its connection.
        if body.is_end_stream() {
            exchange.finish(connection);
            return Self { running: None };
        }
        let running = Running {
            body,
            length,
            exchange,
            connection,
            watchdog,
            is_waiting: false,
            _place: place,
        };
        Self {
            running: Some(running),
        }
    }
}

impl Running {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<azure_core::Result<Bytes>>> {
        loop {
            if self.length.is_read() {
                return Poll::Ready(None);
            }
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.is_waiting = false;
                    // Trailers carry nothing that a caller can see.
                    if let Ok(bytes) = frame.into_data() {
                        let taken = self.length.take(bytes);
                        return Poll::Ready(Some(
                            taken.map_err(|fired| self.exchange.fail(Cause::Limit(fired))),
                        ));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(self.exchange.fail(Cause::Answer(error)))));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => break,
            }
        }
        if !self.is_waiting {
            self.is_waiting = true;
            self.watchdog.wait_begins();
        }
        let exchange = &self.exchange;
        self.watchdog
            .poll(cx, || exchange.moved())
            .map(|fired| Some(Err(exchange.fail(Cause::Limit(fired)))))
    }
}

impl Stream for Download {
    type Item = azure_core::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(running) = &mut self.running else {
            return Poll::Ready(None);
        };
        let item = running.poll(cx);
        if matches!(item, Poll::Ready(None | Some(Err(_))))
            && let Some(Running {
                body,
                exchange,
                connection,
                ..
            }) = self.running.take()
            && body.is_end_stream()
        {
            exchange.finish(connection);
        }
        item
    }
}
