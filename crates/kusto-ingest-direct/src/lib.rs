#![doc = include_str!("../README.md")]

// The client: how it is made, its flow from a source to a receipt, and that of many.
mod client;

// Everything before anything is sent.
mod prepare;

mod batching;
mod source;

// The one step that must not be repeated blindly.
mod send;

mod mode;
mod submission_tracker;

// A receipt, or an error that says what is known.
mod outcome;

mod answer;
mod operations;

// What the service ingests by itself.
mod from_storage;

// From properties and sources to the text of a command, and what may be shown of it.
mod command;

mod clause;
mod quote;

mod locator;
mod redactor;

// What a change of schema asks for.
mod schema_cache;

pub use batching::Batching;
pub use client::DirectIngestClient;
pub use command::IngestCommand;
pub use from_storage::{
    BlobSelection, StorageBlob, StorageIngestion, StorageOperation, StorageOperationState,
};
pub use mode::CommandMode;
pub use operations::{Operation, OperationState, Operations};
pub use schema_cache::StreamingSchemaCache;
pub use submission_tracker::{SubmissionState, SubmissionTracker};
