//! The seam to stores that are not this Kusto's own.

use std::fmt::Debug;

use bytes::Bytes;
use kusto_ingest_core::{BlobUri, Result};

/// Gets blobs of stores other than that of a [`FakeKusto`](crate::FakeKusto), such as Azurite.
///
/// # Contract
/// - It is asked from whatever thread a source is ingested on, and may block it.
/// - It sends nothing to stores that nobody allowed.
pub trait BlobDownloader: Debug + Send + Sync + 'static {
    /// Whether a blob is in a store that it may ask. Where it is not, the Kusto looks into its own.
    fn covers(&self, blob: &BlobUri) -> bool;

    /// The bytes of a blob, in pieces.
    ///
    /// # Errors
    /// With the service's codes: `Download_SourceNotFound`, `Download_Forbidden`, `Download_UnknownError`.
    fn download(&self, blob: &BlobUri) -> Result<Vec<Bytes>>;
}
