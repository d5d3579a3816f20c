//! Arrow record batches as one file, which is written while it is read.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use arrow_array::RecordBatch;
use arrow_schema::{FieldRef, SchemaRef};
use futures::{AsyncRead, Stream, stream};
use kusto_ingest_core::{Error, ErrorKind, LocalSource, Payload, PayloadReader, Result};

/// Writes one file. The same batches always make the same bytes.
pub(crate) trait BatchWriter: Sized + Send + Unpin + 'static {
    /// The format, as errors name it.
    const FORMAT: &'static str;
    /// The name of its sources.
    const NAME: &'static str;

    /// A file of these columns.
    fn new(schema: &SchemaRef) -> Result<Self>;

    /// Writes a batch, and gives the bytes that are ready.
    fn write(&mut self, batch: &RecordBatch) -> Result<Vec<u8>>;

    /// Gives the bytes that are left.
    fn end(self) -> Result<Vec<u8>>;
}

/// Batches in memory as one file, which can be read again.
pub(crate) fn of_batches<W: BatchWriter>(batches: Vec<RecordBatch>) -> Result<LocalSource> {
    let Some(schema) = batches
        .iter()
        .find(|batch| batch.num_rows() > 0)
        .map(RecordBatch::schema)
    else {
        return Err(Error::new(ErrorKind::EmptySource, operation::<W>()).because("there are no rows"));
    };
    if batches
        .iter()
        .any(|batch| batch.schema_ref().fields() != schema.fields())
    {
        return Err(unwritable::<W>("the batches have different schemas"));
    }
    // A type that the format lacks shows here and not in the middle of an upload.
    W::new(&schema)?;
    let batches: Arc<[RecordBatch]> = batches.into();
    let payload = Payload::replayable(None, move |offset| {
        let all = batches.clone();
        let each = (0..all.len()).map(move |index| Ok::<_, Infallible>(all[index].clone()));
        let reader = BatchFileReader::<W, _>::new(&schema, stream::iter(each));
        async move {
            let reader: PayloadReader = Box::pin(reader.map_err(unreadable)?.starting_at(offset));
            Ok(reader)
        }
    });
    Ok(LocalSource::new(payload).with_name(W::NAME))
}

/// Batches that come once, as one file.
pub(crate) fn of_stream<W: BatchWriter, S, E>(schema: &SchemaRef, batches: S) -> Result<LocalSource>
where
    S: Stream<Item = Result<RecordBatch, E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>> + 'static,
{
    let reader = BatchFileReader::<W, _>::new(schema, batches)?;
    Ok(LocalSource::from_reader(reader).with_name(W::NAME))
}

/// Takes batches as they are needed, and gives the bytes of the file.
struct BatchFileReader<W, S> {
    schema: SchemaRef,
    batches: Pin<Box<S>>,
    state: State<W>,
    /// Bytes of the file that were not read yet, from `read` on.
    bytes: Vec<u8>,
    read: usize,
    /// Bytes that are left out at the start.
    to_skip: u64,
    taken: u64,
}

enum State<W> {
    Writing(Box<W>),
    Ended,
    /// It was not written to its end, which must never look like one.
    Broken,
}

impl<W: BatchWriter, S> BatchFileReader<W, S> {
    fn new(schema: &SchemaRef, batches: S) -> Result<Self> {
        Ok(Self {
            schema: schema.clone(),
            batches: Box::pin(batches),
            state: State::Writing(Box::new(W::new(schema)?)),
            bytes: Vec::new(),
            read: 0,
            to_skip: 0,
            taken: 0,
        })
    }

    /// Begins to read at an offset in bytes: the same batches always make the same file.
    fn starting_at(self, offset: u64) -> Self {
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

impl<W, S, E> BatchFileReader<W, S>
where
    W: BatchWriter,
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
                of_schema::<W>(&self.schema, &batch)
                    .and_then(|()| writer.write(&batch))
                    .map_err(|error| error.with("batch", self.taken))
            }
            Some(Err(error)) => Err(Error::new(ErrorKind::SourceNotReadable, "take the next batch")
                .with("batch", self.taken + 1)
                .caused_by(error)),
            None => match std::mem::replace(&mut self.state, State::Ended) {
                State::Writing(writer) => writer.end(),
                State::Ended | State::Broken => Ok(Vec::new()),
            },
        };
        Poll::Ready(grown)
    }
}

impl<W, S, E> AsyncRead for BatchFileReader<W, S>
where
    W: BatchWriter,
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

/// Refuses a batch with other columns than the schema: files have their columns by place.
fn of_schema<W: BatchWriter>(schema: &SchemaRef, batch: &RecordBatch) -> Result<()> {
    let (wanted, found) = (schema.fields(), batch.schema_ref().fields());
    if wanted.len() != found.len() {
        let why = format!("it has {} columns, and the schema {}", found.len(), wanted.len());
        return Err(unwritable::<W>(why));
    }
    let is_other = |(wanted, found): &(&FieldRef, &FieldRef)| {
        wanted.name() != found.name() || wanted.data_type() != found.data_type()
    };
    match wanted.iter().zip(found).find(is_other) {
        None => Ok(()),
        Some((wanted, found)) => {
            let [wanted, found] =
                [wanted, found].map(|field| format!("{:?} of {}", field.name(), field.data_type()));
            let why = format!("it has a column {found} where the schema has {wanted}");
            Err(unwritable::<W>(why))
        }
    }
}

fn operation<W: BatchWriter>() -> String {
    format!("write {}", W::FORMAT)
}

/// The error of what does not fit the format.
pub(crate) fn unwritable<W: BatchWriter>(reason: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidInput, operation::<W>()).because(reason)
}

fn unreadable(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
