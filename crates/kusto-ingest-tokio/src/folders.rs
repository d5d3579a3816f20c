//! Blobs as files, in folders that a self-hosted service issues in place of containers.

mod blob_path;
mod by_scheme;
mod draft;
mod drafts;
mod files;

pub use by_scheme::BlobsByScheme;

use async_trait::async_trait;
use bytes::Bytes;
use kusto_ingest_core::Result;
use kusto_storage::{BlobName, BlobStore, BlockId, Operation, ResourceUri};

use self::blob_path::BlobPath;
use self::draft::Draft;
use self::drafts::Drafts;
use crate::runtime;

/// Puts blobs as files into folders of this machine, or of its network.
///
/// A file appears whole or not at all: it is written under another name, brought to the disk, and then renamed. Blocks
/// are written to one such file, behind one another, as they come; where that is the order of the commit, it is the
/// file. Files that are not finished are in the folder `.kusto-ingest` within the issued one. Those of an upload that was
/// given up stay there, until a later upload finds them a week old. The issued folder must exist. No name leads out of
/// it: not by steps back, and not by symbolic links.
///
/// # Cancel safety
/// What has begun on the disk goes on to its end when its future is dropped, a commit to the blob that it makes, too.
/// Whatever is asked for the same blob afterwards waits for that end, so it finds the folder as if the call had
/// returned. What has not begun by then never does.
///
/// Clones share this order and the blocks that wait. Stores that are no clones of each other know nothing of one
/// another's blocks.
#[doc(alias = "file system based persistent storage")]
#[derive(Clone, Debug, Default)]
pub struct FileSystemBlobs {
    drafts: Drafts,
}

impl FileSystemBlobs {
    /// Blobs in any folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does something to a blob when it is its turn, where the runtime does not wait for the disk.
    async fn on_disk<T: Send + 'static>(
        &self,
        operation: Operation,
        container: &ResourceUri,
        name: &BlobName,
        work: impl FnOnce(&mut Draft, &BlobPath) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let blob = BlobPath::of(container, name)?;
        let mut draft = self.drafts.turn(blob.file()).await;
        let done = runtime::blocking(operation.attempt(), move || work(&mut draft, &blob)).await?;
        done.map_err(|error| error.with("name", name))
    }
}

#[async_trait]
impl BlobStore for FileSystemBlobs {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        let put = move |draft: &mut Draft, blob: &BlobPath| draft.put(blob, &body);
        self.on_disk(Operation::PutBlob, container, name, put).await
    }

    async fn stage(
        &self,
        container: &ResourceUri,
        name: &BlobName,
        block: BlockId,
        body: Bytes,
    ) -> Result<()> {
        let stage = move |draft: &mut Draft, blob: &BlobPath| draft.stage(blob, block, &body);
        self.on_disk(Operation::StageBlock, container, name, stage).await
    }

    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()> {
        let blocks = blocks.to_vec();
        let commit = move |draft: &mut Draft, blob: &BlobPath| draft.commit(blob, &blocks);
        self.on_disk(Operation::CommitBlocks, container, name, commit)
            .await
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        let length = |_: &mut Draft, blob: &BlobPath| files::length(blob);
        self.on_disk(Operation::HeadBlob, container, name, length).await
    }
}
