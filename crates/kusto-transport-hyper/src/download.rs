//! The body of an answer, on its way in.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use http_body::Body;
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;

use crate::exchange::Exchange;
use crate::failure::Cause;
use crate::watchdog::Watchdog;

/// The bytes of an answer, under the limits of their call. After an error there is nothing more.
pub(crate) struct Download {
    running: Option<Running>,
}

struct Running {
    body: Incoming,
    exchange: Exchange,
    watchdog: Watchdog,
    is_waiting: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Download {
    pub(crate) fn new(
        body: Incoming,
        exchange: Exchange,
        watchdog: Watchdog,
        place: Option<OwnedSemaphorePermit>,
    ) -> Self {
        // An answer without a body is over with its head: its place is free, and so is its connection.
        let running = (!body.is_end_stream()).then(|| Running {
            body,
            exchange,
            watchdog,
            is_waiting: false,
            _place: place,
        });
        Self { running }
    }
}

impl Running {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<azure_core::Result<Bytes>>> {
        loop {
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.is_waiting = false;
                    // Trailers carry nothing that a caller can see.
                    if let Ok(bytes) = frame.into_data() {
                        return Poll::Ready(Some(Ok(bytes)));
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
        self.watchdog.poll(cx, || exchange.moved()).map(|limit| {
            let length = self.watchdog.length(limit);
            Some(Err(self.exchange.fail(Cause::Limit(limit, length))))
        })
    }
}

impl Stream for Download {
    type Item = azure_core::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(running) = &mut self.running else {
            return Poll::Ready(None);
        };
        let item = running.poll(cx);
        if matches!(item, Poll::Ready(None | Some(Err(_)))) {
            self.running = None;
        }
        item
    }
}
