//! The body of a request, on its way out.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use azure_core::http::Body;
use azure_core::stream::SeekableStream;
use bytes::Bytes;
use futures::StreamExt;
use futures::task::AtomicWaker;
use http_body::{Frame, SizeHint};

/// Bytes go out in pieces, so that an early answer can stop the rest. No piece is copied.
const PIECE: usize = 256 * 1024;

const OPEN: u8 = 0;
const HELD: u8 = 1;
const STOPPED: u8 = 2;

/// What is known of a body while it goes out; shared by the body and its call.
#[derive(Debug, Default)]
pub(crate) struct UploadState {
    handed: AtomicBool,
    gate: AtomicU8,
    waiting: AtomicWaker,
    failure: Mutex<Option<azure_core::Error>>,
}

impl UploadState {
    /// Whether the last byte was handed to the connection.
    pub(crate) fn is_handed(&self) -> bool {
        self.handed.load(Ordering::Acquire)
    }

    /// Nothing more goes out for now: an answer is there. The connection lives on, to read the rest of it.
    pub(crate) fn hold(&self) {
        self.gate.store(HELD, Ordering::Release);
    }

    /// Nothing more goes out at all. This ends the connection.
    pub(crate) fn stop(&self) {
        self.gate.store(STOPPED, Ordering::Release);
        self.waiting.wake();
    }

    /// What the source of the bytes failed with, if it was the source that failed.
    pub(crate) fn take_failure(&self) -> Option<azure_core::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body as hyper wants it: of exactly known length wherever the length is known.
pub(crate) struct Upload {
    content: Content,
    state: Arc<UploadState>,
}

enum Content {
    Bytes(Bytes),
    Stream {
        stream: Box<dyn SeekableStream>,
        left: Option<u64>,
    },
}

impl Upload {
    pub(crate) fn new(body: Body) -> Self {
        let content = match body {
            Body::Bytes(bytes) => Content::Bytes(bytes),
            Body::SeekableStream(stream) => Content::Stream {
                left: stream.len(),
                stream,
            },
        };
        let state = Arc::new(UploadState::default());
        state.handed.store(content.left() == Some(0), Ordering::Release);
        Self { content, state }
    }

    /// What the call watches.
    pub(crate) fn state(&self) -> Arc<UploadState> {
        Arc::clone(&self.state)
    }

    /// The length, where it is known.
    pub(crate) fn len(&self) -> Option<u64> {
        self.content.left()
    }

    fn next_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<azure_core::Result<Bytes>>> {
        match &mut self.content {
            Content::Bytes(bytes) => {
                let piece = bytes.split_to(bytes.len().min(PIECE));
                Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
            }
            Content::Stream { left: Some(0), .. } => Poll::Ready(None),
            Content::Stream { stream, left } => {
                let piece = ready!(stream.poll_next_unpin(cx));
                Poll::Ready(match (piece, left) {
                    (Some(Ok(piece)), Some(left)) => match left.checked_sub(piece.len() as u64) {
                        Some(rest) => {
                            *left = rest;
                            Some(Ok(piece))
                        }
                        None => Some(Err(wrong_length("the source holds more than it announced"))),
                    },
                    (None, Some(_)) => {
                        Some(Err(wrong_length("the source ended before its announced length")))
                    }
                    (piece, _) => piece,
                })
            }
        }
    }
}

impl Content {
    fn left(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Stream { left, .. } => *left,
        }
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        self.state.waiting.register(cx.waker());
        match self.state.gate.load(Ordering::Acquire) {
            OPEN => {}
            HELD => return Poll::Pending,
            _ => return Poll::Ready(Some(Err(Stopped))),
        }
        let piece = ready!(self.next_piece(cx));
        if piece.is_none() || self.content.left() == Some(0) {
            self.state.handed.store(true, Ordering::Release);
        }
        Poll::Ready(piece.map(|piece| match piece {
            Ok(piece) => Ok(Frame::data(piece)),
            Err(failure) => {
                *self.state.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                Err(Stopped)
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.content.left() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.content
            .left()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

fn wrong_length(why: &'static str) -> azure_core::Error {
    azure_core::Error::with_message(azure_core::error::ErrorKind::Other, why)
}

/// The body ended before its end.
#[derive(Debug)]
pub(crate) struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body was stopped")
    }
}

impl std::error::Error for Stopped {}
