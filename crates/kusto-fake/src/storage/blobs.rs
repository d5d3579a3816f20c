//! Blobs in memory: what is committed, and the blocks that are not yet.

use std::collections::BTreeMap;

use bytes::Bytes;
use kusto_ingest_core::{Result, Timestamp};
use kusto_storage::Operation;

use super::errors::{Code, refusal};
use super::{MemoryStorage, ResourcePath, State};

/// The most blocks that a blob has.
const MOST_BLOCKS: usize = 50_000;

#[derive(Default)]
pub(super) struct Container(BTreeMap<String, Slot>);

/// A name in a container: a blob, staged blocks, or both.
#[derive(Default)]
struct Slot {
    staged: BTreeMap<String, Bytes>,
    committed: Option<Committed>,
}

struct Committed {
    blocks: Vec<(String, Bytes)>,
    blob: StoredBlob,
}

/// A blob that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredBlob {
    /// Its name in the container, not percent-encoded.
    pub name: String,
    /// Its content: the blocks it was made of, in order.
    pub chunks: Vec<Bytes>,
    /// Its length in bytes.
    pub length: u64,
    /// Its media type, when it was put with one.
    pub content_type: Option<String>,
    /// Its metadata.
    pub metadata: BTreeMap<String, String>,
    /// Its etag, quoted.
    pub etag: String,
    /// When it was put or committed.
    pub last_modified: Timestamp,
}

impl StoredBlob {
    /// The whole content. Of several blocks it is a copy; the [`chunks`](Self::chunks) are none.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match self.chunks.as_slice() {
            [whole] => whole.clone(),
            chunks => chunks.concat().into(),
        }
    }
}

/// What is said of a blob beside its content when it is put or committed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobWrite {
    /// What happens when the name is taken.
    pub on_conflict: OnConflict,
    /// The media type.
    pub content_type: Option<String>,
    /// The metadata.
    pub metadata: BTreeMap<String, String>,
}

/// What happens when the name of a new blob is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum OnConflict {
    /// The blob is replaced.
    Replace,
    /// The blob stays, and the request is refused, as with `If-None-Match: *`.
    Refuse,
}

impl BlobWrite {
    /// Nothing beside the content.
    #[must_use]
    pub fn new(on_conflict: OnConflict) -> Self {
        Self {
            on_conflict,
            content_type: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Says the media type.
    #[must_use]
    pub fn with_content_type(self, content_type: impl Into<String>) -> Self {
        Self {
            content_type: Some(content_type.into()),
            ..self
        }
    }

    /// Adds a pair of metadata.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }
}

/// Some of a container's blobs, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobPage {
    /// The blobs.
    pub blobs: Vec<StoredBlob>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
}

impl MemoryStorage {
    /// Puts a whole blob. Blocks staged under its name are gone.
    ///
    /// # Errors
    /// `ContainerNotFound`; `BlobAlreadyExists`.
    pub fn put_blob(
        &self,
        container: &ResourcePath,
        name: &str,
        body: Bytes,
        write: &BlobWrite,
    ) -> Result<StoredBlob> {
        let blocks = vec![(String::new(), body)];
        let now = self.now();
        let mut state = self.state();
        state.commit(Operation::PutBlob, container, name, blocks, write, now)
    }

    /// Stages a block under an id, which is opaque here; a block of the same id is replaced.
    ///
    /// # Errors
    /// `ContainerNotFound`; `InvalidBlobOrBlock` when the id is not as long as the others of this blob.
    pub fn stage_block(&self, container: &ResourcePath, name: &str, id: &str, body: Bytes) -> Result<()> {
        let mut state = self.state();
        let slot = state
            .container(Operation::StageBlock, container)?
            .0
            .entry(name.to_owned())
            .or_default();
        if slot.staged.keys().any(|other| other.len() != id.len()) {
            return Err(refusal(
                Operation::StageBlock,
                Code::InvalidBlobOrBlock,
                container,
            ));
        }
        slot.staged.insert(id.to_owned(), body);
        Ok(())
    }

    /// Makes a blob of blocks: of staged ones, or else of those that the blob has already. The other staged
    /// blocks are gone.
    ///
    /// # Errors
    /// `ContainerNotFound`; `InvalidBlockList` when a block was not staged; `BlockListTooLong`;
    /// `BlobAlreadyExists`.
    pub fn commit_blocks(
        &self,
        container: &ResourcePath,
        name: &str,
        ids: &[String],
        write: &BlobWrite,
    ) -> Result<StoredBlob> {
        const COMMIT: Operation = Operation::CommitBlocks;
        if ids.len() > MOST_BLOCKS {
            return Err(refusal(COMMIT, Code::BlockListTooLong, container));
        }
        let now = self.now();
        let mut state = self.state();
        let slot = state.container(COMMIT, container)?.0.get(name);
        let blocks = ids
            .iter()
            .map(|id| Some((id.clone(), slot?.block(id)?)))
            .collect::<Option<Vec<_>>>();
        let blocks = blocks.ok_or_else(|| refusal(COMMIT, Code::InvalidBlockList, container))?;
        state.commit(COMMIT, container, name, blocks, write, now)
    }

    /// A blob with its properties. Its content is shared, not copied.
    ///
    /// # Errors
    /// `ContainerNotFound`; `BlobNotFound`, also while there are only staged blocks.
    pub fn blob(&self, container: &ResourcePath, name: &str) -> Result<StoredBlob> {
        let mut state = self.state();
        let slot = state.container(Operation::GetBlob, container)?.0.get(name);
        slot.and_then(|slot| Some(slot.committed.as_ref()?.blob.clone()))
            .ok_or_else(|| refusal(Operation::GetBlob, Code::BlobNotFound, container).with("blob", name))
    }

    /// Deletes a blob and the blocks staged under its name.
    ///
    /// # Errors
    /// `ContainerNotFound`; `BlobNotFound`.
    pub fn delete_blob(&self, container: &ResourcePath, name: &str) -> Result<()> {
        let mut state = self.state();
        let blobs = &mut state.container(Operation::DeleteBlob, container)?.0;
        if blobs.get(name).is_some_and(|slot| slot.committed.is_some()) {
            blobs.remove(name);
            return Ok(());
        }
        Err(refusal(Operation::DeleteBlob, Code::BlobNotFound, container).with("blob", name))
    }

    /// A page of the blobs whose names begin with `prefix`, from the name `from` on, by name.
    ///
    /// # Errors
    /// `ContainerNotFound`.
    pub fn list_blobs(
        &self,
        container: &ResourcePath,
        prefix: &str,
        from: Option<&str>,
        max: usize,
    ) -> Result<BlobPage> {
        let mut state = self.state();
        let mut found = state
            .container(Operation::ListBlobs, container)?
            .0
            .range(from.unwrap_or_default().to_owned()..)
            .filter(|(name, _)| name.starts_with(prefix))
            .filter_map(|(_, slot)| slot.committed.as_ref())
            .map(|committed| &committed.blob);
        Ok(BlobPage {
            blobs: found.by_ref().take(max).cloned().collect(),
            next: found.next().map(|blob| blob.name.clone()),
        })
    }

    /// How many blocks are staged under a name.
    #[must_use]
    pub fn staged_blocks(&self, container: &ResourcePath, name: &str) -> usize {
        let state = self.state();
        let slot = state
            .containers
            .get(container)
            .and_then(|container| container.0.get(name));
        slot.map_or(0, |slot| slot.staged.len())
    }
}

impl Slot {
    fn block(&self, id: &str) -> Option<Bytes> {
        let committed = self.committed.iter().flat_map(|committed| &committed.blocks);
        let committed = committed.filter(|(other, _)| other == id).map(|(_, body)| body);
        self.staged.get(id).or_else(|| committed.last()).cloned()
    }
}

impl State {
    fn container(&mut self, operation: Operation, path: &ResourcePath) -> Result<&mut Container> {
        let found = self.containers.get_mut(path);
        found.ok_or_else(|| refusal(operation, Code::ContainerNotFound, path))
    }

    fn commit(
        &mut self,
        operation: Operation,
        container: &ResourcePath,
        name: &str,
        blocks: Vec<(String, Bytes)>,
        write: &BlobWrite,
        now: Timestamp,
    ) -> Result<StoredBlob> {
        let etag = format!("\"0x8DC{:012X}\"", self.number());
        let slot = self
            .container(operation, container)?
            .0
            .entry(name.to_owned())
            .or_default();
        if write.on_conflict == OnConflict::Refuse && slot.committed.is_some() {
            return Err(refusal(operation, Code::BlobAlreadyExists, container).with("blob", name));
        }
        let chunks: Vec<Bytes> = blocks.iter().map(|(_, body)| body.clone()).collect();
        let blob = StoredBlob {
            name: name.to_owned(),
            length: chunks.iter().map(|chunk| chunk.len() as u64).sum(),
            chunks,
            content_type: write.content_type.clone(),
            metadata: write.metadata.clone(),
            etag,
            last_modified: now,
        };
        let committed = Some(Committed {
            blocks,
            blob: blob.clone(),
        });
        *slot = Slot {
            staged: BTreeMap::new(),
            committed,
        };
        Ok(blob)
    }
}
