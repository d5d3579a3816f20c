#![doc = include_str!("../README.md")]

// What is addressed.
mod blob_name;
mod container_address;
mod uri;

// The ports.
mod blob;
mod lister;
mod probe;
mod queue;
mod table;

// What a storage may be asked to do.
mod operation;

// A container to its end.
mod listing;

pub use blob::{BlobStore, BlockId};
pub use blob_name::BlobName;
pub use container_address::{ContainerAccess, ContainerAddress};
pub use lister::{BlobLister, ListPage, ListRequest, ListedBlob};
pub use listing::BlobListing;
pub use operation::Operation;
pub use probe::{BlobProbe, BlobSize, is_probeable};
pub use queue::{MessageHandle, PeekedMessage, QueueStore, ReceivedMessage};
pub use table::{Entity, EntityKey, TableStore};
pub use uri::{ResourceKind, ResourceUri};

#[cfg(feature = "mock")]
pub use blob::MockBlobStore;
#[cfg(feature = "mock")]
pub use lister::MockBlobLister;
#[cfg(feature = "mock")]
pub use probe::MockBlobProbe;
#[cfg(feature = "mock")]
pub use queue::MockQueueStore;
#[cfg(feature = "mock")]
pub use table::MockTableStore;

/// What only the crates of this workspace need. Nothing is promised of it.
#[doc(hidden)]
pub mod internal {
    pub use crate::uri::account_of;
}
