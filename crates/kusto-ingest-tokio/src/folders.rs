//! Blobs as files, in folders that a service of one's own lends in place of containers.

mod by_scheme;
mod commits;
mod files;
mod place;
mod turns;

pub use by_scheme::BlobsByScheme;

use async_trait::async_trait;
use bytes::Bytes;
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::{BlobName, BlobStore, BlockId, Operation, ResourceUri};

use self::commits::{Commit, Commits};
use self::place::Place;
use self::turns::Turns;
use crate::runtime;

/// Puts blobs as files into folders of this machine, or of its network.
///
/// A file appears whole or not at all: it is written under another name, brought to the disk, and then renamed. Blocks
/// wait in the folder `.kusto-ingest` within the lent one; those of an upload that was given up stay there, until a
/// later upload finds them a week old. The lent folder must exist. No name leads out of it:
/// not by steps back, and not by symbolic links.
///
/// # Cancel safety
/// What has begun on the disk goes on to its end when its future is dropped, a commit to the blob that it makes, too.
/// Whatever is asked for the same blob afterwards waits for that end, so it finds the folder as if the call had
/// returned. What has not begun by then never does.
///
/// Clones share this order, and the memory of the last commits; stores that are no clones of each other know nothing of
/// one another, and should not write blobs of the same name.
#[doc(alias = "file system based persistent storage")]
#[derive(Clone, Debug, Default)]
pub struct FileSystemBlobs {
    commits: Commits,
    turns: Turns,
}

impl FileSystemBlobs {
    /// Blobs in any folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl BlobStore for FileSystemBlobs {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        let place = Place::of(container, name)?;
        let turn = self.turns.alone(place.file()).await;
        self.commits.forget(&place.file());
        on_disk(Operation::PutBlob, name, turn, move || files::put(&place, &body)).await
    }

    async fn stage(
        &self,
        container: &ResourceUri,
        name: &BlobName,
        block: BlockId,
        body: Bytes,
    ) -> Result<()> {
        let place = Place::of(container, name)?;
        let turn = self.turns.shared(place.file()).await;
        self.commits.forget(&place.file());
        on_disk(Operation::StageBlock, name, turn, move || {
            files::stage(&place, block, &body)
        })
        .await
    }

    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()> {
        let place = Place::of(container, name)?;
        let commit = Commit {
            file: place.file(),
            blocks: blocks.to_vec(),
        };
        let turn = self.turns.alone(place.file()).await;
        let commits = self.commits.clone();
        on_disk(Operation::CommitBlocks, name, turn, move || {
            files::join(&place, &commit.blocks, commits.include(&commit))?;
            // Here, so that it is known also when nobody waits for the answer any more.
            commits.remember(commit);
            Ok(())
        })
        .await
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        let place = Place::of(container, name)?;
        let turn = self.turns.shared(place.file()).await;
        on_disk(Operation::HeadBlob, name, turn, move || files::length(&place)).await
    }
}

/// Does what waits for the disk where the runtime does not wait with it, and gives the turn back after that.
async fn on_disk<T: Send + 'static>(
    operation: Operation,
    name: &BlobName,
    turn: impl Send + 'static,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let attempt = operation.attempt();
    let work = move || {
        let done = work();
        drop(turn);
        done
    };
    let done = runtime::current(attempt)?.spawn_blocking(work).await;
    let done = done.map_err(|error| Error::new(ErrorKind::Other, attempt).caused_by(error))?;
    done.map_err(|error| error.with("name", name))
}
