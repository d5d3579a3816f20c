//! Blobs as files, in folders that a service of one's own lends in place of containers.

mod by_scheme;
mod files;
mod place;

pub use by_scheme::BlobsByScheme;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::{BlobName, BlobStore, BlockId, Operation, ResourceUri};

use self::place::Place;
use crate::runtime;

/// How many commits are remembered, so that they may be repeated.
const REMEMBERED: usize = 16;

/// Puts blobs as files into folders of this machine, or of its network.
///
/// A file appears whole or not at all: it is written under another name, brought to the disk, and then renamed. Blocks
/// wait in the folder `.kusto-ingest` within the lent one; those of an upload that was given up stay there, until a
/// later upload finds them a week old. The lent folder must exist. No name leads out of it:
/// not by steps back, and not by symbolic links.
///
/// Clones share the memory of the last commits.
#[doc(alias = "file system based persistent storage")]
#[derive(Clone, Debug, Default)]
pub struct FileSystemBlobs {
    commits: Arc<Mutex<VecDeque<Commit>>>,
}

/// What was made of which blocks. These are gone by then.
#[derive(Debug, PartialEq, Eq)]
struct Commit {
    file: PathBuf,
    blocks: Vec<BlockId>,
}

impl FileSystemBlobs {
    /// Blobs in any folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn commits(&self) -> MutexGuard<'_, VecDeque<Commit>> {
        self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, commit: Commit) {
        let mut commits = self.commits();
        commits.retain(|other| other.file != commit.file);
        commits.push_back(commit);
        if commits.len() > REMEMBERED {
            commits.pop_front();
        }
    }

    fn forget(&self, file: &PathBuf) {
        self.commits().retain(|other| other.file != *file);
    }
}

#[async_trait]
impl BlobStore for FileSystemBlobs {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        let place = Place::of(container, name)?;
        self.forget(&place.file());
        on_disk(Operation::PutBlob, name, move || files::put(&place, &body)).await
    }

    async fn stage(
        &self,
        container: &ResourceUri,
        name: &BlobName,
        block: BlockId,
        body: Bytes,
    ) -> Result<()> {
        let place = Place::of(container, name)?;
        on_disk(Operation::StageBlock, name, move || {
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
        let is_repeated = self.commits().contains(&commit);
        let ids = commit.blocks.clone();
        let joined = on_disk(Operation::CommitBlocks, name, move || {
            files::join(&place, &ids, is_repeated)
        });
        joined.await?;
        self.remember(commit);
        Ok(())
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        let place = Place::of(container, name)?;
        on_disk(Operation::HeadBlob, name, move || files::length(&place)).await
    }
}

/// Does what waits for the disk where the runtime does not wait with it.
async fn on_disk<T: Send + 'static>(
    operation: Operation,
    name: &BlobName,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let attempt = operation.attempt();
    let done = runtime::current(attempt)?.spawn_blocking(work).await;
    let done = done.map_err(|error| Error::new(ErrorKind::Other, attempt).caused_by(error))?;
    done.map_err(|error| error.with("name", name))
}
