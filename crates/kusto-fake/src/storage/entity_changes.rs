//! Changes of entities: single ones, transactions, and merges into entities that do not exist yet.

use kusto_ingest_core::{Error, Result, Timestamp};
use kusto_storage::{Entity, EntityKey, Operation};
use serde_json::{Map, Value};

use super::changed_keys::Changed;
use super::errors::{Code, refusal};
use super::tables::{IfMatch, PendingMerge, StoredEntity};
use super::{MemoryStorage, ResourcePath, State};

/// A change of one entity.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the service knows no other")]
pub enum EntityChange {
    /// Adds it.
    Insert(Entity),
    /// Sets the given properties and keeps the others. A null keeps its property, too.
    Merge(Entity, IfMatch),
    /// Sets all properties: those that are not given are removed.
    Replace(Entity, IfMatch),
    /// Deletes it.
    Delete(EntityKey, IfMatch),
}

impl MemoryStorage {
    /// Adds an entity.
    ///
    /// # Errors
    /// `TableNotFound`; `EntityAlreadyExists`.
    pub fn insert_entity(&self, table: &ResourcePath, entity: &Entity) -> Result<StoredEntity> {
        self.change_entity(table, &EntityChange::Insert(entity.clone()))
    }

    /// Sets the given properties and keeps the others. A null keeps its property, too.
    ///
    /// # Errors
    /// `TableNotFound`; `ResourceNotFound`; `UpdateConditionNotSatisfied` when the etag is another one.
    pub fn merge_entity(
        &self,
        table: &ResourcePath,
        entity: &Entity,
        condition: &IfMatch,
    ) -> Result<StoredEntity> {
        self.change_entity(table, &EntityChange::Merge(entity.clone(), condition.clone()))
    }

    /// Sets all properties: those that are not given are removed.
    ///
    /// # Errors
    /// As [`merge_entity`](Self::merge_entity).
    pub fn replace_entity(
        &self,
        table: &ResourcePath,
        entity: &Entity,
        condition: &IfMatch,
    ) -> Result<StoredEntity> {
        self.change_entity(table, &EntityChange::Replace(entity.clone(), condition.clone()))
    }

    /// Deletes an entity.
    ///
    /// # Errors
    /// As [`merge_entity`](Self::merge_entity).
    pub fn delete_entity(&self, table: &ResourcePath, key: &EntityKey, condition: &IfMatch) -> Result<()> {
        let now = self.now();
        let change = EntityChange::Delete(key.clone(), condition.clone());
        self.state().change(table, &change, now).map(drop)
    }

    /// Applies all of these changes or none of them. Gives what is stored after each; `None` after a deletion.
    ///
    /// # Errors
    /// The index of the first change that is refused, with its error.
    pub fn change_entities(
        &self,
        table: &ResourcePath,
        changes: &[EntityChange],
    ) -> Result<Vec<Option<StoredEntity>>, (usize, Error)> {
        let now = self.now();
        let mut state = self.state();
        let before = state.tables.get(table).map(|table| table.0.clone());
        let late = state.late.clone();
        let outcome = changes
            .iter()
            .enumerate()
            .map(|(place, change)| state.change(table, change, now).map_err(|error| (place, error)))
            .collect();
        if let (Err(_), Some(before), Some(table)) = (&outcome, before, state.tables.get_mut(table)) {
            table.0 = before;
            state.late = late;
        }
        outcome
    }

    /// Merges into an entity as soon as it exists; once `until` has passed, into a new one.
    ///
    /// # Errors
    /// `TableNotFound`.
    pub fn merge_entity_once_there(
        &self,
        table: &ResourcePath,
        entity: &Entity,
        until: Timestamp,
    ) -> Result<()> {
        let now = self.now();
        let mut state = self.state();
        let is_there = state
            .table(Operation::MergeEntity, table, now)?
            .0
            .contains_key(&entity.key);
        if is_there || until <= now {
            let change = EntityChange::Merge(entity.clone(), IfMatch::Absent);
            return state.change(table, &change, now).map(drop);
        }
        state
            .changed
            .mark(|| Changed::Late(table.clone(), entity.key.clone()));
        state.late.push(PendingMerge {
            table: table.clone(),
            entity: entity.clone(),
            until,
        });
        Ok(())
    }

    fn change_entity(&self, table: &ResourcePath, change: &EntityChange) -> Result<StoredEntity> {
        let now = self.now();
        let operation = change.operation();
        let stored = self.state().change(table, change, now)?;
        stored.ok_or_else(|| refusal(operation, Code::InternalError, table))
    }
}

impl EntityChange {
    /// The operation by which clients make this change.
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::Insert(_) => Operation::InsertEntity,
            Self::Merge(..) => Operation::MergeEntity,
            Self::Replace(..) => Operation::ReplaceEntity,
            Self::Delete(..) => Operation::DeleteEntity,
        }
    }

    /// The key of its entity.
    #[must_use]
    pub fn key(&self) -> &EntityKey {
        match self {
            Self::Insert(entity) | Self::Merge(entity, _) | Self::Replace(entity, _) => &entity.key,
            Self::Delete(key, _) => key,
        }
    }
}

impl State {
    fn change(
        &mut self,
        table: &ResourcePath,
        change: &EntityChange,
        now: Timestamp,
    ) -> Result<Option<StoredEntity>> {
        let operation = change.operation();
        match change {
            EntityChange::Insert(entity) => {
                if self.table(operation, table, now)?.0.contains_key(&entity.key) {
                    return Err(refusal(operation, Code::EntityAlreadyExists, table));
                }
                self.store(operation, table, entity.clone(), now)?;
            }
            EntityChange::Merge(entity, condition) => {
                let before = self.matching(operation, table, &entity.key, condition, now)?;
                let mut properties = before.map_or_else(Map::new, |before| before.entity.properties);
                merge(&mut properties, &entity.properties);
                let merged = Entity {
                    key: entity.key.clone(),
                    properties,
                };
                self.store(operation, table, merged, now)?;
            }
            EntityChange::Replace(entity, condition) => {
                self.matching(operation, table, &entity.key, condition, now)?;
                self.store(operation, table, entity.clone(), now)?;
            }
            EntityChange::Delete(key, condition) => {
                self.matching(operation, table, key, condition, now)?;
                self.table(operation, table, now)?.0.remove(key);
                self.changed.mark(|| Changed::Entity(table.clone(), key.clone()));
                return Ok(None);
            }
        }
        self.merge_late(operation, table, change.key(), now)?;
        Ok(self.table(operation, table, now)?.0.get(change.key()).cloned())
    }

    /// The entity before a change, if the condition holds.
    fn matching(
        &mut self,
        operation: Operation,
        table: &ResourcePath,
        key: &EntityKey,
        condition: &IfMatch,
        now: Timestamp,
    ) -> Result<Option<StoredEntity>> {
        let found = self.table(operation, table, now)?.0.get(key).cloned();
        match (&found, condition) {
            (None, IfMatch::Any | IfMatch::Etag(_)) => Err(refusal(operation, Code::ResourceNotFound, table)),
            (Some(stored), IfMatch::Etag(etag)) if stored.etag != *etag => {
                Err(refusal(operation, Code::UpdateConditionNotSatisfied, table))
            }
            _ => Ok(found),
        }
    }

    pub(super) fn store(
        &mut self,
        operation: Operation,
        table: &ResourcePath,
        entity: Entity,
        now: Timestamp,
    ) -> Result<()> {
        // The service makes the etag of the time alone, and so two writes are never of one moment.
        let tick = std::time::Duration::from_nanos(100);
        let at = self.last_write.map_or(now, |last| now.max(last + tick));
        self.last_write = Some(at);
        let stored = StoredEntity {
            etag: format!("W/\"datetime'{}'\"", at.to_string().replace(':', "%3A")),
            timestamp: at,
            entity,
        };
        let found = self.tables.get_mut(table);
        let entities = found.ok_or_else(|| refusal(operation, Code::TableNotFound, table))?;
        let key = stored.entity.key.clone();
        entities.0.insert(key.clone(), stored);
        self.changed.mark(|| Changed::Entity(table.clone(), key));
        Ok(())
    }

    /// Merges what came before this entity did.
    fn merge_late(
        &mut self,
        operation: Operation,
        table: &ResourcePath,
        key: &EntityKey,
        now: Timestamp,
    ) -> Result<()> {
        let is_of_it = |late: &mut PendingMerge| late.table == *table && late.entity.key == *key;
        let late: Vec<PendingMerge> = self.late.extract_if(.., is_of_it).collect();
        late.into_iter()
            .try_for_each(|late| self.merge_now(operation, late, now))
    }

    /// Merges what nobody wrote an entity for in its time.
    pub(super) fn merge_overdue(&mut self, operation: Operation, now: Timestamp) -> Result<()> {
        let overdue: Vec<PendingMerge> = self.late.extract_if(.., |late| late.until <= now).collect();
        overdue
            .into_iter()
            .try_for_each(|late| self.merge_now(operation, late, now))
    }

    fn merge_now(&mut self, operation: Operation, late: PendingMerge, now: Timestamp) -> Result<()> {
        self.changed
            .mark(|| Changed::Late(late.table.clone(), late.entity.key.clone()));
        let found = self
            .tables
            .get(&late.table)
            .and_then(|table| table.0.get(&late.entity.key));
        let mut properties = found.map_or_else(Map::new, |stored| stored.entity.properties.clone());
        merge(&mut properties, &late.entity.properties);
        let merged = Entity {
            key: late.entity.key,
            properties,
        };
        self.store(operation, &late.table, merged, now)
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
