//! Reads a Parquet file that is written at the same time.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::{AsyncRead, Stream};
use kusto_ingest_core::{Error, ErrorKind, Result};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

/// How many encoded bytes of a row group are kept before it is written.
const ROW_GROUP: usize = 64 * 1024 * 1024;

/// Takes batches as they are needed, and gives the bytes of the file.
pub(super) struct ParquetReader<S> {
    batches: Pin<Box<S>>,
    state: State,
    /// Bytes of the file that were not read yet, from `read` on.
    bytes: Vec<u8>,
    read: usize,
    /// Bytes that are left out at the start.
    to_skip: u64,
    taken: u64,
}

enum State {
    Writing(Box<ArrowWriter<Vec<u8>>>),
    Ended,
    /// It was not written to its end, which must never look like one.
    Broken,
}

impl<S> ParquetReader<S> {
    pub(super) fn new(schema: &SchemaRef, batches: S) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties))
            .map_err(|error| unwritable("Parquet has no such type").caused_by(error))?;
        Ok(Self {
            batches: Box::pin(batches),
            state: State::Writing(Box::new(writer)),
            bytes: Vec::new(),
            read: 0,
            to_skip: 0,
            taken: 0,
        })
    }

    /// Begins to read at an offset in bytes: the same batches always make the same file.
    pub(super) fn starting_at(self, offset: u64) -> Self {
        Self {
            to_skip: offset,
            ..self
        }
    }

    /// Hands over what is ready, without what is to be left out.
    fn take(&mut self, buffer: &mut [u8]) -> usize {
        let ready = self.bytes.len() - self.read;
        let skipped = ready.min(usize::try_from(self.to_skip).unwrap_or(usize::MAX));
        self.to_skip -= skipped as u64;
        self.read += skipped;
        let taken = (ready - skipped).min(buffer.len());
        buffer[..taken].copy_from_slice(&self.bytes[self.read..self.read + taken]);
        self.read += taken;
        taken
    }
}

impl<S, E> ParquetReader<S>
where
    S: Stream<Item = Result<RecordBatch, E>>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    /// Writes one batch more, or the end. Gives the bytes that the file has grown by.
    fn poll_grow(&mut self, context: &mut Context<'_>) -> Poll<Result<Vec<u8>>> {
        let State::Writing(writer) = &mut self.state else {
            return Poll::Ready(Ok(Vec::new()));
        };
        let grown = match ready!(self.batches.as_mut().poll_next(context)) {
            Some(Ok(batch)) => {
                self.taken += 1;
                write(writer, &batch).map_err(|error| error.with("batch", self.taken))
            }
            Some(Err(error)) => Err(Error::new(ErrorKind::SourceNotReadable, "take the next batch")
                .with("batch", self.taken + 1)
                .caused_by(error)),
            None => end(std::mem::replace(&mut self.state, State::Ended)),
        };
        Poll::Ready(grown)
    }
}

fn write(writer: &mut ArrowWriter<Vec<u8>>, batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut written = writer.write(batch);
    if written.is_ok() && writer.in_progress_size() >= ROW_GROUP {
        written = writer.flush();
    }
    written.map_err(|error| unwritable("the batch does not fit the file").caused_by(error))?;
    Ok(std::mem::take(writer.inner_mut()))
}

fn end(state: State) -> Result<Vec<u8>> {
    match state {
        State::Writing(writer) => writer
            .into_inner()
            .map_err(|error| unwritable("its end does not fit").caused_by(error)),
        State::Ended | State::Broken => Ok(Vec::new()),
    }
}

impl<S, E> AsyncRead for ParquetReader<S>
where
    S: Stream<Item = Result<RecordBatch, E>>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let taken = self.take(buffer);
            if taken > 0 || buffer.is_empty() {
                return Poll::Ready(Ok(taken));
            }
            match self.state {
                State::Writing(_) => match ready!(self.poll_grow(context)) {
                    Ok(bytes) => (self.bytes, self.read) = (bytes, 0),
                    Err(error) => {
                        self.state = State::Broken;
                        return Poll::Ready(Err(unreadable(error)));
                    }
                },
                State::Ended => return Poll::Ready(Ok(0)),
                State::Broken => return Poll::Ready(Err(io::Error::other("the file was given up"))),
            }
        }
    }
}

pub(super) fn unwritable(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, "write a Parquet file").because(reason)
}

pub(super) fn unreadable(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
