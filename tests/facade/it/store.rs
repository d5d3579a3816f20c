//! Storage in memory: every port of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kusto_ingest::external::bytes::Bytes;
use kusto_ingest::sources::BlobUri;
use kusto_ingest::storage::{
    BlobName, BlobProbe, BlobSize, BlobStore, BlockId, Entity, EntityKey, MessageHandle, PeekedMessage,
    QueueStore, ReceivedMessage, ResourceUri, TableStore,
};
use kusto_ingest::{Error, ErrorKind, Result, async_trait};

/// What was put, stored and measured. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) blobs: Vec<(String, Bytes)>,
    pub(crate) messages: Vec<String>,
    pub(crate) entities: Vec<Entity>,
    pub(crate) measured: Vec<String>,
    pub(crate) failures: u32,
    pub(crate) posts: u32,
}

impl Shelf {
    /// Refuses so many posts.
    pub(crate) fn failing(times: u32) -> Self {
        let shelf = Self::default();
        shelf.with(|contents| contents.failures = times);
        shelf
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Contents) -> T) -> T {
        look(&mut self.0.lock().expect("no test panics while it looks"))
    }
}

#[async_trait]
impl BlobStore for Shelf {
    async fn put(&self, _: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        self.with(|contents| contents.blobs.push((name.to_string(), body)));
        Ok(())
    }

    async fn stage(&self, _: &ResourceUri, name: &BlobName, _: BlockId, body: Bytes) -> Result<()> {
        self.with(|contents| contents.blobs.push((name.to_string(), body)));
        Ok(())
    }

    async fn commit(&self, _: &ResourceUri, _: &BlobName, _: &[BlockId]) -> Result<()> {
        Ok(())
    }

    async fn length(&self, _: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        Ok(self.with(|contents| {
            let found = contents
                .blobs
                .iter()
                .find(|(known, _)| *known == name.to_string());
            found.map(|(_, body)| body.len() as u64)
        }))
    }
}

#[async_trait]
impl BlobProbe for Shelf {
    async fn size_of(&self, blob: &BlobUri) -> Result<BlobSize> {
        self.with(|contents| contents.measured.push(blob.redacted().to_owned()));
        Ok(BlobSize::new(42))
    }
}

#[async_trait]
impl QueueStore for Shelf {
    async fn put(&self, _: &ResourceUri, text: &str) -> Result<()> {
        self.with(|contents| {
            contents.posts += 1;
            if contents.failures > 0 {
                contents.failures -= 1;
                return Err(Error::new(ErrorKind::Unavailable, "put the message"));
            }
            contents.messages.push(text.to_owned());
            Ok(())
        })
    }

    async fn peek(&self, _: &ResourceUri, max: u8) -> Result<Vec<PeekedMessage>> {
        let peeked = |text: &String| PeekedMessage::new("1", text);
        Ok(self.with(|contents| contents.messages.iter().take(max.into()).map(peeked).collect()))
    }

    async fn receive(&self, _: &ResourceUri, max: u8, _: Duration) -> Result<Vec<ReceivedMessage>> {
        let received = |text: String| ReceivedMessage::new(MessageHandle::new("1", "1"), text);
        Ok(self.with(|contents| {
            let taken = contents.messages.len().min(max.into());
            contents.messages.drain(..taken).map(received).collect()
        }))
    }

    async fn delete(&self, _: &ResourceUri, _: &MessageHandle) -> Result<()> {
        Ok(())
    }

    async fn clear(&self, _: &ResourceUri) -> Result<()> {
        self.with(|contents| contents.messages.clear());
        Ok(())
    }
}

#[async_trait]
impl TableStore for Shelf {
    async fn insert(&self, _: &ResourceUri, entity: &Entity) -> Result<()> {
        self.with(|contents| contents.entities.push(entity.clone()));
        Ok(())
    }

    async fn get(&self, _: &ResourceUri, key: &EntityKey) -> Result<Option<Entity>> {
        Ok(self.with(|contents| contents.entities.iter().find(|it| it.key == *key).cloned()))
    }

    async fn merge(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        self.insert(table, entity).await
    }
}
