//! The same calls for programs without async.

mod worker;

use std::path::PathBuf;

use kusto_endpoint::{Dataset, RequestProperties};
use kusto_ingest_core::{
    DatabaseName, IngestClient, IngestionProperties, LocalSource, Receipt, Result, Source, StatusLocator,
};
use kusto_ingest_message::StatusRecord;
use kusto_ingest_status::Waiting;

use crate::KustoBuilder;
use worker::Worker;

/// One cluster, and every way into it, for programs without async.
///
/// It has a runtime of its own, on threads of its own. A call blocks the calling thread until it is done, also where
/// that thread belongs to somebody's async runtime, which then waits as well, but does not panic. Clones share the
/// runtime and everything in it.
///
/// ```
/// use kusto_ingest::blocking::Kusto;
///
/// let kusto = Kusto::connect("http://127.0.0.1:8080")?; // nothing is sent yet
/// # Ok::<(), kusto_ingest::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Kusto {
    inner: crate::Kusto,
    worker: Worker,
}

impl Kusto {
    /// A cluster by its address or connection string. Nothing is sent until it is used.
    ///
    /// # Errors
    /// As [`Kusto::connect`](crate::Kusto::connect), and [`ErrorKind::Other`](crate::ErrorKind::Other) when the
    /// system gives no thread.
    pub fn connect(connection_string: &str) -> Result<Self> {
        Self::build(crate::Kusto::builder(connection_string)?)
    }

    /// A cluster by settings that were made before.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn build(builder: KustoBuilder) -> Result<Self> {
        Ok(Self {
            inner: builder.connect()?,
            worker: Worker::start()?,
        })
    }

    /// A source of a file, as [`file`](crate::file).
    ///
    /// # Errors
    /// As [`file`](crate::file).
    pub fn file(&self, path: impl Into<PathBuf>) -> Result<LocalSource> {
        let path = path.into();
        self.worker.wait(async move { crate::file(path).await })
    }

    /// Queues one source.
    ///
    /// # Errors
    /// As [`IngestClient::ingest`].
    pub fn ingest(&self, source: impl Into<Source>, properties: &IngestionProperties) -> Result<Receipt> {
        let (client, source, properties) = (self.inner.queued(), source.into(), properties.clone());
        self.worker
            .wait(async move { client.ingest(source, &properties).await })
    }

    /// The status of an ingestion that reports to the status table.
    ///
    /// # Errors
    /// As [`StatusTracker::fetch`](crate::StatusTracker::fetch).
    pub fn status(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        let (tracker, locator) = (self.inner.status(), locator.clone());
        self.worker.wait(async move { tracker.fetch(&locator).await })
    }

    /// Reads a status again and again until it is final.
    ///
    /// # Errors
    /// As [`Kusto::until_final`](crate::Kusto::until_final).
    pub fn until_final(&self, locator: &StatusLocator, waiting: &Waiting) -> Result<StatusRecord> {
        let (kusto, locator, waiting) = (self.inner.clone(), locator.clone(), waiting.clone());
        self.worker
            .wait(async move { kusto.until_final(&locator, &waiting).await })
    }

    /// Runs a management command on the engine.
    ///
    /// # Errors
    /// As [`ManagementEndpoint::execute`](crate::ManagementEndpoint::execute).
    pub fn execute(&self, database: &DatabaseName, command: &str) -> Result<Dataset> {
        let (endpoint, database, command) = (self.inner.engine(), database.clone(), command.to_owned());
        self.worker.wait(async move {
            endpoint
                .execute(&database, &command, &RequestProperties::new())
                .await
        })
    }

    /// Runs a query on the engine.
    ///
    /// # Errors
    /// As [`QueryEndpoint::query`](crate::QueryEndpoint::query).
    pub fn query(&self, database: &DatabaseName, query: &str) -> Result<Dataset> {
        let (endpoint, database, query) = (self.inner.queries(), database.clone(), query.to_owned());
        self.worker
            .wait(async move { endpoint.query(&database, &query, &RequestProperties::new()).await })
    }

    /// The async face of the same cluster. Its calls need a runtime of the caller's.
    #[must_use]
    pub fn asynchronous(&self) -> &crate::Kusto {
        &self.inner
    }
}
