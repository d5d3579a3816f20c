//! The same calls for programs without async: ingesting, waiting, commands and queries. Everything else that the async API
//! can do is done by [`Kusto::wait`].
//!
//! ```no_run
//! use kusto_ingest::{IngestionProperties, blocking};
//!
//! let kusto = blocking::Kusto::connect("http://localhost:8080")?;
//! let properties = IngestionProperties::into_table("Samples", "Weather")?;
//! let receipt = kusto.queued().ingest_file("weather.csv", &properties)?;
//! # Ok::<(), kusto_ingest::Error>(())
//! ```
//!
//! More is in the guide: `docs/guide/quickstart.md#the-library`.

mod caller;
mod client;
mod following;
mod results;
mod worker;

pub use client::Client;
pub use results::Results;

use std::io::Read;
use std::path::PathBuf;

use kusto_endpoint::Dataset;
use kusto_ingest_core::{IngestClient, LocalSource, Result};
use kusto_ingest_tokio::blocking_reader;

use crate::KustoBuilder;
use worker::Worker;

/// One cluster, and every way into it, for programs without async.
///
/// It has a runtime of its own, on threads of its own. A call blocks the calling thread until it is done. Clones share
/// the runtime and everything in it.
///
/// A call from async code would block its runtime, and would never end where it waits for a task of that runtime, such
/// as a reader. So inside of a tokio task, or of a tokio runtime of one thread, every call is an error of the kind
/// [`Unsupported`](crate::ErrorKind::Unsupported), and nothing is done. Calls are allowed from `spawn_blocking`, and
/// from `main` under `#[tokio::main]`, which has other threads. Runtimes other than tokio are not detected.
///
/// ```
/// use kusto_ingest::blocking::Kusto;
///
/// let kusto = Kusto::connect("http://localhost:8080")?; // nothing is sent yet
/// # Ok::<(), kusto_ingest::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Kusto {
    inner: crate::Kusto,
    worker: Worker,
}

impl Kusto {
    /// A client of a cluster, by its address or connection string. It sends nothing: requests begin with the first
    /// ingestion, query or command.
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

    /// A source of anything that is read by blocking, as [`blocking_reader`]: a pipe, a
    /// decoder, standard input. It can be read once.
    ///
    /// ```no_run
    /// # fn run() -> kusto_ingest::Result<()> {
    /// let kusto = kusto_ingest::blocking::Kusto::connect("http://localhost:8080")?;
    /// let properties = kusto_ingest::IngestionProperties::into_table("Samples", "Weather")?;
    /// let source = kusto.reader(std::io::stdin()).with_name("weather.csv");
    /// kusto.queued().ingest(source, &properties)?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn reader(&self, reader: impl Read + Send + 'static) -> LocalSource {
        LocalSource::new(blocking_reader(reader))
    }

    /// Queued ingestion: the production way.
    #[must_use]
    pub fn queued(&self) -> Client {
        Client::new(self.inner.queued(), &self.worker)
    }

    /// Streaming ingestion: one request, rows that can be queried within seconds, and a few megabytes at most.
    #[must_use]
    pub fn streaming(&self) -> Client {
        Client::new(self.inner.streaming(), &self.worker)
    }

    /// Managed streaming: streaming first, and the queue where streaming will not do. Keep it: it remembers how each
    /// table did.
    #[must_use]
    pub fn managed(&self) -> Client {
        Client::new(self.inner.managed(), &self.worker)
    }

    /// Direct ingestion by the engine's own commands: for tests and exploration, not for production.
    #[must_use]
    pub fn direct(&self) -> Client {
        Client::new(self.inner.direct(), &self.worker)
    }

    /// Any client of the caller's own making, over the [async API](Self::asynchronous) of the same cluster.
    #[must_use]
    pub fn client(&self, client: impl IngestClient) -> Client {
        Client::new(client, &self.worker)
    }

    /// Waits for anything that the async API can do, such as reading the service's report queues.
    ///
    /// ```
    /// use kusto_ingest::blocking::Kusto;
    ///
    /// let kusto = Kusto::connect("http://127.0.0.1:1")?;
    /// let peeked = kusto.wait(|kusto| async move { kusto.report_queues().peek_failures(32).await });
    /// assert!(peeked.is_err(), "nobody is there");
    /// # Ok::<(), kusto_ingest::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the work itself ends with; [`ErrorKind::Other`](crate::ErrorKind::Other) when the runtime has ended.
    pub fn wait<T, W>(&self, work: impl FnOnce(crate::Kusto) -> W) -> Result<T>
    where
        T: Send + 'static,
        W: Future<Output = Result<T>> + Send + 'static,
    {
        self.worker.wait(work(self.inner.clone()))
    }

    /// Runs a management command on the engine.
    ///
    /// # Errors
    /// As [`Kusto::command`](crate::Kusto::command).
    pub fn command(&self, database: impl AsRef<str>, command: &str) -> Result<Dataset> {
        let (database, command) = (database.as_ref().to_owned(), command.to_owned());
        self.wait(|kusto| async move { kusto.command(database, &command).await })
    }

    /// Runs a query on the engine.
    ///
    /// # Errors
    /// As [`Kusto::query`](crate::Kusto::query).
    pub fn query(&self, database: impl AsRef<str>, query: &str) -> Result<Dataset> {
        let (database, query) = (database.as_ref().to_owned(), query.to_owned());
        self.wait(|kusto| async move { kusto.query(database, &query).await })
    }

    /// The async API of the same cluster. Its calls need a runtime of the caller's.
    #[must_use]
    pub fn asynchronous(&self) -> &crate::Kusto {
        &self.inner
    }
}
