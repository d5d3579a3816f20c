//! Queued ingestion over REST: blobs are named to the Data Management service itself, and it tells what became of them.

mod call;
mod configuration;
mod member;
mod operation;
mod properties;
mod request;
mod submission;

pub use call::QueuedCall;
pub use configuration::{IngestionConfiguration, IngestionMethod, UploadMethod};
pub use operation::{BlobCounts, BlobState, BlobStatus, OperationOutcome, QueuedOperation};
pub use request::{OperationDetail, OperationId, QueuedRequest, Tracking};
pub(crate) use submission::{refused, submitted, unsupported};

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::{DatabaseName, Result, TableName};

/// Queues blobs for ingestion over the REST routes of the Data Management service, and follows them.
///
/// # Contract
/// - One call is one request: implementations do not retry, but for one request that was answered with a refused
///   sign-in, and may be made again with a new token.
/// - [`submit`](Self::submit) is not idempotent: the same call made again ingests again. One that was sent in full and not
///   answered, or answered with 408, 500, 502 or 504 and not with a permanent error, is
///   [`ErrorKind::OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown). After any other error nothing was
///   queued. The other calls only read.
/// - A service without these routes is [`ErrorKind::Unsupported`](kusto_ingest_core::ErrorKind::Unsupported), with the code
///   [`IngestionConfiguration::NOT_SUPPORTED`].
/// - Dropping the future gives up on the answer; the blobs may still be queued.
/// - Neither a SAS nor a token appears in errors or logs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait QueuedEndpoint: Debug + Send + Sync + 'static {
    /// What the service offers: storage to upload into, limits, and how it wants to be asked.
    async fn configuration(&self) -> Result<IngestionConfiguration>;

    /// Queues the blobs of one request, as one operation. `None` where nothing is tracked.
    async fn submit(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &QueuedRequest,
    ) -> Result<Option<OperationId>>;

    /// How an operation stands: in numbers, or blob by blob as well.
    async fn operation(
        &self,
        database: &DatabaseName,
        table: &TableName,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<QueuedOperation>;
}
