//! Work that blocks, away from the threads that futures run on: files, key derivation, signatures.

use futures::channel::oneshot;
use kusto_ingest_core::{Error, ErrorKind, Result};

/// Does work on a thread of its own, of which a sign-in needs one an hour.
///
/// # Cancel safety
/// Dropping the future leaves the thread to end by itself.
pub(crate) async fn on_thread<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let failed = |why: &'static str| Error::new(ErrorKind::Other, operation).because(why);
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .name("kusto-auth".to_owned())
        .spawn(move || {
            // Whoever asked may be gone.
            let _ = sender.send(work());
        })
        .map_err(|error| failed("no thread can be started").caused_by(error))?;
    match receiver.await {
        Ok(done) => done,
        Err(_) => Err(failed("the thread that did it has ended early")),
    }
}
