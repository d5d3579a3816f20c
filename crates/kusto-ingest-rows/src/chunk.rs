//! One chunk: the records that fit it, read as they are made.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures::AsyncRead;
use kusto_ingest_core::{Error, Payload, PayloadReader, Result};

use crate::RowWriter;
use crate::flow::Flow;
use crate::records::Records;

/// How much is made ready at once, at least while the reader wants more.
const AT_ONCE: usize = 64 * 1024;

/// Starts the records again, behind those that the writer has written already.
pub(crate) type Restart = Arc<dyn Fn(RowWriter) -> Box<dyn Records> + Send + Sync>;

/// Where the flow stands between two chunks. Empty while a chunk is read, or when one was given up half read.
pub(crate) type Station = Arc<Mutex<Option<Flow>>>;

/// Which part of the rows a chunk is.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The writer, as the rows before have left it.
    pub(crate) writer: RowWriter,
    /// The most bytes; one record that is larger is a chunk of its own.
    pub(crate) limit: u64,
}

/// The payload of a chunk: it can be opened again if the rows can be started again.
pub(crate) fn payload(part: Part, station: &Station, restart: Option<&Restart>) -> Payload {
    let station = station.clone();
    let Some(restart) = restart.cloned() else {
        let flow = waiting(&station, part.writer.rows());
        return Payload::once(Chunk::new(part, flow, station));
    };
    Payload::replayable(None, move |offset| {
        let flow =
            waiting(&station, part.writer.rows()).unwrap_or_else(|| Flow::new(restart(part.writer.clone())));
        let chunk = Chunk::new(part.clone(), Some(flow), station.clone());
        let reader: PayloadReader = Box::pin(Chunk {
            to_skip: offset,
            ..chunk
        });
        async { Ok(reader) }
    })
}

/// Takes the flow, if it stands at this row.
fn waiting(station: &Station, row: u64) -> Option<Flow> {
    station
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take_if(|flow| flow.passed() == row)
}

/// Reads one chunk, and leaves the flow where the next one begins.
struct Chunk {
    part: Part,
    state: State,
    station: Station,
    /// Bytes of the records that were let through.
    taken: u64,
    /// Bytes that are left out at the start.
    to_skip: u64,
}

enum State {
    Flowing(Flow),
    Ended,
    /// It was not read to its end, which must never look like one.
    Broken,
}

impl Chunk {
    fn new(part: Part, flow: Option<Flow>, station: Station) -> Self {
        Self {
            part,
            state: flow.map_or(State::Broken, State::Flowing),
            station,
            taken: 0,
            to_skip: 0,
        }
    }

    /// Makes bytes ready, about as many as wanted. None are at the end of the chunk.
    fn poll_fill(&mut self, context: &mut Context<'_>, wanted: usize) -> Poll<Result<usize>> {
        let State::Flowing(flow) = &mut self.state else {
            return Poll::Ready(Ok(0));
        };
        while flow.ready() < wanted {
            let bytes = match flow.poll_ahead(context) {
                Poll::Ready(ahead) => ahead?,
                Poll::Pending if flow.ready() > 0 => break,
                Poll::Pending => return Poll::Pending,
            };
            match bytes {
                Some(bytes) if self.taken == 0 || self.taken + bytes <= self.part.limit => {
                    self.taken += bytes;
                    flow.pass();
                }
                _ => break,
            }
        }
        Poll::Ready(Ok(flow.ready()))
    }

    /// Leaves the flow to the next chunk, unless another reading of this chunk did so before.
    fn end(&mut self) {
        if let State::Flowing(flow) = std::mem::replace(&mut self.state, State::Ended) {
            let mut station = self.station.lock().unwrap_or_else(PoisonError::into_inner);
            if station
                .as_ref()
                .is_none_or(|other| other.passed() < flow.passed())
            {
                *station = Some(flow);
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
                (State::Flowing(flow), Ok(bytes @ 1..)) if this.to_skip > 0 => {
                    let skipped = bytes.min(usize::try_from(this.to_skip).unwrap_or(usize::MAX));
                    flow.skip(skipped);
                    this.to_skip -= skipped as u64;
                }
                (State::Flowing(flow), Ok(1..)) => return Poll::Ready(Ok(flow.take(buffer))),
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
