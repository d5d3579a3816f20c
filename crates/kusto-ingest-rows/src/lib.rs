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
mod flow;
mod ingest;
mod records;
mod rows;

pub use datetime::{ToDatetime, as_datetime};
pub use rows::Rows;
pub use timespan::{Timespan, ToTimespan, as_timespan};
pub use writer::RowWriter;
