//! Rows of a program's own types as sources, and where rows that failed are kept.
//!
//! ```no_run
//! # async fn run(kusto: kusto_ingest::Kusto, properties: kusto_ingest::IngestionProperties) -> kusto_ingest::Result<()> {
//! use kusto_ingest::IngestClientExt;
//! use kusto_ingest::rows::{RowWriter, Rows};
//!
//! let rows = Rows::from_vec(vec![("2012-01-01", 4.7), ("2012-01-02", 4.5)], RowWriter::csv());
//! let receipts = kusto.queued().ingest_rows(rows, &properties).await?;
//! # Ok(())
//! # }
//! ```
//!
//! More is in the guide: `docs/guide/rows.md`.

#[doc(inline)]
pub use kusto_ingest_core::Timespan;
#[cfg(all(feature = "avro", feature = "parquet"))]
#[doc(inline)]
pub use kusto_ingest_rows::RowFormat;
#[doc(inline)]
pub use kusto_ingest_rows::{
    RowWriter, Rows, ToDatetime, ToTimespan, serialize_datetime, serialize_timespan,
};
#[cfg(feature = "arrow")]
#[doc(inline)]
pub use kusto_ingest_rows::{arrow_array, arrow_schema, batch_of_rows, batch_stream_of_rows, schema_of_rows};
#[cfg(feature = "avro")]
#[doc(inline)]
pub use kusto_ingest_rows::{avro_of_batch_stream, avro_of_batches};
#[cfg(feature = "parquet")]
#[doc(inline)]
pub use kusto_ingest_rows::{parquet_of_batch_stream, parquet_of_batches};
#[doc(inline)]
pub use kusto_ingest_tokio::RowSpool;
