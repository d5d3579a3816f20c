//! The body of a request, on its way out.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use azure_core::http::Body;
use azure_core::stream::SeekableStream;
use bytes::Bytes;
use futures::StreamExt;
use http_body::{Frame, SizeHint};

/// Bytes go out in pieces, so that an early answer can stop the rest. No piece is copied.
const PIECE: usize = 256 * 1024;

/// The most bytes that buffers between a socket and its peer hold by default.
const BUFFERED: u64 = 4 * 1024 * 1024;

const SENDING: u8 = 0;
const WHOLE: u8 = 1;
const CUT: u8 = 2;

/// What is known of a body while it goes out; shared by the body and its call.
#[derive(Debug, Default)]
pub(crate) struct UploadState {
    /// From sending it goes to whole or to cut, whichever is first, and stays there.
    progress: AtomicU8,
    failure: Mutex<Option<azure_core::Error>>,
}

impl UploadState {
    /// Whether the last byte was handed to the connection.
    pub(crate) fn is_whole(&self) -> bool {
        self.progress.load(Ordering::Acquire) == WHOLE
    }

    /// Whether an answer came before the last byte was handed to the connection.
    pub(crate) fn is_cut(&self) -> bool {
        self.progress.load(Ordering::Acquire) == CUT
    }

    /// An answer is there. If the body is not whole yet, nothing more of it goes out; the connection lives on, to read
    /// the rest of the answer.
    pub(crate) fn cut(&self) {
        self.becomes(CUT);
    }

    /// What the source of the bytes failed with, if it was the source that failed.
    pub(crate) fn take_failure(&self) -> Option<azure_core::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether it is that now.
    fn becomes(&self, progress: u8) -> bool {
        self.progress
            .compare_exchange(SENDING, progress, Ordering::AcqRel, Ordering::Acquire)
            .map_or_else(|now| now == progress, |_| true)
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
        if content.left() == Some(0) {
            state.becomes(WHOLE);
        }
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

    /// How long its last bytes may be on their way at so many bytes per second.
    pub(crate) fn drain(&self, rate: u64) -> Duration {
        let bytes = self.len().unwrap_or(BUFFERED).min(BUFFERED);
        Duration::from_millis(bytes * 1_000 / rate)
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
    type Error = BodyStopped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyStopped>>> {
        // Nobody is woken for it: a body that is cut ends with its connection.
        if self.state.is_cut() {
            return Poll::Pending;
        }
        let piece = ready!(self.next_piece(cx));
        let is_last = piece.is_none() || self.content.left() == Some(0);
        if is_last && !self.state.becomes(WHOLE) {
            return Poll::Pending;
        }
        Poll::Ready(piece.map(|piece| match piece {
            Ok(piece) => Ok(Frame::data(piece)),
            Err(failure) => {
                *self.state.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                Err(BodyStopped)
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
pub(crate) struct BodyStopped;

impl fmt::Display for BodyStopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body was stopped")
    }
}

impl std::error::Error for BodyStopped {}
