//! Fakes of the seams, for tests of a program that ingests. Mocks are behind the feature `mock`. A whole Kusto in memory,
//! its storage, and the suites for implementations of the seams are behind the feature `testing`.
//!
//! More is in the guide: `docs/guide/testing.md`.

#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_auth::MockCloudSource;
#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_endpoint::{
    MockManagementEndpoint, MockQueryEndpoint, MockQueuedEndpoint, MockS2sProvider, MockStreamingEndpoint,
};
#[doc(inline)]
pub use kusto_endpoint::{
    RecordedCommand, RecordedStream, ScriptedEndpoint, ScriptedQueued, ScriptedStreaming,
};
#[cfg(feature = "testing")]
#[doc(inline)]
pub use kusto_fake::{
    BlobBlocks, BlobConditions, BlobPage, BlobWrite, BlockRef, BlockState, EntityChange, Fault, FaultPlan,
    Freshness, IfMatch, MemoryStorage, MessageWrite, OnConflict, ResourcePath, RestService, StoredBlob,
    StoredEntity, StoredMessage, WireShape,
};
#[doc(inline)]
pub use kusto_ingest_compression::InlineCompressor;
#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_ingest_compression::MockCompressor;
#[doc(inline)]
pub use kusto_ingest_core::ManualClock;
#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_ingest_core::{MockClock, MockIngestClient, MockRetryPolicy, MockSendObserver};
#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_ingest_managed::MockManagedStreamingPolicy;
#[doc(inline)]
pub use kusto_ingest_resources::FixedResources;
#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_ingest_resources::MockResourceProvider;
#[doc(inline)]
pub use kusto_ingest_status::MemoryStatusTracker;
#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_ingest_status::MockStatusTracker;
#[cfg(feature = "testing")]
#[doc(inline)]
pub use kusto_ingest_testkit::testing::{direct, kusto, managed, queued, rest, status, streaming};
#[cfg(feature = "testing")]
#[doc(inline)]
pub use kusto_ingest_testkit::{
    Answer, AnswerTable, BlobDownloader, ChangeRecord, Column, Coverage, Decimal, DrainingTables, Dynamic,
    Extent, FakeKusto, Ingestion, IngestionNote, IssuedResources, Limits, RequestKind, ResourceIssuer, Row,
    ScalarType, Schema, TableSummary, Value, Warning, WarningKind, conformance,
};
#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_ingest_upload::MockUploader;
#[doc(inline)]
pub use kusto_ingest_upload::RecordingUploader;
#[doc(inline)]
pub use kusto_storage::Operation;
#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_storage::{MockBlobProbe, MockBlobStore, MockQueueStore, MockTableStore};
