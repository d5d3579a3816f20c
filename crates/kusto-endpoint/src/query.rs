//! Queries: small ones, such as a look at what was ingested.

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::{DatabaseName, Result};

use crate::{Dataset, RequestProperties};

/// Runs queries on an engine.
///
/// # Contract
/// As [`ManagementEndpoint`](crate::ManagementEndpoint); the whole answer is held in memory.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait QueryEndpoint: Debug + Send + Sync + 'static {
    /// Runs one query in a database.
    async fn query(
        &self,
        database: &DatabaseName,
        query: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset>;
}
