#![doc = include_str!("../README.md")]

// Values that Rust spells otherwise than Kusto.
mod datetime;
mod timespan;

// From one row to bytes.
mod csv;
mod json;
mod map_key;
mod number;
mod refusal;
mod writer;

// From many rows to sources.
#[cfg(feature = "arrow")]
mod batches;
mod chunk;
mod ingest;
#[cfg(feature = "parquet")]
mod parquet_file;
mod record_buffer;
mod records;
mod rows;

pub use datetime::{ToDatetime, serialize_datetime};
#[cfg(feature = "parquet")]
pub use parquet_file::{parquet_of_batch_stream, parquet_of_batches};
pub use rows::Rows;
pub use timespan::{ToTimespan, serialize_timespan};
pub use writer::RowWriter;

/// Arrow, in the version that batches come in.
#[cfg(feature = "arrow")]
pub use {arrow_array, arrow_schema};
