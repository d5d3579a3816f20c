//! Commands and queries by their text alone.

use kusto_endpoint::{Dataset, RequestProperties};
use kusto_ingest_core::{DatabaseName, Result};

use super::Kusto;

impl Kusto {
    /// Runs a query on the engine. For request properties, use [`query_endpoint`](Self::query_endpoint).
    ///
    /// ```no_run
    /// # async fn run() -> kusto_ingest::Result<()> {
    /// let kusto = kusto_ingest::Kusto::connect("http://localhost:8080")?;
    /// let answer = kusto.query("Samples", "Weather | count").await?;
    /// let count = answer.primary().and_then(|table| table.value(0, "Count"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`QueryEndpoint::query`](crate::endpoint::QueryEndpoint::query);
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the name of the database is none.
    #[doc(alias("ExecuteQuery", "CreateCslQueryProvider"))]
    pub async fn query(&self, database: impl AsRef<str> + Send, query: &str) -> Result<Dataset> {
        let database = DatabaseName::parse(database.as_ref())?;
        self.wire
            .endpoints
            .query
            .query(&database, query, &RequestProperties::new())
            .await
    }

    /// Runs a management command on the engine. For request properties, use [`engine_endpoint`](Self::engine_endpoint).
    ///
    /// ```no_run
    /// # async fn run() -> kusto_ingest::Result<()> {
    /// let kusto = kusto_ingest::Kusto::connect("http://localhost:8080")?;
    /// kusto.command("Samples", ".create-merge table Weather (at:datetime, wind:real)").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`ManagementEndpoint::execute`](crate::endpoint::ManagementEndpoint::execute);
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the name of the database is none.
    #[doc(alias("ExecuteControlCommand", "CreateCslAdminProvider", "execute_mgmt"))]
    pub async fn command(&self, database: impl AsRef<str> + Send, command: &str) -> Result<Dataset> {
        let database = DatabaseName::parse(database.as_ref())?;
        self.wire
            .endpoints
            .engine
            .execute(&database, command, &RequestProperties::new())
            .await
    }
}
