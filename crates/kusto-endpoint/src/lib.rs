#![doc = include_str!("../README.md")]

// What may be asked.
mod management;
mod properties;
mod query;
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

// For tests.
mod scripted;
mod scripted_streaming;

pub use answer::EndpointResponse;
pub use client_headers::ClientHeaders;
pub use dataset::{Column, Dataset, Table};
pub use management::ManagementEndpoint;
pub use properties::RequestProperties;
pub use query::QueryEndpoint;
pub use request::{EndpointRequest, RequestKind};
pub use scripted::{RecordedCommand, ScriptedEndpoint};
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
pub use streaming::MockStreamingEndpoint;
