//! What a Kusto ingests that is not in its own storage.

use std::sync::Arc;

use kusto_ingest_core::BlobUri;

use crate::{BlobDownloader, FakeKusto};

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
