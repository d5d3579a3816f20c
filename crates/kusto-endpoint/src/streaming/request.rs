//! What is streamed: data, or the address of a blob, and how it is to be read.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use kusto_ingest_core::{BlobUri, DataFormat, RequestStage};

/// How long a request may take where nobody says.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// How gzip begins.
const GZIP: &[u8] = &[0x1F, 0x8B];

/// One streaming request, as it is meant; a [`StreamingCall`](crate::StreamingCall) writes it.
///
/// `Debug` shows sizes, never data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamingRequest {
    /// What is streamed.
    pub data: StreamingData,
    /// How it is to be read.
    pub format: DataFormat,
    /// The name of a mapping that is stored in the cluster.
    pub mapping: Option<String>,
    /// The name of the request in the service's logs; a random one when absent.
    pub client_request_id: Option<String>,
    /// How long the request may take; a minute by default.
    pub time_limit: Duration,
    /// Where the endpoint says how far the request came.
    pub stage: RequestStage,
}

impl StreamingRequest {
    /// A request that carries data, plain or gzipped.
    pub fn of_bytes(bytes: impl Into<Bytes>, format: DataFormat) -> Self {
        Self::new(StreamingData::Bytes(bytes.into()), format)
    }

    /// A request that names a blob, which the engine reads by itself.
    #[must_use]
    pub fn of_blob(blob: BlobUri, format: DataFormat) -> Self {
        Self::new(StreamingData::Blob(blob), format)
    }

    fn new(data: StreamingData, format: DataFormat) -> Self {
        Self {
            data,
            format,
            mapping: None,
            client_request_id: None,
            time_limit: TIME_LIMIT,
            stage: RequestStage::new(),
        }
    }

    /// Names the mapping.
    #[must_use]
    pub fn with_mapping(self, name: impl Into<String>) -> Self {
        Self {
            mapping: Some(name.into()),
            ..self
        }
    }

    /// Names the request in the service's logs.
    #[must_use]
    pub fn with_client_request_id(self, id: impl Into<String>) -> Self {
        Self {
            client_request_id: Some(id.into()),
            ..self
        }
    }

    /// Limits how long the request may take.
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        Self {
            time_limit: limit,
            ..self
        }
    }

    /// Has the endpoint say there how far the request came.
    #[must_use]
    pub fn with_stage(self, stage: RequestStage) -> Self {
        Self { stage, ..self }
    }
}

/// What is streamed.
#[derive(Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the data is here, or where the engine can fetch it"
)]
pub enum StreamingData {
    /// Data, plain or gzipped.
    Bytes(Bytes),
    /// A blob that the engine reads by itself.
    Blob(BlobUri),
}

impl StreamingData {
    /// Whether it is gzip, by its first bytes: so a request can never say so of what is none.
    #[must_use]
    pub fn is_gzip(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.starts_with(GZIP))
    }
}

impl fmt::Debug for StreamingData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => f.debug_struct("Bytes").field("len", &bytes.len()).finish(),
            Self::Blob(blob) => f.debug_tuple("Blob").field(blob).finish(),
        }
    }
}
