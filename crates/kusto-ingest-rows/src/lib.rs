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
#[cfg(feature = "avro")]
mod avro_file;
#[cfg(any(feature = "avro", feature = "parquet"))]
mod batch_file;
#[cfg(feature = "arrow")]
mod batches;
mod chunk;
mod ingest;
#[cfg(feature = "parquet")]
mod parquet_file;
mod record_buffer;
mod records;
#[cfg(all(feature = "avro", feature = "parquet"))]
mod row_format;
mod rows;
#[cfg(feature = "arrow")]
mod typed_rows;

#[cfg(feature = "avro")]
pub use avro_file::{avro_of_batch_stream, avro_of_batches};
pub use datetime::{ToDatetime, serialize_datetime};
#[cfg(feature = "parquet")]
pub use parquet_file::{parquet_of_batch_stream, parquet_of_batches};
#[cfg(all(feature = "avro", feature = "parquet"))]
pub use row_format::RowFormat;
pub use rows::Rows;
pub use timespan::{ToTimespan, serialize_timespan};
#[cfg(feature = "arrow")]
pub use typed_rows::{batch_of_rows, batch_stream_of_rows, schema_of_rows};
pub use writer::RowWriter;

/// Arrow, in the version that batches come in.
#[cfg(feature = "arrow")]
pub use {arrow_array, arrow_schema};
