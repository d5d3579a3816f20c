//! The status table: reading it drains the queues.

use async_trait::async_trait;
use kusto_ingest_core::Result;
use kusto_storage::{Entity, EntityKey, ResourceUri, TableStore};

use crate::FakeKusto;

/// The tables of a [`FakeKusto`]: before an entity is read, it [drains](FakeKusto::drain) its queues.
///
/// A client that polls a status therefore sees it change, without a background task.
#[derive(Clone, Debug)]
pub struct DrainingTables(FakeKusto);

impl FakeKusto {
    /// The status table, which drains the queues before anything is read of it.
    #[must_use]
    pub fn tables(&self) -> DrainingTables {
        DrainingTables(self.clone())
    }
}

#[async_trait]
impl TableStore for DrainingTables {
    async fn insert(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        self.0.storage().insert(table, entity).await
    }

    async fn get(&self, table: &ResourceUri, key: &EntityKey) -> Result<Option<Entity>> {
        self.0.drain();
        self.0.storage().get(table, key).await
    }

    async fn merge(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        self.0.storage().merge(table, entity).await
    }
}
