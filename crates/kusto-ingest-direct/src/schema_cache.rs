//! The engine's cache of schemas for streaming ingestion, and the commands that clear it.

use std::sync::Arc;

use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties};
use kusto_ingest_core::{DatabaseName, Error, ErrorKind, Result, TableName, span};
use serde_json::Value;
use tracing::Instrument as _;

use crate::quote;

const OPERATION: &str = "clear the schema cache of streaming ingestion";

/// The cache of schemas, mappings and policies that the engine's nodes keep for streaming ingestion.
///
/// A node may use cached values for up to five minutes: until then, streaming into a table that was just created or
/// altered can fail, or leave a new column empty. Clear the cache after the change, once, and streaming goes by the new
/// schema; it costs the next requests some time, so do not clear it for every request. Queued and direct ingestion need
/// none of this.
///
/// # Permissions
/// The principal needs to be a Database Ingestor.
///
/// ```
/// # use std::sync::Arc;
/// # use kusto_endpoint::ManagementEndpoint;
/// # use kusto_ingest_core::{DatabaseName, Result, TableName};
/// use kusto_ingest_direct::StreamingSchemaCache;
///
/// async fn after_the_change(engine: Arc<dyn ManagementEndpoint>) -> Result<()> {
///     let (database, table) = (DatabaseName::parse("Samples")?, TableName::parse("Weather")?);
///     StreamingSchemaCache::new(engine).clear_table(&database, &table).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct StreamingSchemaCache {
    engine: Arc<dyn ManagementEndpoint>,
}

impl StreamingSchemaCache {
    /// The cache of the engine behind an endpoint.
    #[must_use]
    pub fn new(engine: Arc<dyn ManagementEndpoint>) -> Self {
        Self { engine }
    }

    /// Clears one table from the cache of every node.
    ///
    /// # Errors
    /// As the engine answers, and [`ErrorKind::Unavailable`] with the names of the nodes that failed to clear it.
    /// Either way it may be called again.
    pub async fn clear_table(&self, database: &DatabaseName, table: &TableName) -> Result<()> {
        let table = quote::entity(table.as_str())?;
        self.clear(database, &format!("table {table}")).await
    }

    /// Clears all tables of a database from the cache of every node.
    ///
    /// # Errors
    /// As [`clear_table`](Self::clear_table).
    pub async fn clear_database(&self, database: &DatabaseName) -> Result<()> {
        self.clear(database, "database").await
    }

    async fn clear(&self, database: &DatabaseName, what: &str) -> Result<()> {
        let command = format!(".clear {what} cache streamingingestion schema");
        let properties = RequestProperties::new();
        let answer = self
            .engine
            .execute(database, &command, &properties)
            .instrument(span::command(
                ".clear cache streamingingestion schema",
                database,
                1,
            ))
            .await?;
        let left = nodes_that_failed(&answer);
        if left.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unavailable, OPERATION)
            .because("some nodes have not cleared theirs; try again")
            .with("nodes", left.join(", "))
            .with_permanence(false))
    }
}

fn nodes_that_failed(answer: &Dataset) -> Vec<&str> {
    let Some(table) = answer.primary() else {
        return Vec::new();
    };
    let text = |row, column| table.value(row, column).and_then(Value::as_str);
    let failed = |row: &usize| text(*row, "Status").is_some_and(|told| told.eq_ignore_ascii_case("Failed"));
    let rows = (0..table.rows.len()).filter(failed);
    rows.map(|row| text(row, "NodeId").unwrap_or("one without a name"))
        .collect()
}
