//! The threads that compress, as one source sees them.

use bytes::Bytes;
use kusto_ingest_compression::{EncodedSizes, GzipBlock};
use kusto_ingest_core::{Error, ErrorKind, Result};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::encoder_pool::EncoderPool;
use crate::workers::Workers;

/// Less than this is not worth a thread: it is compressed in below a millisecond.
pub(crate) const WORTH_A_THREAD: usize = 64 * 1024;

/// The threads, as one source sees them.
#[derive(Debug)]
pub(crate) struct Threads {
    encoders: EncoderPool,
    workers: Workers,
    runtime: Handle,
}

impl Threads {
    pub(crate) fn new(encoders: EncoderPool, workers: Workers, runtime: Handle) -> Self {
        Self {
            encoders,
            workers,
            runtime,
        }
    }

    /// Whether a source that has a number of blocks on their way may start another one.
    pub(crate) fn have_room(&self, on_their_way: usize) -> bool {
        let limit = self.workers.limit();
        // Two are enough to keep a source going once the threads have plenty to do.
        on_their_way < 2 || (on_their_way < 2 * limit && self.workers.waiting() < limit)
    }

    /// Starts to compress a block that stands behind another one.
    pub(crate) fn start(&self, before: Bytes, block: Bytes) -> oneshot::Receiver<Result<GzipBlock>> {
        let encoders = self.encoders.clone();
        self.workers
            .start(&self.runtime, move || encoders.block(&before, &block))
    }

    /// Compresses a source that is one block or less, here if it is small.
    pub(crate) async fn in_one_go(&self, bytes: Bytes, sizes: EncodedSizes) -> Result<Bytes> {
        if bytes.len() < WORTH_A_THREAD {
            return self.encoders.member(&bytes, &sizes);
        }
        let encoders = self.encoders.clone();
        let started = self
            .workers
            .start(&self.runtime, move || encoders.member(&bytes, &sizes));
        started.await.unwrap_or_else(|_| Err(ended_early()))
    }
}

/// The thread panicked, or the runtime has shut down.
pub(crate) fn ended_early() -> Error {
    Error::new(ErrorKind::Data, "compress the source").because("its thread ended early")
}
