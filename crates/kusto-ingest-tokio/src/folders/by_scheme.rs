//! Folders and containers behind one port.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use kusto_ingest_core::Result;
use kusto_storage::{BlobName, BlobStore, BlockId, ResourceUri};

use super::FileSystemBlobs;

/// Puts blobs into folders where folders are issued, and elsewhere through another store.
#[derive(Clone, Debug)]
pub struct BlobsByScheme {
    folders: FileSystemBlobs,
    others: Arc<dyn BlobStore>,
}

impl BlobsByScheme {
    /// Folders, and this store for all that is none.
    #[must_use]
    pub fn new(others: Arc<dyn BlobStore>) -> Self {
        Self {
            folders: FileSystemBlobs::new(),
            others,
        }
    }

    fn of(&self, container: &ResourceUri) -> &dyn BlobStore {
        if container.is_folder() {
            &self.folders
        } else {
            &*self.others
        }
    }
}

#[async_trait]
impl BlobStore for BlobsByScheme {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        self.of(container).put(container, name, body).await
    }

    async fn stage(
        &self,
        container: &ResourceUri,
        name: &BlobName,
        block: BlockId,
        body: Bytes,
    ) -> Result<()> {
        self.of(container).stage(container, name, block, body).await
    }

    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()> {
        self.of(container).commit(container, name, blocks).await
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        self.of(container).length(container, name).await
    }
}
