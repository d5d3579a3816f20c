//! Managed streaming: streaming first, and a queue where streaming will not do.

#[doc(inline)]
pub use kusto_ingest_core::{FallbackReason, StreamingErrorCategory};
#[doc(inline)]
pub use kusto_ingest_managed::{
    Attempt, DefaultPolicy, FallbackFailed, ManagedStreamingIngestClient, ManagedStreamingPolicy,
    ManagedStreamingSettings, OnUnavailable, Outcome, Route, streaming_error_category,
};
