//! Tables in memory: entities by key, with etags.

use std::collections::BTreeMap;

use kusto_ingest_core::{Result, Timestamp};
use kusto_storage::{Entity, EntityKey, Operation};
use serde_json::{Map, Value};

use super::errors::{Code, refusal};
use super::{MemoryStorage, ResourcePath, State};

#[derive(Default)]
pub(super) struct Table(BTreeMap<EntityKey, StoredEntity>);

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

/// Which state an entity must be in to be changed.
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

impl MemoryStorage {
    /// Adds an entity.
    ///
    /// # Errors
    /// `TableNotFound`; `EntityAlreadyExists`.
    pub fn insert_entity(&self, table: &ResourcePath, entity: &Entity) -> Result<StoredEntity> {
        let now = self.now();
        let mut state = self.state();
        let entities = &state.table(Operation::InsertEntity, table)?.0;
        if entities.contains_key(&entity.key) {
            return Err(refusal(Operation::InsertEntity, Code::EntityAlreadyExists, table));
        }
        state.store(Operation::InsertEntity, table, entity.clone(), now)
    }

    /// The entity of a key.
    ///
    /// # Errors
    /// `TableNotFound`; `ResourceNotFound`.
    pub fn entity(&self, table: &ResourcePath, key: &EntityKey) -> Result<StoredEntity> {
        let mut state = self.state();
        let found = state.table(Operation::GetEntity, table)?.0.get(key).cloned();
        found.ok_or_else(|| refusal(Operation::GetEntity, Code::ResourceNotFound, table))
    }

    /// Sets the given properties and leaves the others; a null leaves its property as well.
    ///
    /// # Errors
    /// `TableNotFound`; `ResourceNotFound`; `UpdateConditionNotSatisfied` when the etag is another one.
    pub fn merge_entity(
        &self,
        table: &ResourcePath,
        entity: &Entity,
        condition: &IfMatch,
    ) -> Result<StoredEntity> {
        let now = self.now();
        let mut state = self.state();
        let before = state.matching(Operation::MergeEntity, table, &entity.key, condition)?;
        let mut properties = before.map_or_else(Map::new, |before| before.entity.properties);
        merge(&mut properties, &entity.properties);
        let merged = Entity {
            key: entity.key.clone(),
            properties,
        };
        state.store(Operation::MergeEntity, table, merged, now)
    }

    /// Sets all properties: those that are not given are gone.
    ///
    /// # Errors
    /// As [`merge_entity`](Self::merge_entity).
    pub fn replace_entity(
        &self,
        table: &ResourcePath,
        entity: &Entity,
        condition: &IfMatch,
    ) -> Result<StoredEntity> {
        let now = self.now();
        let mut state = self.state();
        state.matching(Operation::ReplaceEntity, table, &entity.key, condition)?;
        state.store(Operation::ReplaceEntity, table, entity.clone(), now)
    }

    /// Deletes an entity.
    ///
    /// # Errors
    /// As [`merge_entity`](Self::merge_entity).
    pub fn delete_entity(&self, table: &ResourcePath, key: &EntityKey, condition: &IfMatch) -> Result<()> {
        let mut state = self.state();
        state.matching(Operation::DeleteEntity, table, key, condition)?;
        state.table(Operation::DeleteEntity, table)?.0.remove(key);
        Ok(())
    }

    /// The entities of a partition, or of all of them, by key.
    ///
    /// # Errors
    /// `TableNotFound`.
    pub fn entities(&self, table: &ResourcePath, partition: Option<&str>) -> Result<Vec<StoredEntity>> {
        let mut state = self.state();
        let entities = state.table(Operation::QueryEntities, table)?.0.values();
        Ok(entities
            .filter(|stored| partition.is_none_or(|partition| stored.entity.key.partition == partition))
            .cloned()
            .collect())
    }
}

impl State {
    fn table(&mut self, operation: Operation, path: &ResourcePath) -> Result<&mut Table> {
        let found = self.tables.get_mut(path);
        found.ok_or_else(|| refusal(operation, Code::TableNotFound, path))
    }

    /// The entity that a change begins with, when the condition holds.
    fn matching(
        &mut self,
        operation: Operation,
        table: &ResourcePath,
        key: &EntityKey,
        condition: &IfMatch,
    ) -> Result<Option<StoredEntity>> {
        let found = self.table(operation, table)?.0.get(key).cloned();
        match (&found, condition) {
            (None, IfMatch::Any | IfMatch::Etag(_)) => Err(refusal(operation, Code::ResourceNotFound, table)),
            (Some(stored), IfMatch::Etag(etag)) if stored.etag != *etag => {
                Err(refusal(operation, Code::UpdateConditionNotSatisfied, table))
            }
            _ => Ok(found),
        }
    }

    fn store(
        &mut self,
        operation: Operation,
        table: &ResourcePath,
        entity: Entity,
        now: Timestamp,
    ) -> Result<StoredEntity> {
        // The service makes the etag of the time alone; the number keeps two writes of one moment apart.
        let etag = format!(
            "W/\"datetime'{}-{}'\"",
            now.to_string().replace(':', "%3A"),
            self.number()
        );
        let stored = StoredEntity {
            entity,
            etag,
            timestamp: now,
        };
        let entities = &mut self.table(operation, table)?.0;
        entities.insert(stored.entity.key.clone(), stored.clone());
        Ok(stored)
    }
}

/// Sets properties; the annotation of a property goes and comes with its value.
fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in from.iter().filter(|(_, value)| !value.is_null()) {
        if !name.contains('@') {
            into.remove(&format!("{name}@odata.type"));
        }
        into.insert(name.clone(), value.clone());
    }
    for (name, value) in from.iter().filter(|(name, _)| name.contains('@')) {
        into.insert(name.clone(), value.clone());
    }
}
