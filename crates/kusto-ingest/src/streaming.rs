//! Streaming ingestion: one request, rows within seconds, a few megabytes at most.
//!
//! ```no_run
//! # async fn run(kusto: kusto_ingest::Kusto, properties: kusto_ingest::IngestionProperties) -> kusto_ingest::Result<()> {
//! use kusto_ingest::IngestClientExt;
//!
//! let receipt = kusto.streaming().ingest_file("weather.csv", &properties).await?;
//! # Ok(())
//! # }
//! ```
//!
//! More is in the guide: `docs/guide/ways-in.md#streaming`.

#[doc(inline)]
pub use kusto_endpoint::{
    StreamingData, StreamingEndpoint, StreamingOutcome, StreamingRequest, UpdatePolicyOutcome,
};
#[doc(inline)]
pub use kusto_ingest_compression::{StreamingBody, StreamingLimits, ingested_bytes, streaming_body};
#[doc(inline)]
pub use kusto_ingest_direct::StreamingSchemaCache;
#[doc(inline)]
pub use kusto_ingest_streaming::StreamingIngestClient;
