//! Commands and queries: the ports, their answers, and the endpoints over HTTP.
//!
//! More is in the guide: `docs/guide/wire.md#commands-and-queries`.

#[doc(inline)]
pub use kusto_endpoint::{
    BlobCounts, BlobState, BlobStatus, Column, Dataset, IngestionConfiguration, IngestionMethod,
    ManagementEndpoint, OperationDetail, OperationId, OperationOutcome, QueryEndpoint, QueuedEndpoint,
    QueuedOperation, QueuedRequest, RequestProperties, S2sAccess, S2sProvider, ServiceError, Table, Tracking,
    UploadMethod, header,
};
#[doc(inline)]
pub use kusto_endpoint_azure::AzureEndpoint;
#[doc(inline)]
pub use kusto_ingest_core::{ClientDetails, RequestStage, Timespan};
