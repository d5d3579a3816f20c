//! Bytes that can be read again from the start, if their owner can do so.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_io::AsyncRead;

use crate::{Error, ErrorKind, Result};

/// What a payload is read through.
pub type PayloadReader = Pin<Box<dyn AsyncRead + Send>>;

type Opening = Pin<Box<dyn Future<Output = io::Result<PayloadReader>> + Send>>;
type Opener = dyn Fn(u64) -> Opening + Send + Sync;
type Reading = Pin<Box<dyn Future<Output = io::Result<Bytes>> + Send>>;
type WholeReader = dyn Fn() -> Reading + Send + Sync;

/// The bytes of a source: in memory, replayable (it can be opened again), or a stream that cannot be replayed.
///
/// A retry must send the same bytes as the first attempt, from the first one. So every attempt calls
/// [`open`](Self::open) anew, and a payload that cannot be replayed refuses the second call instead of giving what is
/// left of it.
///
/// Clones share the same bytes; a stream that cannot be replayed is opened once for all clones.
#[derive(Clone)]
pub struct Payload {
    bytes: Arc<Contents>,
    whole: Option<Arc<WholeReader>>,
    len: Option<u64>,
}

enum Contents {
    Memory(Bytes),
    Reopen(Box<Opener>),
    Once(Mutex<Option<PayloadReader>>),
}

impl Payload {
    /// Bytes in memory.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            len: Some(bytes.len() as u64),
            bytes: Arc::new(Contents::Memory(bytes)),
            whole: None,
        }
    }

    /// Something that can be opened as often as needed: the closure opens it at an offset in bytes.
    ///
    /// `len` is its length in bytes, when known. Readers must give exactly so many: a source that has become
    /// shorter or longer since is an error of the reader, not a shorter ingestion.
    pub fn replayable<F, O>(len: Option<u64>, open: F) -> Self
    where
        F: Fn(u64) -> O + Send + Sync + 'static,
        O: Future<Output = io::Result<PayloadReader>> + Send + 'static,
    {
        Self {
            len,
            bytes: Arc::new(Contents::Reopen(Box::new(move |offset| Box::pin(open(offset))))),
            whole: None,
        }
    }

    /// The same payload, for one that is small: the closure opens it and reads all of it at once, where that costs less
    /// than one after the other. The promise is that of [`replayable`](Self::replayable).
    #[must_use]
    pub fn with_whole<F, O>(self, read: F) -> Self
    where
        F: Fn() -> O + Send + Sync + 'static,
        O: Future<Output = io::Result<Bytes>> + Send + 'static,
    {
        Self {
            whole: Some(Arc::new(move || Box::pin(read()))),
            ..self
        }
    }

    /// A stream that cannot be replayed. A failed upload of it can be tried again only as far as it was kept in memory.
    pub fn from_reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self {
            len: None,
            bytes: Arc::new(Contents::Once(Mutex::new(Some(Box::pin(reader))))),
            whole: None,
        }
    }

    /// Its length in bytes, when known.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "whether a payload of unknown length is empty, only reading tells"
    )]
    pub fn len(&self) -> Option<u64> {
        self.len
    }

    /// Whether [`open`](Self::open) can be called again.
    #[must_use]
    pub fn is_replayable(&self) -> bool {
        !matches!(*self.bytes, Contents::Once(_))
    }

    /// The bytes, when they are in memory.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &*self.bytes {
            Contents::Memory(bytes) => Some(bytes),
            Contents::Reopen(_) | Contents::Once(_) => None,
        }
    }

    /// Whether [`whole`](Self::whole) gives its bytes.
    #[must_use]
    pub fn has_whole(&self) -> bool {
        self.whole.is_some() || self.as_bytes().is_some()
    }

    /// All of its bytes, where they are in memory or its owner [reads them at once](Self::with_whole); else `None`, and it
    /// is to be opened.
    ///
    /// # Errors
    /// As [`open`](Self::open), and as the reader that it gives.
    pub async fn whole(&self) -> Result<Option<Bytes>> {
        match (&self.whole, self.as_bytes()) {
            (_, Some(bytes)) => Ok(Some(bytes.clone())),
            (Some(read), None) => {
                let read = read().await;
                read.map(Some)
                    .map_err(|error| unreadable("read the source", error))
            }
            (None, None) => Ok(None),
        }
    }

    /// Opens it at an offset in bytes.
    ///
    /// # Errors
    /// [`ErrorKind::SourceNotReplayable`] when it cannot be replayed and was opened before, or when such a stream is
    /// wanted from an offset; [`ErrorKind::SourceNotFound`] or [`ErrorKind::SourceNotReadable`] when opening fails.
    pub async fn open(&self, offset: u64) -> Result<PayloadReader> {
        match &*self.bytes {
            Contents::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Ok(Box::pin(BytesReader(bytes.slice(start..))))
            }
            Contents::Reopen(open) => open(offset)
                .await
                .map_err(|error| unreadable("open the source", error)),
            Contents::Once(_) if offset > 0 => Err(read_once()),
            Contents::Once(reader) => reader
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
                .ok_or_else(read_once),
        }
    }
}

fn read_once() -> Error {
    Error::new(ErrorKind::SourceNotReplayable, "read the source again")
        .because("it is a stream that cannot be replayed")
}

/// The error of a source that could not be read. An [`Error`] that a reader wrapped is returned as it was.
#[must_use]
pub fn unreadable(operation: &'static str, error: io::Error) -> Error {
    let ours = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    if let Some(ours) = ours {
        return ours.clone();
    }
    let kind = match error.kind() {
        io::ErrorKind::NotFound => ErrorKind::SourceNotFound,
        _ => ErrorKind::SourceNotReadable,
    };
    Error::new(kind, operation).caused_by(error)
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &*self.bytes {
            Contents::Memory(_) => "in memory",
            Contents::Reopen(_) => "can be opened again",
            Contents::Once(_) => "cannot be replayed",
        };
        f.debug_struct("Payload")
            .field("kind", &kind)
            .field("len", &self.len)
            .finish()
    }
}

struct BytesReader(Bytes);

impl AsyncRead for BytesReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let take = buffer.len().min(self.0.len());
        buffer[..take].copy_from_slice(&self.0.split_to(take));
        Poll::Ready(Ok(take))
    }
}
