#![doc = include_str!("../README.md")]

// From properties and sources to the text of a command.
mod clause;
mod command;
mod quote;

// What may be shown of it.
mod locator;
mod scrub;

// From a command to what became of its sources.
mod answer;
mod batching;
mod failures;
mod operations;
mod run;
mod settle;
mod staging;
mod standing;

// The walk.
mod client;

// What a change of schema asks for.
mod schema_cache;

pub use batching::Batching;
pub use client::{CommandMode, DirectIngestClient};
pub use command::IngestCommand;
pub use operations::{Operation, OperationState, Operations};
pub use schema_cache::StreamingSchemaCache;
pub use standing::{Standing, Standings};
