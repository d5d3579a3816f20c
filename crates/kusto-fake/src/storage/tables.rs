//! Tables in memory: entities by key, with etags.

use std::collections::BTreeMap;

use kusto_ingest_core::{Result, Timestamp};
use kusto_storage::{Entity, EntityKey, Operation};

use super::errors::{Code, refusal};
use super::{MemoryStorage, ResourcePath, State};

#[derive(Default)]
pub(super) struct Table(pub(super) BTreeMap<EntityKey, StoredEntity>);

/// An entity in a table.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredEntity {
    /// The entity.
    pub entity: Entity,
    /// Its etag.
    pub etag: String,
    /// When it was last written.
    pub timestamp: Timestamp,
}

/// The state in which an entity must be to be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the service knows no more conditions on an entity"
)]
pub enum IfMatch {
    /// It may be missing, and is inserted then: "insert or merge", "insert or replace".
    Absent,
    /// It must exist: `If-Match: *`.
    Any,
    /// It must exist and have this etag.
    Etag(String),
}

/// What is to be merged into an entity that is not there yet.
#[derive(Clone)]
pub(super) struct PendingMerge {
    pub(super) table: ResourcePath,
    pub(super) entity: Entity,
    /// From then on it is merged into a new one.
    pub(super) until: Timestamp,
}

impl MemoryStorage {
    /// The entity of a key.
    ///
    /// # Errors
    /// `TableNotFound`; `ResourceNotFound`.
    pub fn entity(&self, table: &ResourcePath, key: &EntityKey) -> Result<StoredEntity> {
        const GET: Operation = Operation::GetEntity;
        let now = self.now();
        let mut state = self.state();
        let found = state.table(GET, table, now)?.0.get(key).cloned();
        found.ok_or_else(|| refusal(GET, Code::ResourceNotFound, table))
    }

    /// The entities of a partition, or of all of them, by key.
    ///
    /// # Errors
    /// `TableNotFound`.
    pub fn entities(&self, table: &ResourcePath, partition: Option<&str>) -> Result<Vec<StoredEntity>> {
        let now = self.now();
        let mut state = self.state();
        let entities = state.table(Operation::QueryEntities, table, now)?.0.values();
        Ok(entities
            .filter(|stored| partition.is_none_or(|partition| stored.entity.key.partition == partition))
            .cloned()
            .collect())
    }
}

impl State {
    /// A table, after what is overdue was merged.
    pub(super) fn table(
        &mut self,
        operation: Operation,
        path: &ResourcePath,
        now: Timestamp,
    ) -> Result<&mut Table> {
        if !self.late.is_empty() {
            // The table of another entity may be gone meanwhile.
            drop(self.merge_overdue(operation, now));
        }
        let found = self.tables.get_mut(path);
        found.ok_or_else(|| refusal(operation, Code::TableNotFound, path))
    }
}
