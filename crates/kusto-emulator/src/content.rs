//! Bodies: requests are read within limits, responses are sent without copying.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use futures::future::{Either, select};
use futures::stream::{BoxStream, Stream, StreamExt};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};

/// The body of an answer: pieces, none of which is copied.
#[derive(Default)]
pub(crate) struct Content {
    pieces: VecDeque<Bytes>,
    /// How many bytes are announced and never come.
    missing: u64,
    has_paused: bool,
    /// What follows, as it comes; its length is not known.
    rest: Option<BoxStream<'static, Bytes>>,
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::from_iter([bytes])
    }
}

impl FromIterator<Bytes> for Content {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        Self {
            pieces: pieces.into_iter().filter(|piece| !piece.is_empty()).collect(),
            ..Self::default()
        }
    }
}

impl Content {
    /// What comes piece by piece, for as long as somebody reads it.
    pub(crate) fn streamed(pieces: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self {
            rest: Some(pieces.boxed()),
            ..Self::default()
        }
    }

    /// How many bytes are left of what is there.
    pub(crate) fn length(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.len() as u64).sum::<u64>() + self.missing
    }

    /// The pieces that are left.
    pub(crate) fn into_pieces(self) -> Vec<Bytes> {
        self.pieces.into()
    }

    /// The same, of which only so many bytes come.
    pub(crate) fn cut(self, bytes: u64) -> Self {
        let length = self.length();
        let mut left = usize::try_from(bytes).unwrap_or(usize::MAX);
        let pieces = self.pieces.into_iter().map(|mut piece| {
            piece.truncate(left);
            left -= piece.len();
            piece
        });
        let kept: Self = pieces.collect();
        Self {
            missing: length - kept.length(),
            ..kept
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.pieces.pop_front();
        if piece.is_none() && self.missing > 0 && !self.has_paused {
            // The end is an error for the connection, before which it sends what it has.
            self.has_paused = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if piece.is_none()
            && let Some(rest) = &mut self.rest
        {
            return rest
                .poll_next_unpin(context)
                .map(|piece| Some(Ok(Frame::data(piece?))));
        }
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && self.missing == 0 && self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.rest {
            None => SizeHint::with_exact(self.length()),
            Some(_) => SizeHint::default(),
        }
    }
}

/// What was read of a body.
pub(crate) enum ReceivedBody {
    /// All of it.
    Whole(Bytes),
    /// It is larger than allowed; the rest is unread.
    TooLarge,
    /// Nothing more of it came for too long.
    TooSlow,
    /// The client went away.
    Broken,
}

/// Reads a body of at most `most` bytes, which must not pause for longer than `timeout`.
pub(crate) async fn receive<B>(mut body: B, most: u64, clock: &dyn Clock, timeout: Duration) -> ReceivedBody
where
    B: Body<Data = Bytes> + Unpin,
{
    let announced = body.size_hint().exact();
    if announced.is_some_and(|length| length > most) {
        return ReceivedBody::TooLarge;
    }
    let mut whole = BytesMut::with_capacity(announced.and_then(|length| length.try_into().ok()).unwrap_or(0));
    loop {
        let frame = match select(body.frame(), clock.sleep(timeout)).await {
            Either::Left((None, _)) => break,
            Either::Left((Some(Ok(frame)), _)) => frame,
            Either::Left((Some(Err(_)), _)) => return ReceivedBody::Broken,
            Either::Right(_) => return ReceivedBody::TooSlow,
        };
        let Ok(piece) = frame.into_data() else { continue };
        if (whole.len() + piece.len()) as u64 > most {
            return ReceivedBody::TooLarge;
        }
        whole.extend_from_slice(&piece);
    }
    ReceivedBody::Whole(whole.freeze())
}

/// Reads a body until so many bytes came, and tells how many did.
pub(crate) async fn skim<B>(mut body: B, enough: u64) -> u64
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut read = 0;
    while read < enough {
        let Some(Ok(frame)) = body.frame().await else {
            break;
        };
        read += frame.data_ref().map_or(0, |piece| piece.len() as u64);
    }
    read
}

/// Undoes the gzip of a body that says so, or that looks so.
///
/// # Errors
/// [`ErrorKind::Protocol`] when it is no gzip, [`ErrorKind::SizeLimitExceeded`] when it grows beyond `most`.
pub(crate) fn plain(body: Bytes, most: u64) -> Result<Bytes> {
    if !body.starts_with(&[0x1F, 0x8B]) {
        return Ok(body);
    }
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(&*body).take(most + 1).read_to_end(&mut plain);
    let refuse = |kind, why: &'static str| Error::new(kind, "read the request").because(why);
    read.map_err(|_| refuse(ErrorKind::Protocol, "its body is not gzip"))?;
    if plain.len() as u64 > most {
        return Err(refuse(ErrorKind::SizeLimitExceeded, "its body is too large"));
    }
    Ok(plain.into())
}
