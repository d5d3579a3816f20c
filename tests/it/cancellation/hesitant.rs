//! A Kusto that lets those who ask wait at every step, so that a test can drop them there.

use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties};
use kusto_fake::FakeKusto;
use kusto_ingest::Result;
use kusto_ingest::properties::DatabaseName;
use kusto_storage::{
    BlobName, BlobStore, BlockId, Entity, EntityKey, MessageHandle, PeekedMessage, QueueStore,
    ReceivedMessage, ResourceUri, TableStore,
};

/// A Kusto in memory that lets its callers wait before it does what they ask, and after.
#[derive(Clone, Debug)]
pub(super) struct Hesitant(pub(super) FakeKusto);

/// Does it, with a wait before and a wait after.
async fn hesitantly<T>(done: impl Future<Output = T>) -> T {
    hesitate().await;
    let outcome = done.await;
    hesitate().await;
    outcome
}

/// Waits for one poll.
async fn hesitate() {
    let mut has_waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[async_trait]
impl ManagementEndpoint for Hesitant {
    async fn execute(
        &self,
        database: &DatabaseName,
        command: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        hesitantly(self.0.execute(database, command, properties)).await
    }
}

#[async_trait]
impl BlobStore for Hesitant {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        hesitantly(BlobStore::put(self.0.storage(), container, name, body)).await
    }

    async fn stage(&self, at: &ResourceUri, name: &BlobName, block: BlockId, body: Bytes) -> Result<()> {
        hesitantly(self.0.storage().stage(at, name, block, body)).await
    }

    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()> {
        hesitantly(self.0.storage().commit(container, name, blocks)).await
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        hesitantly(self.0.storage().length(container, name)).await
    }
}

#[async_trait]
impl QueueStore for Hesitant {
    async fn put(&self, queue: &ResourceUri, text: &str) -> Result<()> {
        hesitantly(QueueStore::put(self.0.storage(), queue, text)).await
    }

    async fn peek(&self, queue: &ResourceUri, max: u8) -> Result<Vec<PeekedMessage>> {
        self.0.storage().peek(queue, max).await
    }

    async fn receive(&self, queue: &ResourceUri, max: u8, hidden: Duration) -> Result<Vec<ReceivedMessage>> {
        self.0.storage().receive(queue, max, hidden).await
    }

    async fn delete(&self, queue: &ResourceUri, message: &MessageHandle) -> Result<()> {
        QueueStore::delete(self.0.storage(), queue, message).await
    }

    async fn clear(&self, queue: &ResourceUri) -> Result<()> {
        QueueStore::clear(self.0.storage(), queue).await
    }
}

#[async_trait]
impl TableStore for Hesitant {
    async fn insert(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        hesitantly(TableStore::insert(self.0.storage(), table, entity)).await
    }

    async fn get(&self, table: &ResourceUri, key: &EntityKey) -> Result<Option<Entity>> {
        hesitantly(TableStore::get(self.0.storage(), table, key)).await
    }

    async fn merge(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        hesitantly(TableStore::merge(self.0.storage(), table, entity)).await
    }
}
