//! Streaming ingestion: one request, rows within seconds, a few megabytes at most.

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
