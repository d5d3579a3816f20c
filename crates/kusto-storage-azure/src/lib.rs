#![doc = include_str!("../README.md")]

mod storage;

// One file per port.
mod blobs;
mod queues;
mod tables;

// What a call is made of, and what it may end with.
mod call;
mod entity;
mod failure;
mod signature;

pub use storage::AzureStorage;
