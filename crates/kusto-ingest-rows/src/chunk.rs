//! One chunk: the records that fit it, read as they are made.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures::AsyncRead;
use kusto_ingest_core::{Error, Payload, PayloadReader, Result};

use crate::RowWriter;
use crate::record_buffer::RecordBuffer;
use crate::records::Records;

/// How much is made ready at once, at least while the reader wants more.
const AT_ONCE: usize = 64 * 1024;

/// Starts the records again, behind those that the writer has written already.
pub(crate) type ReopenFn = Arc<dyn Fn(RowWriter) -> Box<dyn Records> + Send + Sync>;

/// The records between two chunks. Empty while a chunk is read, or when one was given up half read.
pub(crate) type SharedRecordStream = Arc<Mutex<Option<RecordBuffer>>>;

/// Which part of the rows a chunk is.
#[derive(Clone, Debug)]
pub(crate) struct ChunkSpec {
    /// The writer, as the rows before have left it.
    pub(crate) writer: RowWriter,
    /// The most bytes; one record that is larger is a chunk of its own.
    pub(crate) limit: u64,
}

/// The payload of a chunk: it can be opened again if the rows can be started again.
pub(crate) fn payload(spec: ChunkSpec, stream: &SharedRecordStream, reopen: Option<&ReopenFn>) -> Payload {
    let stream = stream.clone();
    let Some(reopen) = reopen.cloned() else {
        let records = waiting(&stream, spec.writer.rows());
        return Payload::from_reader(Chunk::new(spec, records, stream));
    };
    Payload::replayable(None, move |offset| {
        let records = waiting(&stream, spec.writer.rows())
            .unwrap_or_else(|| RecordBuffer::new(reopen(spec.writer.clone())));
        let chunk = Chunk::new(spec.clone(), Some(records), stream.clone());
        let reader: PayloadReader = Box::pin(Chunk {
            to_skip: offset,
            ..chunk
        });
        async { Ok(reader) }
    })
}

/// Takes the records, if they begin at this row.
fn waiting(stream: &SharedRecordStream, row: u64) -> Option<RecordBuffer> {
    stream
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take_if(|records| records.passed() == row)
}

/// Reads one chunk, and leaves the records where the next one begins.
struct Chunk {
    spec: ChunkSpec,
    state: State,
    stream: SharedRecordStream,
    /// Bytes of the records that were let through.
    taken: u64,
    /// Bytes that are left out at the start.
    to_skip: u64,
}

enum State {
    Flowing(RecordBuffer),
    Ended,
    /// It was not read to its end, which must never look like one.
    Broken,
}

impl Chunk {
    fn new(spec: ChunkSpec, records: Option<RecordBuffer>, stream: SharedRecordStream) -> Self {
        Self {
            spec,
            state: records.map_or(State::Broken, State::Flowing),
            stream,
            taken: 0,
            to_skip: 0,
        }
    }

    /// Makes bytes ready, about as many as wanted. None are at the end of the chunk.
    fn poll_fill(&mut self, context: &mut Context<'_>, wanted: usize) -> Poll<Result<usize>> {
        let State::Flowing(records) = &mut self.state else {
            return Poll::Ready(Ok(0));
        };
        while records.ready() < wanted {
            let bytes = match records.poll_ahead(context) {
                Poll::Ready(ahead) => ahead?,
                Poll::Pending if records.ready() > 0 => break,
                Poll::Pending => return Poll::Pending,
            };
            match bytes {
                Some(bytes) if self.taken == 0 || self.taken + bytes <= self.spec.limit => {
                    self.taken += bytes;
                    records.pass();
                }
                _ => break,
            }
        }
        Poll::Ready(Ok(records.ready()))
    }

    /// Leaves the flow to the next chunk, unless another reading of this chunk did so before.
    fn end(&mut self) {
        if let State::Flowing(records) = std::mem::replace(&mut self.state, State::Ended) {
            let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
            if stream
                .as_ref()
                .is_none_or(|other| other.passed() < records.passed())
            {
                *stream = Some(records);
            }
        }
    }
}

impl AsyncRead for Chunk {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let wanted = buffer.len().clamp(1, AT_ONCE);
            let filled = ready!(self.poll_fill(context, wanted));
            let this = &mut *self;
            match (&mut this.state, filled) {
                (State::Broken, _) => return Poll::Ready(Err(io::Error::other("the rows were given up"))),
                (_, Err(error)) => {
                    this.state = State::Broken;
                    return Poll::Ready(Err(unreadable(error)));
                }
                (State::Flowing(records), Ok(bytes @ 1..)) if this.to_skip > 0 => {
                    let skipped = bytes.min(usize::try_from(this.to_skip).unwrap_or(usize::MAX));
                    records.skip(skipped);
                    this.to_skip -= skipped as u64;
                }
                (State::Flowing(records), Ok(1..)) => return Poll::Ready(Ok(records.take(buffer))),
                (_, Ok(_)) => {
                    this.end();
                    return Poll::Ready(Ok(0));
                }
            }
        }
    }
}

fn unreadable(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
