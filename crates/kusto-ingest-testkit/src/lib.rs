#![doc = include_str!("../README.md")]

pub mod conformance;

// The fakes, each from its own crate, so that a test needs one dependency.
#[doc(inline)]
pub use kusto_endpoint::ScriptedEndpoint;
#[doc(inline)]
pub use kusto_fake::{
    DrainingTables, Extent, FakeKusto, Fault, FaultPlan, Ingestion, Lending, Lent, MemoryStorage, RequestKind,
};
#[doc(inline)]
pub use kusto_ingest_core::ManualClock;
#[doc(inline)]
pub use kusto_ingest_resources::FixedResources;
#[doc(inline)]
pub use kusto_ingest_status::MemoryStatusTracker;
#[doc(inline)]
pub use kusto_ingest_upload::RecordingUploader;
