//! The ports on the storage in memory: what a client sees of it.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use kusto_ingest_core::{BlobUri, ErrorKind, Result};
use kusto_storage::{
    BlobLister, BlobName, BlobProbe, BlobSize, BlobStore, BlockId, ContainerAddress, Entity, EntityKey,
    ListPage, ListRequest, ListedBlob, MessageHandle, Operation, PeekedMessage, QueueStore, ReceivedMessage,
    ResourceKind, ResourceUri, TableStore,
};

use super::{BlobWrite, IfMatch, MemoryStorage, MessageWrite, OnConflict, ResourcePath, StoredMessage};

impl MemoryStorage {
    /// One request through an address: counted, met by planned faults, its SAS checked.
    fn request<T>(
        &self,
        operation: Operation,
        kind: ResourceKind,
        address: &ResourceUri,
        work: impl FnOnce(&Self, &ResourcePath) -> Result<T>,
    ) -> Result<T> {
        let path = ResourcePath::from(address);
        self.serve(operation, &path, |storage| {
            let query = address.expose().query().unwrap_or_default();
            storage.authorize(kind, &path, query)?;
            work(storage, &path)
        })
    }
}

#[async_trait]
impl BlobStore for MemoryStorage {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        self.request(
            Operation::PutBlob,
            ResourceKind::Container,
            container,
            |storage, path| {
                storage.put_blob(path, name.as_str(), body, &BlobWrite::new(OnConflict::Replace))?;
                Ok(())
            },
        )
    }

    async fn stage(
        &self,
        container: &ResourceUri,
        name: &BlobName,
        block: BlockId,
        body: Bytes,
    ) -> Result<()> {
        self.request(
            Operation::StageBlock,
            ResourceKind::Container,
            container,
            |storage, path| storage.stage_block(path, name.as_str(), &block.name(), body),
        )
    }

    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()> {
        self.request(
            Operation::CommitBlocks,
            ResourceKind::Container,
            container,
            |storage, path| {
                let ids: Vec<String> = blocks.iter().map(|block| block.name()).collect();
                storage.commit_blocks(path, name.as_str(), &ids, &BlobWrite::new(OnConflict::Replace))?;
                Ok(())
            },
        )
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        self.request(
            Operation::HeadBlob,
            ResourceKind::Container,
            container,
            |storage, path| match storage.blob(path, name.as_str()) {
                Ok(blob) => Ok(Some(blob.length)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
        )
    }
}

#[async_trait]
impl BlobLister for MemoryStorage {
    async fn list(&self, container: &ContainerAddress, request: &ListRequest) -> Result<ListPage> {
        let page = self.request(
            Operation::ListBlobs,
            ResourceKind::Container,
            container.container(),
            |storage, path| {
                storage.list_blobs(
                    path,
                    &request.prefix,
                    request.marker.as_deref(),
                    request.max.into(),
                )
            },
        )?;
        let blobs = page.blobs.into_iter().map(|blob| {
            let metadata: Vec<(String, &str)> = blob
                .metadata
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
                .collect();
            let value = |wanted: &str| metadata.iter().find(|pair| pair.0 == wanted).map(|pair| pair.1);
            ListedBlob::new(&blob.name, blob.length)
                .with_last_modified(Some(blob.last_modified))
                .with_metadata(value)
        });
        Ok(ListPage::new(blobs.collect(), page.next))
    }
}

#[async_trait]
impl BlobProbe for MemoryStorage {
    async fn size_of(&self, blob: &BlobUri) -> Result<BlobSize> {
        let (container, name) = ResourceUri::of_blob(blob)?;
        self.request(
            Operation::HeadBlob,
            ResourceKind::Container,
            &container,
            |storage, path| {
                let blob = storage.blob(path, name.as_str())?;
                let is_called = |word: &str, pair: &(&String, &String)| pair.0.eq_ignore_ascii_case(word);
                let metadata = |word: &str| blob.metadata.iter().find(|pair| is_called(word, pair));
                Ok(BlobSize::new(blob.length)
                    .with_metadata(|word| metadata(word).map(|pair| pair.1.as_str())))
            },
        )
    }
}

#[async_trait]
impl QueueStore for MemoryStorage {
    async fn put(&self, queue: &ResourceUri, text: &str) -> Result<()> {
        self.request(
            Operation::PutMessage,
            ResourceKind::Queue,
            queue,
            |storage, path| {
                storage.put_message(path, text, MessageWrite::new())?;
                Ok(())
            },
        )
    }

    async fn peek(&self, queue: &ResourceUri, max: u8) -> Result<Vec<PeekedMessage>> {
        self.request(
            Operation::PeekMessages,
            ResourceKind::Queue,
            queue,
            |storage, path| {
                let messages = storage.peek_messages(path, clamped(max))?;
                Ok(messages.into_iter().map(peeked).collect())
            },
        )
    }

    async fn receive(
        &self,
        queue: &ResourceUri,
        max: u8,
        invisible_for: Duration,
    ) -> Result<Vec<ReceivedMessage>> {
        self.request(
            Operation::ReceiveMessages,
            ResourceKind::Queue,
            queue,
            |storage, path| {
                let messages = storage.receive_messages(path, clamped(max), invisible_for)?;
                Ok(messages.into_iter().map(received).collect())
            },
        )
    }

    async fn delete(&self, queue: &ResourceUri, message: &MessageHandle) -> Result<()> {
        self.request(
            Operation::DeleteMessage,
            ResourceKind::Queue,
            queue,
            |storage, path| storage.delete_message(path, message),
        )
    }

    async fn clear(&self, queue: &ResourceUri) -> Result<()> {
        self.request(
            Operation::ClearMessages,
            ResourceKind::Queue,
            queue,
            Self::clear_messages,
        )
    }
}

#[async_trait]
impl TableStore for MemoryStorage {
    async fn insert(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        self.request(
            Operation::InsertEntity,
            ResourceKind::Table,
            table,
            |storage, path| {
                storage.insert_entity(path, entity)?;
                Ok(())
            },
        )
    }

    async fn get(&self, table: &ResourceUri, key: &EntityKey) -> Result<Option<Entity>> {
        self.request(
            Operation::GetEntity,
            ResourceKind::Table,
            table,
            |storage, path| match storage.entity(path, key) {
                Ok(stored) => Ok(Some(stored.entity)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
        )
    }

    async fn merge(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        self.request(
            Operation::MergeEntity,
            ResourceKind::Table,
            table,
            |storage, path| {
                storage.merge_entity(path, entity, &IfMatch::Any)?;
                Ok(())
            },
        )
    }
}

fn clamped(max: u8) -> usize {
    usize::from(max.clamp(1, 32))
}

fn peeked(message: StoredMessage) -> PeekedMessage {
    let mut peeked = PeekedMessage::new(message.handle.id, message.text);
    peeked.inserted = Some(message.inserted);
    peeked.dequeue_count = message.dequeue_count;
    peeked
}

fn received(message: StoredMessage) -> ReceivedMessage {
    let mut received = ReceivedMessage::new(message.handle, message.text);
    received.inserted = Some(message.inserted);
    received.dequeue_count = message.dequeue_count;
    received
}
