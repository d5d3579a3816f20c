//! Rows as sources: chunk after chunk, each made while it is read.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, ready};

use futures::{Stream, StreamExt as _, stream};
use kusto_ingest_core::{DataFormat, Error, ErrorKind, LocalSource, Result, SourceId};
use serde::{Serialize, Serializer};

use crate::RowWriter;
use crate::chunk::{self, ChunkSpec, ReopenFn, SharedRecordStream};
use crate::record_buffer::RecordBuffer;
use crate::records::{Records, RowStream};

/// Rows as sources for any client: all chunks have the same identity, and none is larger than the limit, except
/// one that holds a single larger row.
///
/// Rows are taken and written while a chunk is read: in memory are one row and what the reader asked for. So a
/// chunk begins where the one before ended, and that one has to be read first.
///
/// [`ingest_with`](Self::ingest_with) hands all of them to a client. [`next_chunk`](Self::next_chunk) is for callers
/// that ingest each chunk themselves.
#[doc(alias = "IDataReader")]
pub struct Rows {
    id: SourceId,
    format: DataFormat,
    limit: Option<u64>,
    stream: SharedRecordStream,
    reopen: Option<ReopenFn>,
    /// How many chunks there were, and how many rows before the last of them.
    chunks: u32,
    begun: Option<u64>,
}

impl Rows {
    /// The default limit of a chunk: 1 GiB.
    pub const MAX_RAW_BYTES: u64 = 1024 * 1024 * 1024;

    /// Rows in memory, which can be read again for another attempt.
    #[must_use]
    pub fn from_vec<T>(rows: Vec<T>, writer: RowWriter) -> Self
    where
        T: Serialize + Send + Sync + 'static,
    {
        let rows: Arc<[T]> = rows.into();
        Self::restarting(writer, move |writer| {
            let all = rows.clone();
            let first = usize::try_from(writer.rows()).unwrap_or(usize::MAX);
            let rest = (first..all.len()).map(move |index| {
                Ok::<_, Infallible>(IndexedRow {
                    rows: all.clone(),
                    index,
                })
            });
            Box::new(RowStream::new(stream::iter(rest), writer))
        })
    }

    /// Rows that can be read once, from an iterator that never blocks.
    #[must_use]
    pub fn from_iter<I>(rows: I, writer: RowWriter) -> Self
    where
        I: IntoIterator<Item: Serialize, IntoIter: Send + 'static>,
    {
        Self::from_stream(stream::iter(rows), writer)
    }

    /// Rows that can be read once.
    #[must_use]
    pub fn from_stream<S>(rows: S, writer: RowWriter) -> Self
    where
        S: Stream<Item: Serialize> + Send + 'static,
    {
        Self::from_try_stream(rows.map(Ok::<_, Infallible>), writer)
    }

    /// Rows that can be read once, from a stream that may fail. The first failure is the end: rows that were not read
    /// yet are not ingested.
    #[must_use]
    pub fn from_try_stream<S, T, E>(rows: S, writer: RowWriter) -> Self
    where
        S: Stream<Item = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        Self::new(
            writer.format(),
            RecordBuffer::new(Box::new(RowStream::new(rows, writer))),
            None,
        )
    }

    /// Rows that can be started again, so that another attempt can be made: the closure must give the same rows
    /// every time.
    #[must_use]
    pub fn replayable<F, S>(rows: F, writer: RowWriter) -> Self
    where
        F: Fn() -> S + Send + Sync + 'static,
        S: Stream<Item: Serialize> + Send + 'static,
    {
        Self::restarting(writer, move |writer| {
            let before = usize::try_from(writer.rows()).unwrap_or(usize::MAX);
            let rest = rows().skip(before).map(Ok::<_, Infallible>);
            Box::new(RowStream::new(rest, writer))
        })
    }

    /// Rows that go on behind those that the writer has written already.
    pub(crate) fn restarting(
        writer: RowWriter,
        reopen: impl Fn(RowWriter) -> Box<dyn Records> + Send + Sync + 'static,
    ) -> Self {
        let format = writer.format();
        let records = RecordBuffer::new(reopen(writer));
        Self::new(format, records, Some(Arc::new(reopen)))
    }

    fn new(format: DataFormat, records: RecordBuffer, reopen: Option<ReopenFn>) -> Self {
        Self {
            id: SourceId::random(),
            format,
            limit: Some(Self::MAX_RAW_BYTES),
            stream: Arc::new(Mutex::new(Some(records))),
            reopen,
            chunks: 0,
            begun: None,
        }
    }

    /// Gives all chunks an identity of the caller's; without, they share a random one.
    #[must_use]
    pub fn with_id(self, id: SourceId) -> Self {
        Self { id, ..self }
    }

    /// Another limit of a chunk, in bytes before compression.
    #[must_use]
    pub fn with_max_raw_bytes(self, bytes: u64) -> Self {
        Self {
            limit: Some(bytes),
            ..self
        }
    }

    /// One chunk, however large: what tags for ingesting only once need, because a second chunk would be taken for
    /// ingested already.
    #[must_use]
    pub fn with_single_chunk(self) -> Self {
        Self { limit: None, ..self }
    }

    /// The identity that all chunks share.
    #[must_use]
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// The format that Kusto is to be told.
    #[must_use]
    pub fn format(&self) -> DataFormat {
        self.format
    }

    /// The next chunk; `None` when there are no rows left, and at once when there are none at all.
    ///
    /// All are named `rows.csv`, after the format, and numbered from zero ([`LocalSource::chunk`]), unless all rows
    /// are to be one chunk.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the first row of the chunk cannot be written;
    /// [`ErrorKind::SourceNotReadable`] when it cannot be had, when the chunk before was not read to its end, and
    /// after any error before, because rows would be missing.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn next_chunk(&mut self) -> Result<Option<LocalSource>> {
        let Some(writer) = self.writer_ahead().await? else {
            return Ok(None);
        };
        let number = self.chunks;
        self.chunks += 1;
        self.begun = Some(writer.rows());
        let spec = ChunkSpec {
            writer,
            limit: self.limit.unwrap_or(u64::MAX),
        };
        let payload = chunk::payload(spec, &self.stream, self.reopen.as_ref());
        let chunk = LocalSource::new(payload)
            .with_id(self.id)
            .with_name(format!("rows.{}", self.format));
        Ok(Some(match self.limit {
            Some(_) => chunk.with_chunk(number),
            None => chunk,
        }))
    }

    /// Looks at the next row, and gives the writer as the rows before it have left it.
    async fn writer_ahead(&self) -> Result<Option<RowWriter>> {
        poll_fn(|context| {
            let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(records) = stream
                .as_mut()
                .filter(|records| Some(records.passed()) != self.begun)
            else {
                return Poll::Ready(Err(unread()));
            };
            let writer = match ready!(records.poll_ahead(context)) {
                Ok(Some(_)) => Ok(Some(records.writer().at_row(records.passed()))),
                Ok(None) => Ok(None),
                Err(error) => {
                    *stream = None;
                    Err(error)
                }
            };
            Poll::Ready(writer)
        })
        .await
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("id", &self.id)
            .field("format", &self.format)
            .field("limit", &self.limit)
            .field("is_replayable", &self.reopen.is_some())
            .field("chunks", &self.chunks)
            .finish_non_exhaustive()
    }
}

/// One of many rows in memory, as if it stood alone.
struct IndexedRow<T> {
    rows: Arc<[T]>,
    index: usize,
}

impl<T: Serialize> Serialize for IndexedRow<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows[self.index].serialize(serializer)
    }
}

fn unread() -> Error {
    Error::new(ErrorKind::SourceNotReadable, "begin the next chunk of rows")
        .because("the chunk before was not read to its end, or its rows failed")
}
