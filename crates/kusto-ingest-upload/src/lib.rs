#![doc = include_str!("../README.md")]

// The seam and its fake.
mod recording;
mod uploader;

// How a blob is called.
mod naming;

// From payload to container.
mod block_plan;
mod blocks;
mod budget;
mod container;
mod in_place;
mod opened;
mod own_containers;
mod random;
mod reading_turn;
mod transfer;

// What every client does with a source before it tells Kusto of it.
mod blob_size;
mod to_blob;

pub use budget::MemoryBudget;
pub use container::ContainerUploader;
pub use naming::BlobNaming;
pub use own_containers::UserContainersUploader;
pub use recording::RecordingUploader;
pub use uploader::{Uploaded, Uploader};

#[cfg(feature = "mock")]
pub use uploader::MockUploader;

/// What only the crates of this workspace need. Nothing is promised of it.
#[doc(hidden)]
pub mod internal {
    pub use crate::to_blob::{PROBE_LIMIT, SentBytes, ToBlob, checked_format};
}
