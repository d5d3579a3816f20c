#![doc = include_str!("../README.md")]

#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod identity;
mod kusto;

pub use builder::KustoBuilder;
pub use kusto::Kusto;

// The words one needs to use a client.
pub use kusto_auth::{BearerToken, DeviceCodePrompt, SignIn, SignInLimits, TokenRequest};
pub use kusto_connection::{
    AuthMethod, Certificate, ConnectionString, ManagedIdentity, MatchRule, Secret, TrustedEndpoints,
};
pub use kusto_endpoint::{Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties};
pub use kusto_ingest_compression::StreamingLimits;
pub use kusto_ingest_core::{
    AggregateError, AggregateResult, BlobSource, CallLimits, ClientDetails, Clock, ColumnMapping,
    Compression, DataFormat, DatabaseName, Error, ErrorKind, ExponentialRetry, FailedAttempt, IngestClient,
    IngestClientExt, IngestionMapping, IngestionProperties, LocalSource, MappingKind, NoRetry,
    OnUnknownOutcome, Payload, PollSchedule, Receipt, ReceiptState, ReportLevel, ReportMethod, Result,
    RetryPolicy, Source, SourceId, SourceResult, Sources, StatusLocator, TableName, Timespan, Timestamp,
    Transform, ValidationImplications, ValidationOptions, ValidationPolicy,
};
pub use kusto_ingest_direct::{CommandMode, DirectIngestClient, StreamingSchemaCache};
pub use kusto_ingest_managed::{
    DefaultPolicy, Handling, ManagedStreamingIngestClient, ManagedStreamingPolicy, PolicySettings,
};
pub use kusto_ingest_message::{
    FailureNotification, FailureStatus, IngestionErrorCode, OperationStatus, Report, StatusRecord,
    SuccessNotification, advice,
};
pub use kusto_ingest_queued::QueuedIngestClient;
pub use kusto_ingest_rows::{RowWriter, Rows};
pub use kusto_ingest_status::{
    Notifications, StatusRouter, StatusTracker, Watch, until_all_final, until_final,
};
pub use kusto_ingest_streaming::StreamingIngestClient;
pub use kusto_ingest_tokio::{
    FileState, Files, RowSpool, SourceFile, delete_if_unchanged, file, find_duplicate, interrupted_deletions,
    reader,
};
pub use kusto_ingest_upload::{MemoryBudget, UserContainersUploader};
pub use kusto_storage::ResourceUri;
pub use kusto_transport_hyper::{HyperTransport, Proxy, ProxyUrl, TransportOptions};
