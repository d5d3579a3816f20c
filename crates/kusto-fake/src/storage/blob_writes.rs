//! Writes of blobs: put, committed from blocks, copied, appended to, deleted.

use std::collections::BTreeMap;

use bytes::Bytes;
use kusto_ingest_core::{Result, Timestamp};
use kusto_storage::Operation;

use super::blobs::{BlobSlot, Committed};
use super::changed_keys::Changed;
use super::errors::{Code, refusal};
use super::{
    BlobConditions, BlobWrite, BlockRef, BlockState, MemoryStorage, OnConflict, ResourcePath, State,
    StoredBlob,
};

/// The most blocks that a blob has.
const MOST_BLOCKS: usize = 50_000;

impl MemoryStorage {
    /// Puts a whole blob. Blocks staged under its name are discarded.
    ///
    /// # Errors
    /// `ContainerNotFound`; `BlobAlreadyExists`; `ConditionNotMet`; `InsufficientStorage`.
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

    /// Stages a block under an id. A block of the same id is replaced.
    ///
    /// # Errors
    /// `ContainerNotFound`; `InvalidBlobOrBlock` when the id is not as long as the others of this blob;
    /// `InsufficientStorage`.
    pub fn stage_block(&self, container: &ResourcePath, name: &str, id: &str, body: Bytes) -> Result<()> {
        const STAGE: Operation = Operation::StageBlock;
        let mut state = self.state();
        let slot = state.slot(STAGE, container, name)?;
        if slot.is_some_and(|slot| slot.staged.keys().any(|other| other.len() != id.len())) {
            return Err(refusal(STAGE, Code::InvalidBlobOrBlock, container));
        }
        let replaced = slot.and_then(|slot| slot.staged.get(id)).map_or(0, Bytes::len);
        state.reserve(STAGE, container, replaced as u64, body.len() as u64)?;
        let slots = &mut state.container(STAGE, container)?.0;
        let slot = slots.entry(name.to_owned()).or_default();
        slot.staged.insert(id.to_owned(), body);
        state
            .changed
            .mark(|| Changed::Block(container.clone(), name.to_owned(), id.to_owned()));
        Ok(())
    }

    /// Commits a blob from blocks: staged ones, or else committed ones of the same blob. All other staged blocks are
    /// discarded.
    ///
    /// # Errors
    /// `ContainerNotFound`; `InvalidBlockList` when a block was not staged; `BlockListTooLong`;
    /// `BlobAlreadyExists`; `ConditionNotMet`.
    pub fn commit_blocks(
        &self,
        container: &ResourcePath,
        name: &str,
        ids: &[String],
        write: &BlobWrite,
    ) -> Result<StoredBlob> {
        let blocks: Vec<BlockRef> = ids
            .iter()
            .map(|id| BlockRef::new(BlockState::Latest, id))
            .collect();
        self.commit_block_list(container, name, &blocks, write)
    }

    /// As [`commit_blocks`](Self::commit_blocks), with a list that says for each block whether the committed or the
    /// uncommitted one is meant.
    ///
    /// # Errors
    /// As [`commit_blocks`](Self::commit_blocks).
    pub fn commit_block_list(
        &self,
        container: &ResourcePath,
        name: &str,
        list: &[BlockRef],
        write: &BlobWrite,
    ) -> Result<StoredBlob> {
        const COMMIT: Operation = Operation::CommitBlocks;
        if list.len() > MOST_BLOCKS {
            return Err(refusal(COMMIT, Code::BlockListTooLong, container));
        }
        let now = self.now();
        let mut state = self.state();
        let slot = state.slot(COMMIT, container, name)?;
        let blocks = list
            .iter()
            .map(|block| Some((block.id.clone(), slot?.block(block)?)))
            .collect::<Option<Vec<_>>>();
        let blocks = blocks.ok_or_else(|| refusal(COMMIT, Code::InvalidBlockList, container))?;
        state.commit(COMMIT, container, name, blocks, write, now)
    }

    /// Copies a blob of this storage; its content is shared. Media type and metadata are copied unless the write sets
    /// them.
    ///
    /// # Errors
    /// `CannotVerifyCopySource` where there is no such source; those of [`put_blob`](Self::put_blob).
    pub fn copy_blob(
        &self,
        source: (&ResourcePath, &str),
        container: &ResourcePath,
        name: &str,
        write: &BlobWrite,
    ) -> Result<StoredBlob> {
        const COPY: Operation = Operation::CopyBlob;
        let source = self
            .blob(source.0, source.1)
            .map_err(|error| refusal(COPY, Code::CannotVerifyCopySource, container).caused_by(error))?;
        let mut write = write.clone();
        write.content_type = write.content_type.or(source.content_type);
        if write.metadata.is_empty() {
            write.metadata = source.metadata;
        }
        let blocks = source
            .chunks
            .into_iter()
            .map(|chunk| (String::new(), chunk))
            .collect();
        let now = self.now();
        let mut state = self.state();
        state.commit(COPY, container, name, blocks, &write, now)
    }

    /// Appends to a blob, as the Data Lake does: at the end of what was appended so far. It is readable after
    /// [`flush_path`](Self::flush_path).
    ///
    /// # Errors
    /// `ContainerNotFound`; `PathNotFound` where there is no blob; `InvalidFlushPosition` where the position is not the end;
    /// `InsufficientStorage`.
    pub fn append_path(
        &self,
        container: &ResourcePath,
        name: &str,
        position: u64,
        body: Bytes,
    ) -> Result<()> {
        const STAGE: Operation = Operation::StageBlock;
        let mut state = self.state();
        let slot = state.slot(STAGE, container, name)?;
        let slot = slot.filter(|slot| slot.committed.is_some());
        let slot = slot.ok_or_else(|| refusal(STAGE, Code::PathNotFound, container))?;
        if slot.bytes() != position {
            return Err(refusal(STAGE, Code::InvalidFlushPosition, container));
        }
        state.reserve(STAGE, container, 0, body.len() as u64)?;
        let slots = &mut state.container(STAGE, container)?.0;
        let slot = slots.entry(name.to_owned()).or_default();
        let id = format!("{position:020}");
        slot.staged.insert(id.clone(), body);
        state
            .changed
            .mark(|| Changed::Block(container.clone(), name.to_owned(), id));
        Ok(())
    }

    /// Makes appended bytes readable. `length` is that of the blob afterwards.
    ///
    /// # Errors
    /// `ContainerNotFound`; `PathNotFound`; `InvalidFlushPosition` where it has another length; `ConditionNotMet`.
    pub fn flush_path(
        &self,
        container: &ResourcePath,
        name: &str,
        length: u64,
        conditions: &BlobConditions,
    ) -> Result<StoredBlob> {
        const COMMIT: Operation = Operation::CommitBlocks;
        let now = self.now();
        let mut state = self.state();
        let missing = || refusal(COMMIT, Code::PathNotFound, container);
        let slot = state.slot(COMMIT, container, name)?.ok_or_else(missing)?;
        let committed = slot.committed.as_ref().ok_or_else(missing)?;
        if slot.bytes() != length {
            return Err(refusal(COMMIT, Code::InvalidFlushPosition, container));
        }
        let mut write = BlobWrite::new(OnConflict::Replace);
        write.content_type.clone_from(&committed.blob.content_type);
        write.metadata.clone_from(&committed.blob.metadata);
        write.conditions = conditions.clone();
        let appended = slot.staged.iter().map(|(id, body)| (id.clone(), body.clone()));
        let blocks = committed.blocks.iter().cloned().chain(appended).collect();
        state.commit(COMMIT, container, name, blocks, &write, now)
    }

    /// Deletes a blob and the blocks staged under its name.
    ///
    /// # Errors
    /// `ContainerNotFound`; `BlobNotFound`.
    pub fn delete_blob(&self, container: &ResourcePath, name: &str) -> Result<()> {
        self.delete_blob_if(container, name, &BlobConditions::default())
    }

    /// The same, under conditions.
    ///
    /// # Errors
    /// As [`delete_blob`](Self::delete_blob); `ConditionNotMet`.
    pub fn delete_blob_if(
        &self,
        container: &ResourcePath,
        name: &str,
        conditions: &BlobConditions,
    ) -> Result<()> {
        const DELETE: Operation = Operation::DeleteBlob;
        let mut state = self.state();
        let slot = state.slot(DELETE, container, name)?;
        let found = slot.and_then(|slot| Some((slot.bytes(), &slot.committed.as_ref()?.blob)));
        let Some((bytes, blob)) = found else {
            return Err(refusal(DELETE, Code::BlobNotFound, container).with("blob", name));
        };
        let allowed = conditions.allow_write(Some(blob));
        allowed.map_err(|code| refusal(DELETE, code, container).with("blob", name))?;
        state.container(DELETE, container)?.0.remove(name);
        state.stored_blob_bytes -= bytes;
        state
            .changed
            .mark(|| Changed::Blob(container.clone(), name.to_owned()));
        Ok(())
    }

    /// Limits the bytes of all blobs and staged blocks. By default there is no limit.
    pub fn limit_blob_bytes(&self, max_bytes: u64) {
        self.state().max_bytes = Some(max_bytes);
    }

    /// The bytes of all blobs and staged blocks.
    #[must_use]
    pub fn stored_blob_bytes(&self) -> u64 {
        self.state().stored_blob_bytes
    }
}

impl State {
    fn slot(
        &mut self,
        operation: Operation,
        container: &ResourcePath,
        name: &str,
    ) -> Result<Option<&BlobSlot>> {
        Ok(self.container(operation, container)?.0.get(name))
    }

    /// Counts bytes that come in the place of others.
    fn reserve(
        &mut self,
        operation: Operation,
        container: &ResourcePath,
        gone: u64,
        come: u64,
    ) -> Result<()> {
        let held = self.stored_blob_bytes - gone + come;
        // What makes the store smaller is always allowed.
        if come > gone && self.max_bytes.is_some_and(|most| held > most) {
            let most = self.max_bytes.unwrap_or_default();
            return Err(refusal(operation, Code::InsufficientStorage, container).with("limit", most));
        }
        self.stored_blob_bytes = held;
        Ok(())
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
        let slot = self.slot(operation, container, name)?;
        let before = slot
            .and_then(|slot| slot.committed.as_ref())
            .map(|committed| &committed.blob);
        let allowed = match (write.on_conflict, before) {
            (OnConflict::Refuse, Some(_)) => Err(Code::BlobAlreadyExists),
            _ => write.conditions.allow_write(before),
        };
        allowed.map_err(|code| refusal(operation, code, container).with("blob", name))?;
        let gone = slot.map_or(0, BlobSlot::bytes);
        let chunks: Vec<Bytes> = blocks.iter().map(|(_, body)| body.clone()).collect();
        let length = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        self.reserve(operation, container, gone, length)?;
        let blob = StoredBlob {
            name: name.to_owned(),
            length,
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
        let slot = BlobSlot {
            staged: BTreeMap::new(),
            committed,
        };
        self.container(operation, container)?
            .0
            .insert(name.to_owned(), slot);
        self.changed
            .mark(|| Changed::Blob(container.clone(), name.to_owned()));
        Ok(blob)
    }
}
