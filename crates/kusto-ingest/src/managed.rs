//! Managed streaming: streaming first, and a queue where streaming will not do.

#[doc(inline)]
pub use kusto_ingest_core::{FallbackReason, Obstacle};
#[doc(inline)]
pub use kusto_ingest_managed::{
    Attempt, BothFailed, DefaultPolicy, Handling, ManagedStreamingIngestClient, ManagedStreamingPolicy,
    Outcome, PolicySettings, Route, obstacle,
};
