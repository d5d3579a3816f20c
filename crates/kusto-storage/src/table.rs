//! Tables: where the status of ingestions is kept.

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::Result;
use serde_json::{Map, Value};

use crate::ResourceUri;

/// Reads and writes entities of tables.
///
/// # Contract
/// - `insert` fails with [`AlreadyExists`](kusto_ingest_core::ErrorKind::AlreadyExists) when the key is taken; `merge` fails
///   with [`NotFound`](kusto_ingest_core::ErrorKind::NotFound) when it is not.
/// - A lost answer is a transient failure and never
///   [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown): each call may be made again, and an insert that
///   was done is then told by `AlreadyExists`.
/// - Implementations do not retry, and never put the table's SAS into errors or logs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TableStore: Debug + Send + Sync + 'static {
    /// Adds an entity.
    async fn insert(&self, table: &ResourceUri, entity: &Entity) -> Result<()>;

    /// The entity of a key; `None` when there is none.
    async fn get(&self, table: &ResourceUri, key: &EntityKey) -> Result<Option<Entity>>;

    /// Sets the given properties of an entity and leaves its others as they are.
    async fn merge(&self, table: &ResourceUri, entity: &Entity) -> Result<()>;
}

/// The key of an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a table's key has exactly these two parts"
)]
pub struct EntityKey {
    /// The partition.
    pub partition: String,
    /// The row in the partition.
    pub row: String,
}

impl EntityKey {
    /// A key of its two parts.
    pub fn new(partition: impl Into<String>, row: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            row: row.into(),
        }
    }
}

/// An entity: its key, and flat properties as the table service writes them in JSON, with `…@odata.type`
/// annotations where a type is not JSON's own. The key is not among the properties.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "an entity has exactly these two parts")]
pub struct Entity {
    /// Its key.
    pub key: EntityKey,
    /// Its properties.
    pub properties: Map<String, Value>,
}
