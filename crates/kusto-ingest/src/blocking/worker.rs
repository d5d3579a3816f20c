//! A runtime on threads of its own, which does what the calling thread waits for.

use std::sync::{Arc, mpsc};

use kusto_ingest_core::{Error, ErrorKind, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::task::AbortHandle;

use super::caller::may_be_blocked;

/// A runtime that many callers share. It ends with the last of them.
#[derive(Clone, Debug)]
pub(super) struct Worker(Arc<Owned>);

/// A runtime that may be dropped anywhere: dropping one inside of another would panic.
#[derive(Debug)]
struct Owned(Option<Runtime>);

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Worker {
    pub(super) fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("kusto-ingest")
            .enable_all()
            .build()
            .map_err(|error| Error::new(ErrorKind::Other, "start a runtime").caused_by(error))?;
        Ok(Self(Arc::new(Owned(Some(runtime)))))
    }

    /// Runs a future on the runtime's threads and blocks the calling thread until it is done, where that is no harm.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        may_be_blocked()?;
        let runtime = self.runtime()?;
        let (sender, receiver) = mpsc::sync_channel(1);
        runtime.spawn(async move {
            // Nobody is left to tell where the caller's thread has ended.
            let _unwanted = sender.send(work.await);
        });
        receiver.recv().map_err(|_| ended())?
    }

    /// Begins a future on the runtime's threads, for a calling thread that will wait for what it tells.
    pub(super) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle> {
        may_be_blocked()?;
        Ok(self.runtime()?.spawn(work).abort_handle())
    }

    fn runtime(&self) -> Result<&Runtime> {
        self.0.0.as_ref().ok_or_else(ended)
    }
}

/// Nobody will tell any more what is waited for.
pub(super) fn ended() -> Error {
    Error::new(ErrorKind::Other, "wait for the call").because("its runtime has ended")
}
