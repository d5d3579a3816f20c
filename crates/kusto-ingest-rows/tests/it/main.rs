//! Rows as cells, chunks and files, through the public API.

#[cfg(feature = "avro")]
mod avro;
#[cfg(feature = "avro")]
mod avro_nested;
#[cfg(feature = "arrow")]
mod batches;
mod cells;
mod chunks;
mod ingest;
#[cfg(feature = "parquet")]
mod parquet;
mod round_trip;
#[cfg(all(feature = "avro", feature = "parquet"))]
mod sizes;
