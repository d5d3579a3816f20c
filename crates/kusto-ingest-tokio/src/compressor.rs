//! Gzip on a blocking thread.

use std::pin::pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::{self, Either};
use futures::stream;
use kusto_ingest_compression::{
    Compressor, Encoded, EncodedSizes, GzipEncoder, GzipLevel, InlineCompressor, identity,
};
use kusto_ingest_core::{Error, ErrorKind, Payload, Result};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::runtime;

/// How large the pieces are that go in and come out.
const CHUNK: usize = 256 * 1024;
/// How many pieces may wait on either side of the thread.
const DEPTH: usize = 4;
/// Less than this in memory is not worth a thread: it is compressed in below a millisecond.
const WORTH_A_THREAD: usize = 64 * 1024;

/// Compresses on a blocking thread of the runtime, one thread for each source that is being compressed.
///
/// The runtime stays free meanwhile. A source holds at most about 2 MiB, however large it is. Dropping the stream
/// ends the thread's work.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadedCompressor {
    level: GzipLevel,
}

impl ThreadedCompressor {
    /// A compressor of the default level.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Compresses harder, or faster.
    #[must_use]
    pub fn with_level(self, level: GzipLevel) -> Self {
        Self { level }
    }
}

#[async_trait]
impl Compressor for ThreadedCompressor {
    /// Fails with [`ErrorKind::Unsupported`] outside of a tokio runtime.
    async fn gzip(&self, payload: &Payload) -> Result<Encoded> {
        if payload
            .as_bytes()
            .is_some_and(|bytes| bytes.len() < WORTH_A_THREAD)
        {
            return InlineCompressor::new().with_level(self.level).gzip(payload).await;
        }
        let runtime = runtime::current("compress the source")?;
        let raw = identity(payload).await?;
        let (input, from_task) = channel(DEPTH);
        let (to_task, output) = channel(DEPTH);
        let sizes = EncodedSizes::new();
        let thread = Thread {
            encoder: GzipEncoder::new(self.level),
            input: from_task,
            output: to_task,
            sizes: sizes.clone(),
        };
        // Nobody waits for the thread: it ends when either channel closes.
        drop(runtime.spawn_blocking(move || thread.run()));
        let task = Task {
            raw: Some(raw),
            input,
            output,
        };
        Ok(Encoded::new(stream::try_unfold(task, Task::next), sizes))
    }
}

/// What goes into the thread.
enum Input {
    Chunk(Bytes),
    End,
}

/// What comes out of the thread.
enum Output {
    Chunk(Bytes),
    End,
    Failed(Error),
}

/// The side of the task: it reads, and takes what is compressed.
struct Task {
    raw: Option<Encoded>,
    input: Sender<Input>,
    output: Receiver<Output>,
}

impl Task {
    /// The next compressed chunk. Waiting for it, it reads.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        let output = loop {
            let taken = pin!(self.output.recv());
            let Some(raw) = &mut self.raw else {
                break taken.await;
            };
            let fed = match future::select(taken, pin!(feed(raw, &self.input))).await {
                Either::Left((output, _)) => break output,
                Either::Right((fed, _)) => fed,
            };
            match fed {
                Fed::More => {}
                Fed::All => self.raw = None,
                Fed::Failed(error) => return Err(error),
            }
        };
        match output {
            Some(Output::Chunk(chunk)) => Ok(Some((chunk, self))),
            Some(Output::End) => Ok(None),
            Some(Output::Failed(error)) => Err(error),
            None => Err(Error::new(ErrorKind::Data, "compress the source").because("its thread ended early")),
        }
    }
}

enum Fed {
    More,
    All,
    Failed(Error),
}

/// Hands one chunk to the thread. May be dropped at any point: what was read but not handed over stays in `raw`.
async fn feed(raw: &mut Encoded, input: &Sender<Input>) -> Fed {
    let Ok(room) = input.reserve().await else {
        // The thread is gone; its output tells why.
        return Fed::All;
    };
    match raw.next().await {
        Some(Ok(chunk)) => {
            room.send(Input::Chunk(chunk));
            Fed::More
        }
        Some(Err(error)) => Fed::Failed(error),
        None => {
            room.send(Input::End);
            Fed::All
        }
    }
}

/// The side of the thread: it compresses.
struct Thread {
    encoder: GzipEncoder,
    input: Receiver<Input>,
    output: Sender<Output>,
    sizes: EncodedSizes,
}

impl Thread {
    fn run(self) {
        let output = self.output.clone();
        if let Err(error) = self.compress() {
            // Where the stream was dropped, nobody is left to tell.
            let _unwanted = output.blocking_send(Output::Failed(error));
        }
    }

    /// Compresses to the end of the input, or until the stream is dropped.
    fn compress(mut self) -> Result<()> {
        while let Some(input) = self.input.blocking_recv() {
            let Input::Chunk(chunk) = input else {
                return self.finish();
            };
            for piece in chunk.chunks(CHUNK) {
                if self.output.is_closed() {
                    return Ok(());
                }
                self.encoder.push(piece)?;
                self.sizes.add_raw(piece.len() as u64);
                if self.encoder.ready() >= CHUNK {
                    let chunk = self.encoder.take();
                    self.send(Output::Chunk(chunk));
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        let Self { encoder, output, .. } = self;
        for last in [Output::Chunk(encoder.finish()?), Output::End] {
            if output.blocking_send(last).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn send(&self, output: Output) {
        // A closed channel is seen before the next piece.
        let _unwanted = self.output.blocking_send(output);
    }
}
