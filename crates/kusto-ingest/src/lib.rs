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
pub use kusto_auth::DeviceCodePrompt;
#[doc(hidden)]
pub use kusto_connection::{
    AuthMethod, Certificate, ConnectionString, ManagedIdentity, MatchRule, Secret, TrustedEndpoints,
};
#[doc(hidden)]
pub use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties};
#[doc(hidden)]
pub use kusto_ingest_compression::StreamingLimits;
#[doc(hidden)]
pub use kusto_ingest_core::{
    Clock, ColumnMapping, Compression, DatabaseName, ExponentialRetry, IngestionMapping, LazySource,
    MappingKind, OnUnknownOutcome, Payload, PollSchedule, ReceiptState, RetryPolicy, SourceId, SourceResult,
    Sources, StatusLocator, TableName, Timestamp,
};
#[doc(hidden)]
pub use kusto_ingest_direct::DirectIngestClient;
#[doc(hidden)]
pub use kusto_ingest_message::{
    FailureNotification, IngestionErrorCode, OperationStatus, Report, StatusRecord,
};
#[doc(hidden)]
pub use kusto_ingest_status::{Notifications, StatusTracker, wait_until_final};
#[doc(hidden)]
pub use kusto_ingest_tokio::reader;
#[doc(hidden)]
pub use kusto_transport_hyper::{Proxy, ProxyUrl, TransportOptions};
