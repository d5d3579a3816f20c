#![doc = include_str!("../README.md")]

// The facade.
mod builder;
mod ext;
mod identity;
mod kusto;
mod wire;

pub use builder::KustoBuilder;
pub use ext::IngestClientExt;
pub use kusto::Kusto;

#[cfg(feature = "blocking")]
pub mod blocking;

// What goes in, and what comes out.
pub mod mapping;
pub mod properties;
pub mod rows;
pub mod sources;
pub mod status;

// The ways into a table.
pub mod direct;
pub mod managed;
pub mod queued;
pub mod streaming;

// The layers below them.
pub mod auth;
pub mod clock;
pub mod compression;
pub mod connection;
pub mod endpoint;
pub mod resources;
pub mod retry;
pub mod secrets;
pub mod storage;
pub mod transport;
pub mod upload;

// How all of it is watched.
pub mod spans;

// For tests, and for your own implementations.
pub mod external;
pub mod testing;

// The words of the first page.
#[doc(inline)]
pub use kusto_ingest_core::{
    BlobSource, DataFormat, Error, ErrorKind, IngestClient, IngestionProperties, LocalSource, Receipt,
    ReportLevel, ReportMethod, Result, Source,
};
#[doc(inline)]
pub use kusto_ingest_rows::Rows;
#[doc(inline)]
pub use kusto_ingest_tokio::{Files, file};

// What one implements a seam with.
pub use async_trait::async_trait;
pub use azure_core;

// Short ways to what the modules above explain.
#[doc(hidden)]
pub use kusto_auth::{BearerToken, DeviceCodePrompt, SignIn, SignInLimits, TokenRequest};
#[doc(hidden)]
pub use kusto_connection::{
    AuthMethod, Certificate, ConnectionString, ManagedIdentity, MatchRule, Secret, TrustedEndpoints,
};
#[doc(hidden)]
pub use kusto_endpoint::{Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties};
#[doc(hidden)]
pub use kusto_ingest_compression::StreamingLimits;
#[doc(hidden)]
pub use kusto_ingest_core::{
    AggregateError, AggregateResult, CallLimits, ClientDetails, Clock, ColumnMapping, Compression,
    DatabaseName, ExponentialRetry, FailedAttempt, IngestionMapping, LazySource, MappingKind, NoRetry,
    OnUnknownOutcome, Payload, PollSchedule, ReceiptState, RetryPolicy, SourceId, SourceResult, Sources,
    StatusLocator, TableName, Timespan, Timestamp, Transform, ValidationImplications, ValidationOptions,
    ValidationPolicy,
};
#[doc(hidden)]
pub use kusto_ingest_direct::{CommandMode, DirectIngestClient, StreamingSchemaCache};
#[doc(hidden)]
pub use kusto_ingest_managed::{
    DefaultPolicy, ManagedStreamingIngestClient, ManagedStreamingPolicy, ManagedStreamingSettings,
    OnUnavailable,
};
#[doc(hidden)]
pub use kusto_ingest_message::{
    FailureNotification, FailureStatus, IngestionErrorCode, OperationStatus, Report, StatusRecord,
    SuccessNotification, advice,
};
#[doc(hidden)]
pub use kusto_ingest_queued::QueuedIngestClient;
#[doc(hidden)]
pub use kusto_ingest_rows::RowWriter;
#[doc(hidden)]
pub use kusto_ingest_status::{
    Notifications, StatusRouter, StatusTracker, Watch, wait_all_final, wait_until_final,
};
#[doc(hidden)]
pub use kusto_ingest_streaming::StreamingIngestClient;
#[doc(hidden)]
pub use kusto_ingest_tokio::{
    FileState, RowSpool, SourceFile, delete_if_unchanged, find_duplicate, interrupted_deletions, reader,
};
#[doc(hidden)]
pub use kusto_ingest_upload::{MemoryBudget, UserContainersUploader};
#[doc(hidden)]
pub use kusto_storage::ResourceUri;
#[doc(hidden)]
pub use kusto_transport_hyper::{HyperTransport, Proxy, ProxyUrl, TransportOptions};
