//! The seam: from a local source to a blob.

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::{BlobUri, LocalSource, Result};

use crate::BlobNaming;

/// Uploads local data to where Kusto can read it.
///
/// # Contract
/// - `Ok` means that the blob is complete and its length verified, so that a message may name it.
/// - Every attempt sends the source from its first byte, or fails. A remainder is never sent.
/// - Dropping the future may leave uncommitted blocks, never a readable partial blob.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Uploader: Debug + Send + Sync + 'static {
    /// Uploads one source.
    async fn upload(&self, source: &LocalSource, naming: &BlobNaming) -> Result<Uploaded>;
}

/// What an upload made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// The blob, with the SAS that opens it.
    pub blob: BlobUri,
    /// The uncompressed size of the data in bytes: counted where possible, else estimated.
    pub raw_bytes: Option<u64>,
    /// The length of the blob in bytes.
    pub sent_bytes: u64,
    /// Of the uncompressed bytes, those that are in its gzip as they are, because they do not compress.
    pub stored_bytes: u64,
}

impl Uploaded {
    /// A blob of `sent_bytes` that holds `raw_bytes` of data.
    #[must_use]
    pub fn new(blob: BlobUri, raw_bytes: Option<u64>, sent_bytes: u64) -> Self {
        Self {
            blob,
            raw_bytes,
            sent_bytes,
            stored_bytes: 0,
        }
    }

    /// Tells how many of the uncompressed bytes are in its gzip as they are.
    #[must_use]
    pub fn with_stored_bytes(self, bytes: u64) -> Self {
        Self {
            stored_bytes: bytes,
            ..self
        }
    }
}
