#![doc = include_str!("../README.md")]

// The seam and its fake.
mod recording;
mod uploader;

// How a blob is called.
mod naming;

// From payload to container.
mod blocks;
mod container;
mod transfer;

pub use container::ContainerUploader;
pub use naming::BlobNaming;
pub use recording::RecordingUploader;
pub use uploader::{Uploaded, Uploader};

#[cfg(feature = "mock")]
pub use uploader::MockUploader;
