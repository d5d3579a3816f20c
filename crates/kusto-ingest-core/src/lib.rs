#![doc = include_str!("../README.md")]

// Words.
mod blob_uri;
mod client_details;
mod fallback;
mod format;
mod mapping;
mod names;
mod properties;
mod redact;
mod report;
mod source_id;
mod text;
mod timespan;
mod timestamp;

// How an archive is laid out.
pub mod zip;

// How an ingestion is watched.
pub mod span;

// What goes in, what comes out.
mod aggregate;
mod counted_size;
mod error;
mod payload;
mod receipt;
mod source;

// What every client and every adapter agrees on.
mod cache;
mod client;
mod client_ext;
mod clock;
mod give_way;
mod limits;
mod outcome;
mod poll_schedule;
mod request_stage;
mod retry;
mod retry_after;
mod send_observer;
mod sources;

// What tests share.
#[cfg(feature = "testing")]
pub mod testing;

pub use aggregate::{AggregateError, AggregateResult, SourceResult};
pub use blob_uri::BlobUri;
pub use cache::{Cache, Fetched, Refresh, drive_refresh};
pub use client::IngestClient;
pub use client_details::ClientDetails;
pub use client_ext::IngestClientExt;
pub use clock::{Clock, Deadline, ManualClock, RuntimeId, within};
pub use counted_size::CountedSize;
pub use error::{Error, ErrorKind, Result};
pub use fallback::{FallbackReason, StreamingErrorCategory};
pub use format::{Compression, DataFormat};
pub use give_way::give_way;
pub use limits::CallLimits;
pub use mapping::{ColumnMapping, IngestionMapping, MappingKind, Transform};
pub use names::{DatabaseName, TableName};
pub use outcome::{Idempotency, RequestOutcome};
pub use payload::{Payload, PayloadReader, unreadable};
pub use poll_schedule::PollSchedule;
pub use properties::{IngestionProperties, ValidationImplications, ValidationOptions, ValidationPolicy};
pub use receipt::{OperationLocator, Receipt, ReceiptState, StatusLocator};
pub use redact::{KnownSecrets, redact, redact_address};
pub use report::{ReportLevel, ReportMethod};
pub use request_stage::RequestStage;
pub use retry::{
    AmbiguousSends, Attempts, ExponentialRetry, FailedAttempt, FaultScope, NoRetry, OnUnknownOutcome, Outage,
    Retry, RetryPolicy, Sends,
};
pub use retry_after::retry_after;
pub use send_observer::SendObserver;
pub use source::{BlobSource, LocalSource, Source};
pub use source_id::SourceId;
pub use sources::{LazySource, SourceStream, Sources, refuse_duplicates};
pub use text::decode_text;
pub use timespan::Timespan;
pub use timestamp::Timestamp;

#[cfg(feature = "mock")]
pub use client::MockIngestClient;
#[cfg(feature = "mock")]
pub use clock::MockClock;
#[cfg(feature = "mock")]
pub use retry::MockRetryPolicy;
#[cfg(feature = "mock")]
pub use send_observer::MockSendObserver;

/// What only the crates of this workspace need. Nothing is promised of it.
#[doc(hidden)]
pub mod internal {
    pub use crate::blob_uri::is_path;
    pub use crate::properties::{DROP_BY, INGEST_BY};
}
