#![doc = include_str!("../README.md")]

mod storage;

// One file per port.
mod blobs;
mod lister;
mod probe;
mod queues;
mod tables;

// What a call is made of, and what it may end with.
mod call;
mod entity;
mod failure;
mod shared_key;
mod token;

pub use lister::AzureBlobLister;
pub use probe::AzureBlobProbe;
pub use storage::AzureStorage;
