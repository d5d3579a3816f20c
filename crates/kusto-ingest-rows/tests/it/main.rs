//! Rows as cells, chunks and files, through the public API.

#[cfg(feature = "arrow")]
mod batches;
mod cells;
mod chunks;
mod ingest;
#[cfg(feature = "parquet")]
mod parquet;
mod round_trip;
