//! The ports of storage and their implementations: blobs, queues and tables.
//!
//! More is in the guide: `docs/guide/crates.md#swapping-a-layer`.

#[doc(inline)]
pub use kusto_ingest_tokio::{BlobsByScheme, FileSystemBlobs};
#[doc(inline)]
pub use kusto_storage::{
    BlobLister, BlobListing, BlobName, BlobProbe, BlobSize, BlobStore, BlockId, ContainerAccess,
    ContainerAddress, Entity, EntityKey, ListPage, ListRequest, ListedBlob, MessageHandle, PeekedMessage,
    QueueStore, ReceivedMessage, ResourceKind, ResourceUri, TableStore, is_probeable,
};
#[doc(inline)]
pub use kusto_storage_azure::{AzureBlobLister, AzureBlobProbe, AzureStorage};
