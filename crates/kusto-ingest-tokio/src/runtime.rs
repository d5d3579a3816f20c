//! The runtime, asked for before tokio would panic, and what waits for the disk away from it.

use kusto_ingest_core::{Error, ErrorKind, Result};
use tokio::runtime::Handle;

/// The runtime that this is called on.
pub(crate) fn current(operation: &'static str) -> Result<Handle> {
    Handle::try_current().map_err(|error| Error::new(ErrorKind::Unsupported, operation).caused_by(error))
}

/// Does what waits for the disk on a blocking thread. What has begun goes on to its end when the future is dropped.
pub(crate) async fn blocking<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let done = current(operation)?.spawn_blocking(work).await;
    done.map_err(|error| Error::new(ErrorKind::Other, operation).caused_by(error))
}
