//! Rows of a program's own types as sources, and where rows that failed are kept.

#[doc(inline)]
pub use kusto_ingest_core::Timespan;
#[doc(inline)]
pub use kusto_ingest_rows::{
    RowWriter, Rows, ToDatetime, ToTimespan, serialize_datetime, serialize_timespan,
};
#[cfg(feature = "arrow")]
#[doc(inline)]
pub use kusto_ingest_rows::{arrow_array, arrow_schema};
#[cfg(feature = "parquet")]
#[doc(inline)]
pub use kusto_ingest_rows::{parquet_of_batch_stream, parquet_of_batches};
#[doc(inline)]
pub use kusto_ingest_tokio::RowSpool;
