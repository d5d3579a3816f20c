#![doc = include_str!("../README.md")]

// What is written down.
mod record;
mod scope;
mod source;

// What it adds up to.
mod identity;
mod index;
mod progress;
mod shard;

// The file.
mod failpoint;
mod file;
mod reader;
mod recovery;
mod writer;

// What programs use.
mod client;
mod conclusion;
mod journal;

pub use client::JournaledClient;
pub use conclusion::Conclusion;
pub use journal::{Journal, JournalBuilder};
pub use progress::SourceProgress;
pub use reader::JournalReader;
pub use record::{JournalEvent, JournalRecord};
pub use scope::JournalScope;
pub use shard::Shard;
pub use source::JournalSource;
