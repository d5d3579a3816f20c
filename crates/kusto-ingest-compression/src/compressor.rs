//! The seam: from a payload to gzip.

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::{Payload, Result};

use crate::Encoded;

/// Compresses payloads into gzip.
///
/// # Contract
/// - The payload is opened anew by every call, from its first byte.
/// - The chunks together are one gzip member whose size and checksum are those of the payload.
/// - The stream ends with an error, never early, when the payload cannot be read to its end.
/// - Dropping the stream ends the work.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Compressor: Debug + Send + Sync + 'static {
    /// Opens a payload and compresses it while the chunks are taken.
    async fn gzip(&self, payload: &Payload) -> Result<Encoded>;
}
