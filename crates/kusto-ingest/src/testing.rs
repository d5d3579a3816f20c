//! Fakes of the seams, for tests of a program that ingests. Mocks are behind the feature `mock`, the storage in memory
//! behind the feature `testing`.

#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_auth::MockCloudSource;
#[doc(inline)]
pub use kusto_endpoint::{Asked, ScriptedEndpoint, ScriptedStreaming, Streamed};
#[cfg(feature = "mock")]
#[doc(inline)]
pub use kusto_endpoint::{MockManagementEndpoint, MockQueryEndpoint, MockStreamingEndpoint};
#[cfg(feature = "testing")]
#[doc(inline)]
pub use kusto_fake::{
    BlobPage, BlobWrite, Fault, FaultPlan, IfMatch, MemoryStorage, MessageWrite, Place, StoredBlob,
    StoredEntity, StoredMessage, WhenTaken,
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
pub use kusto_ingest_core::{MockClock, MockIngestClient, MockRetryPolicy};
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
