//! Whether there is a runtime: asked before tokio would panic.

use kusto_ingest_core::{Error, ErrorKind, Result};
use tokio::runtime::Handle;

/// The runtime that this is called on.
pub(crate) fn current(operation: &'static str) -> Result<Handle> {
    Handle::try_current().map_err(|error| Error::new(ErrorKind::Unsupported, operation).caused_by(error))
}
