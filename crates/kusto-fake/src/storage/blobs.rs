//! Blobs in memory: what is committed, and the blocks that are not yet.

use std::collections::BTreeMap;

use bytes::Bytes;
use kusto_ingest_core::Result;
use kusto_storage::Operation;

use super::errors::{Code, refusal};
use super::{BlobConditions, Freshness, MemoryStorage, ResourcePath, State, StoredBlob};

#[derive(Default)]
pub(super) struct Container(pub(super) BTreeMap<String, BlobSlot>);

impl Container {
    /// How many bytes it holds.
    pub(super) fn bytes(&self) -> u64 {
        self.0.values().map(BlobSlot::bytes).sum()
    }
}

/// A name in a container: a blob, staged blocks, or both.
#[derive(Default)]
pub(super) struct BlobSlot {
    pub(super) staged: BTreeMap<String, Bytes>,
    pub(super) committed: Option<Committed>,
}

pub(super) struct Committed {
    pub(super) blocks: Vec<(String, Bytes)>,
    pub(super) blob: StoredBlob,
}

/// Properties and conditions of a blob that is put or committed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobWrite {
    /// What happens when the name is taken.
    pub on_conflict: OnConflict,
    /// The media type.
    pub content_type: Option<String>,
    /// The metadata.
    pub metadata: BTreeMap<String, String>,
    /// The conditions of the write.
    pub conditions: BlobConditions,
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
    /// Neither media type nor metadata nor conditions.
    #[must_use]
    pub fn new(on_conflict: OnConflict) -> Self {
        Self {
            on_conflict,
            content_type: None,
            metadata: BTreeMap::new(),
            conditions: BlobConditions::default(),
        }
    }

    /// Sets the media type.
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

/// A block in the list that a blob is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockRef {
    /// Whether the committed or the uncommitted block of the id is meant.
    pub state: BlockState,
    /// Its id.
    pub id: String,
}

/// Which block of an id is meant, the committed or the uncommitted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the service knows no fourth")]
pub enum BlockState {
    /// The uncommitted one, or else the committed one.
    Latest,
    /// The uncommitted one.
    Uncommitted,
    /// The committed one.
    Committed,
}

impl BlockRef {
    /// A block by its id.
    #[must_use]
    pub fn new(state: BlockState, id: &str) -> Self {
        Self {
            state,
            id: id.to_owned(),
        }
    }
}

/// The blocks of a name, each by its id and its length in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobBlocks {
    /// The committed blocks, in order.
    pub committed: Vec<(String, usize)>,
    /// The uncommitted blocks.
    pub staged: Vec<(String, usize)>,
}

/// Some of a container's blobs, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobPage {
    /// The blobs.
    pub blobs: Vec<StoredBlob>,
    /// The prefixes of names up to [the delimiter](MemoryStorage::list_folder).
    pub prefixes: Vec<String>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
}

impl MemoryStorage {
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

    /// The same, under conditions.
    ///
    /// # Errors
    /// As [`blob`](Self::blob); `ConditionNotMet`.
    pub fn blob_if(
        &self,
        container: &ResourcePath,
        name: &str,
        conditions: &BlobConditions,
    ) -> Result<(StoredBlob, Freshness)> {
        let blob = self.blob(container, name)?;
        let freshness = conditions.allow_read(&blob);
        let refused = |code| refusal(Operation::GetBlob, code, container).with("blob", name);
        Ok((blob, freshness.map_err(refused)?))
    }

    /// The committed and uncommitted blocks of a blob.
    ///
    /// # Errors
    /// `ContainerNotFound`; `BlobNotFound` where there are none.
    pub fn blocks(&self, container: &ResourcePath, name: &str) -> Result<BlobBlocks> {
        let mut state = self.state();
        let slot = state.container(Operation::ListBlocks, container)?.0.get(name);
        let missing = || refusal(Operation::ListBlocks, Code::BlobNotFound, container).with("blob", name);
        let slot = slot.ok_or_else(missing)?;
        let committed = slot.committed.iter().flat_map(|committed| &committed.blocks);
        // A blob that was put as a whole has none.
        let committed = committed.filter(|(id, _)| !id.is_empty());
        Ok(BlobBlocks {
            committed: committed.map(|(id, body)| (id.clone(), body.len())).collect(),
            staged: slot
                .staged
                .iter()
                .map(|(id, body)| (id.clone(), body.len()))
                .collect(),
        })
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
        self.list_folder(container, prefix, "", from, max)
    }

    /// As [`list_blobs`](Self::list_blobs), by folder: names that have the delimiter behind the prefix are listed as a
    /// prefix only.
    ///
    /// # Errors
    /// `ContainerNotFound`.
    pub fn list_folder(
        &self,
        container: &ResourcePath,
        prefix: &str,
        delimiter: &str,
        from: Option<&str>,
        max: usize,
    ) -> Result<BlobPage> {
        let mut state = self.state();
        let start = from.unwrap_or_default().max(prefix);
        let found = state
            .container(Operation::ListBlobs, container)?
            .0
            .range(start.to_owned()..)
            .take_while(|(name, _)| name.starts_with(prefix))
            .filter_map(|(_, slot)| Some(&slot.committed.as_ref()?.blob));
        let mut page = BlobPage::default();
        for blob in found {
            let folder = folder(&blob.name, prefix, delimiter);
            if folder.is_some() && folder == page.prefixes.last().map(String::as_str) {
                continue;
            }
            if page.blobs.len() + page.prefixes.len() == max {
                page.next = Some(blob.name.clone());
                break;
            }
            match folder {
                Some(folder) => page.prefixes.push(folder.to_owned()),
                None => page.blobs.push(blob.clone()),
            }
        }
        Ok(page)
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

/// The folder that a name is in: all up to the first delimiter behind the prefix, with it.
fn folder<'a>(name: &'a str, prefix: &str, delimiter: &str) -> Option<&'a str> {
    if delimiter.is_empty() {
        return None;
    }
    let place = name[prefix.len()..].find(delimiter)?;
    Some(&name[..prefix.len() + place + delimiter.len()])
}

impl BlobSlot {
    pub(super) fn block(&self, wanted: &BlockRef) -> Option<Bytes> {
        let committed = self.committed.iter().flat_map(|committed| &committed.blocks);
        let mut committed = committed
            .filter(|(other, _)| *other == wanted.id)
            .map(|(_, body)| body);
        let staged = self.staged.get(&wanted.id);
        match wanted.state {
            BlockState::Latest => staged.or_else(|| committed.next_back()),
            BlockState::Uncommitted => staged,
            BlockState::Committed => committed.next_back(),
        }
        .cloned()
    }

    /// How many bytes it holds.
    pub(super) fn bytes(&self) -> u64 {
        let staged: u64 = self.staged.values().map(|body| body.len() as u64).sum();
        staged
            + self
                .committed
                .as_ref()
                .map_or(0, |committed| committed.blob.length)
    }
}

impl State {
    pub(super) fn container(&mut self, operation: Operation, path: &ResourcePath) -> Result<&mut Container> {
        let found = self.containers.get_mut(path);
        found.ok_or_else(|| refusal(operation, Code::ContainerNotFound, path))
    }
}
