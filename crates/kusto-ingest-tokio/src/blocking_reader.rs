//! A blocking reader as a payload.

use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::AsyncRead;
use kusto_ingest_core::Payload;
use tokio::task::JoinHandle;

use crate::runtime::current;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// A payload of a blocking reader: a pipe, a decoder, standard input. It is read on blocking threads of the runtime, 64
/// KiB at a time and not ahead. It cannot be replayed, so it can be sent again only as far as it was kept in memory.
///
/// Like all of tokio it is read on a runtime only; elsewhere reading it is an error. A read that has begun goes on to
/// its end when the upload is dropped.
pub fn blocking_reader(reader: impl Read + Send + 'static) -> Payload {
    Payload::from_reader(BlockingReader {
        here: Some(Chunk {
            reader: Box::new(reader),
            bytes: Vec::new(),
            given: 0,
        }),
        reading: None,
    })
}

/// A reader, and what was read of it last.
struct Chunk {
    reader: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    given: usize,
}

impl Chunk {
    /// Reads the next bytes, and tells how many; none at the end.
    fn next(mut self) -> (Self, io::Result<usize>) {
        self.given = 0;
        self.bytes.resize(CHUNK, 0);
        let read = loop {
            match self.reader.read(&mut self.bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.bytes.truncate(*read.as_ref().unwrap_or(&0));
        (self, read)
    }

    /// Gives what is left of the bytes, as far as there is room.
    fn give(&mut self, buffer: &mut [u8]) -> usize {
        let left = &self.bytes[self.given..];
        let taken = left.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&left[..taken]);
        self.given += taken;
        taken
    }
}

/// The chunk is here, or a thread has it; after a panic of the reader it is nowhere.
struct BlockingReader {
    here: Option<Chunk>,
    reading: Option<JoinHandle<(Chunk, io::Result<usize>)>>,
}

impl AsyncRead for BlockingReader {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        loop {
            if let Some(reading) = &mut this.reading {
                let done = ready!(Pin::new(reading).poll(context));
                this.reading = None;
                let (chunk, read) = done.map_err(io::Error::other)?;
                this.here = Some(chunk);
                if read? == 0 {
                    return Poll::Ready(Ok(0));
                }
            }
            let runtime = current("read the source").map_err(io::Error::other)?;
            let Some(mut chunk) = this.here.take() else {
                return Poll::Ready(Err(io::Error::other("the reader panicked")));
            };
            let given = chunk.give(buffer);
            if given > 0 || buffer.is_empty() {
                this.here = Some(chunk);
                return Poll::Ready(Ok(given));
            }
            this.reading = Some(runtime.spawn_blocking(move || chunk.next()));
        }
    }
}
