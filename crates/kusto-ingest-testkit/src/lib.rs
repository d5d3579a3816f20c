#![doc = include_str!("../README.md")]

pub mod conformance;
pub mod testing;

// The fakes, each from its own crate, so that a test needs one dependency.
#[doc(inline)]
pub use kusto_endpoint::{ScriptedEndpoint, ScriptedQueued};
#[doc(inline)]
pub use kusto_fake::{
    Answer, AnswerTable, BlobDownloader, ChangeRecord, Coverage, DrainingTables, Extent, FakeKusto, Fault,
    FaultPlan, Ingestion, IngestionNote, IssuedResources, Limits, MemoryStorage, RequestKind, ResourceIssuer,
    RestService, TableSummary, WireShape,
};
#[doc(inline)]
pub use kusto_ingest_core::ManualClock;
#[doc(inline)]
pub use kusto_ingest_decode::{
    Column, Decimal, Dynamic, Row, ScalarType, Schema, Value, Warning, WarningKind,
};
#[doc(inline)]
pub use kusto_ingest_resources::FixedResources;
#[doc(inline)]
pub use kusto_ingest_status::MemoryStatusTracker;
#[doc(inline)]
pub use kusto_ingest_upload::RecordingUploader;
