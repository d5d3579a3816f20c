#![doc = include_str!("../README.md")]

// Words.
mod blob_uri;
mod fallback;
mod format;
mod mapping;
mod names;
mod properties;
mod redact;
mod report;
mod source_id;
mod timestamp;

// What goes in, what comes out.
mod aggregate;
mod error;
mod payload;
mod receipt;
mod source;

// What every client and every adapter agrees on.
mod at_most;
mod client;
mod clock;
mod limits;
mod retry;
mod sources;

pub use aggregate::{AggregateError, AggregateResult, SourceResult};
pub use blob_uri::{BlobUri, is_path};
pub use client::{IngestClient, IngestClientExt};
pub use clock::{Clock, ManualClock, within};
pub use error::{Error, ErrorKind, Result};
pub use fallback::{FallbackReason, Obstacle};
pub use format::{Compression, DataFormat};
pub use limits::CallLimits;
pub use mapping::{ColumnMapping, IngestionMapping, MappingKind, Transform};
pub use names::{DatabaseName, TableName};
pub use payload::{Payload, PayloadReader, unreadable};
pub use properties::{IngestionProperties, ValidationImplications, ValidationOptions, ValidationPolicy};
pub use receipt::{Receipt, ReceiptState, StatusLocator};
pub use redact::{KnownSecrets, redact, redact_address};
pub use report::{ReportLevel, ReportMethod};
pub use retry::{Ambiguity, ExponentialRetry, NoRetry, RetryPolicy};
pub use source::{BlobSource, LocalSource, Source};
pub use source_id::SourceId;
pub use sources::Sources;
pub use timestamp::Timestamp;

#[cfg(feature = "mock")]
pub use client::MockIngestClient;
#[cfg(feature = "mock")]
pub use clock::MockClock;
#[cfg(feature = "mock")]
pub use retry::MockRetryPolicy;
