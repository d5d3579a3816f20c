//! The seam to stores that are not this Kusto's own.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use kusto_ingest_core::{BlobUri, Result};

use crate::FakeKusto;

/// Gets blobs of stores other than that of a [`FakeKusto`], such as Azurite.
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

impl FakeKusto {
    /// Ingests also blobs that this covers. They are never deleted, whatever a message says.
    pub fn set_blob_downloader(&self, downloader: Arc<dyn BlobDownloader>) {
        self.state().downloader = Some(downloader);
    }

    /// Who gets a blob that is in another store.
    pub(crate) fn downloader_of(&self, blob: &BlobUri) -> Option<Arc<dyn BlobDownloader>> {
        let downloader = self.state().downloader.clone();
        downloader.filter(|downloader| downloader.covers(blob))
    }
}
