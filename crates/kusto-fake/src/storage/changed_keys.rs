//! The keys of what changed in the storage since a log was last told.

use std::collections::BTreeSet;

use kusto_storage::{EntityKey, ResourceKind};

use super::ResourcePath;

/// What changed. Their order is that in which they must be told: a blob before the blocks that were staged after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Changed {
    Resource(ResourceKind, ResourcePath),
    Issued(ResourceKind, ResourcePath),
    Blob(ResourcePath, String),
    Block(ResourcePath, String, String),
    Message(ResourcePath, u64),
    Entity(ResourcePath, EntityKey),
    /// What waits for an entity.
    Late(ResourcePath, EntityKey),
}

/// The keys of what changed; nothing while nobody wants to know.
#[derive(Default)]
pub(super) struct ChangedKeys(Option<BTreeSet<Changed>>);

impl ChangedKeys {
    pub(super) fn mark(&mut self, changed: impl FnOnce() -> Changed) {
        if let Some(keys) = &mut self.0 {
            keys.insert(changed());
        }
    }

    /// Notes what changes from now on.
    pub(super) fn note(&mut self) {
        self.0.get_or_insert_default();
    }

    pub(super) fn is_noting(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn extend(&mut self, more: Vec<Changed>) {
        if let Some(keys) = &mut self.0 {
            keys.extend(more);
        }
    }

    /// The keys that were noted; the next ones are those since.
    pub(super) fn take(&mut self) -> Option<BTreeSet<Changed>> {
        self.0.as_mut().map(std::mem::take)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(BTreeSet::is_empty)
    }
}
