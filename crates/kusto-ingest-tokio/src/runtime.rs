//! The runtime, asked for before tokio would panic, and what waits for the disk away from it.

use kusto_ingest_core::{Error, ErrorKind, Result};
use tokio::runtime::Handle;

/// Refuses to begin what would panic outside of a tokio runtime.
///
/// # Errors
/// [`ErrorKind::Unsupported`] when this is called outside of one. The operation is a fragment that completes
/// "failed to …".
pub fn require_runtime(operation: &'static str) -> Result<()> {
    current(operation).map(drop)
}

/// The runtime that this is called on.
pub(crate) fn current(operation: &'static str) -> Result<Handle> {
    Handle::try_current().map_err(|_| {
        Error::new(ErrorKind::Unsupported, operation)
            .because("there is no tokio runtime here; call it from within one")
    })
}

/// Does what waits for the disk on a blocking thread. What has begun goes on to its end when the future is dropped.
pub(crate) async fn blocking<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let done = current(operation)?.spawn_blocking(work).await;
    done.map_err(|error| Error::new(ErrorKind::Other, operation).caused_by(error))
}
