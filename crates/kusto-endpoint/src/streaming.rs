//! Streaming: data that goes into a table in one request.

mod call;
mod outcome;
mod request;

pub use call::StreamingCall;
pub(crate) use outcome::refusal;
pub use outcome::{StreamingOutcome, UpdatePolicyOutcome};
pub use request::{StreamingData, StreamingRequest};

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::{DatabaseName, Result, TableName};

/// Streams data into tables of an engine.
///
/// # Contract
/// - One call is one request, and a request is atomic: all of its data is ingested, or none. It is not idempotent:
///   the same call made again ingests again. So implementations do not retry, but for one request that was answered
///   with a refused sign-in, and may be made again with a new token.
/// - A request that was sent in full and not answered, answered with 408, 500, 502 or 504 and not with a permanent
///   error, or answered with a success that cannot be read, is
///   [`ErrorKind::OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown). After any other error nothing was done.
/// - A table, database or cluster that does not offer streaming is
///   [`ErrorKind::Unsupported`](kusto_ingest_core::ErrorKind::Unsupported).
/// - Dropping the future gives up on the answer; the data may still be ingested.
/// - Neither the data nor the address of a blob appears in errors or logs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StreamingEndpoint: Debug + Send + Sync + 'static {
    /// Streams the data of one request into a table.
    async fn ingest(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &StreamingRequest,
    ) -> Result<StreamingOutcome>;
}
