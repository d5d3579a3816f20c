//! The words of ingestion, and what all clients share, through the public API.

mod gated;

mod cache;
mod clock;
mod duplicates;
mod payload;
mod properties;
mod receipt;
mod retry;
mod source_stream;
mod sources;
mod streaming;
mod testing;
