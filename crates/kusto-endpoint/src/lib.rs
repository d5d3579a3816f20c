#![doc = include_str!("../README.md")]

// What may be asked.
mod management;
mod properties;
mod query;
mod queued;
mod s2s;
mod streaming;

// What comes back.
mod dataset;
mod json;
mod service_error;

// How both go over the wire.
mod answer;
mod client_headers;
pub mod header;
mod request;
mod segment;

// For tests.
mod scripted;
mod scripted_queued;
mod scripted_streaming;

pub use answer::EndpointResponse;
pub use client_headers::ClientHeaders;
pub use dataset::{Column, Dataset, Table};
pub use management::ManagementEndpoint;
pub use properties::RequestProperties;
pub use query::QueryEndpoint;
pub use queued::{
    BlobCounts, BlobState, BlobStatus, IngestionConfiguration, IngestionMethod, OperationDetail, OperationId,
    OperationOutcome, QueuedCall, QueuedEndpoint, QueuedOperation, QueuedRequest, Tracking, UploadMethod,
};
pub use request::{EndpointRequest, RequestKind};
pub use s2s::{S2sAccess, S2sProvider};
pub use scripted::{RecordedCommand, ScriptedEndpoint};
pub use scripted_queued::ScriptedQueued;
pub use scripted_streaming::{RecordedStream, ScriptedStreaming};
pub use service_error::ServiceError;
pub use streaming::{
    StreamingCall, StreamingData, StreamingEndpoint, StreamingOutcome, StreamingRequest, UpdatePolicyOutcome,
};

#[cfg(feature = "mock")]
pub use management::MockManagementEndpoint;
#[cfg(feature = "mock")]
pub use query::MockQueryEndpoint;
#[cfg(feature = "mock")]
pub use queued::MockQueuedEndpoint;
#[cfg(feature = "mock")]
pub use s2s::MockS2sProvider;
#[cfg(feature = "mock")]
pub use streaming::MockStreamingEndpoint;
