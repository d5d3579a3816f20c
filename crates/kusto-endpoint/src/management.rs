//! Management commands, which begin with a dot.

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::{DatabaseName, Result};

use crate::{Dataset, RequestProperties};

/// Runs management commands on one endpoint, the engine's or the Data Management service's.
///
/// # Contract
/// - One call is one request: implementations do not retry, since a command may not be repeatable.
/// - An answer that the service gave as an error carries its code and its word on permanence; an address of the
///   wrong kind is [`ErrorKind::WrongEndpoint`](kusto_ingest_core::ErrorKind::WrongEndpoint) with what would be right.
/// - A command that may change something, was sent in full and was not answered is
///   [`ErrorKind::OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown). One that was not sent in full has done
///   nothing: [`Connection`](kusto_ingest_core::ErrorKind::Connection), [`Io`](kusto_ingest_core::ErrorKind::Io) or
///   [`Timeout`](kusto_ingest_core::ErrorKind::Timeout) without a status.
/// - Dropping the future gives up on the answer; the command may still run.
/// - The command's text never appears in errors or logs: it may hold secrets.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ManagementEndpoint: Debug + Send + Sync + 'static {
    /// Runs one command in a database.
    async fn execute(
        &self,
        database: &DatabaseName,
        command: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset>;
}
