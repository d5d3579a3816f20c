//! Managed streaming: streaming first, and a queue where streaming will not do.
//!
//! ```no_run
//! # async fn run(kusto: kusto_ingest::Kusto, properties: kusto_ingest::IngestionProperties) -> kusto_ingest::Result<()> {
//! use kusto_ingest::IngestClientExt;
//!
//! let receipt = kusto.managed().ingest_file("weather.csv", &properties).await?;
//! println!("{}, because {:?}", receipt.state, receipt.fallback);
//! # Ok(())
//! # }
//! ```
//!
//! More is in the guide: `docs/guide/ways-in.md#managed`.

#[doc(inline)]
pub use kusto_ingest_core::{FallbackReason, StreamingErrorCategory};
#[doc(inline)]
pub use kusto_ingest_managed::{
    Attempt, DefaultPolicy, FallbackFailed, ManagedStreamingIngestClient, ManagedStreamingPolicy,
    ManagedStreamingSettings, OnUnavailable, Outcome, Route, streaming_error_category,
};
