//! A running emulator.

use std::fmt;
use std::sync::Arc;

use kusto_endpoint::RequestProperties;
use kusto_fake::wire::AnswerOptions;
use kusto_fake::{Answer, FakeKusto};
use kusto_ingest_core::{DatabaseName, Result, TableName};
use kusto_ingest_decode::Row;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::request_head::Address;
use crate::server;
use crate::state::ServerState;
use crate::{EmulatorClock, FaultPreset, HttpFaultPlan, RequestRecord, Route};

/// A Kusto on a loopback port: Data Management, engine, and the storage they issue, all below one address.
///
/// It runs on the tokio runtime that it was started in, and stops when it is dropped. All data is kept in memory, unless
/// there is [a folder](crate::EmulatorBuilder::with_persistence) for it.
pub struct Emulator {
    state: Arc<ServerState>,
    engine: Option<String>,
    authority: Option<String>,
    running: watch::Sender<()>,
    tasks: Vec<JoinHandle<()>>,
}

impl Emulator {
    pub(crate) fn new(
        state: Arc<ServerState>,
        engine: Option<String>,
        authority: Option<String>,
        running: watch::Sender<()>,
        tasks: Vec<JoinHandle<()>>,
    ) -> Self {
        Self {
            state,
            engine,
            authority,
            running,
            tasks,
        }
    }

    /// The address of the cluster for clients, such as `http://localhost:41234`.
    #[must_use]
    pub fn cluster(&self) -> String {
        self.state.cluster.clone()
    }

    /// The address of the engine, if it has [a port of its own](crate::EmulatorBuilder::with_engine_port). It is the
    /// wrong one for queued ingestion.
    #[must_use]
    pub fn engine(&self) -> Option<String> {
        self.engine.clone()
    }

    /// The certificate, in PEM, of the authority that vouches for this emulator, where it
    /// [speaks TLS](crate::EmulatorBuilder::with_tls): clients must be told to believe it.
    #[must_use]
    pub fn certificate_authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The Kusto behind the socket: its rows, its logs and its storage.
    #[must_use]
    pub fn fake(&self) -> &FakeKusto {
        &self.state.fake
    }

    /// Returns when the queues are empty and everything in them was worked off.
    ///
    /// While the queues are [paused](crate::EmulatorBuilder::with_ingestion_paused), or a client hides a message, it
    /// goes on waiting.
    pub async fn drained(&self) {
        self.state.worker.drained().await;
    }

    /// Resumes ingestion after it was [paused](crate::EmulatorBuilder::with_ingestion_paused).
    pub fn resume_ingestion(&self) {
        self.state.fake.resume_ingestion();
        self.state.worker.wake();
    }

    /// Makes requests fail as planned. Where several plans match a request, the oldest applies.
    pub fn plan(&self, plan: HttpFaultPlan) {
        self.state.faults.plan(plan);
    }

    /// What was planned and not cleared since, by name, as `GET /__emulator/state` tells it.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.state.faults.names()
    }

    /// Removes all fault plans.
    pub fn clear_faults(&self) {
        self.state.faults.clear_faults();
    }

    /// Makes something go wrong, until the faults are cleared. Where it does already, nothing more does; only SAS tokens are
    /// revoked each time.
    ///
    /// # Errors
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) when new resources cannot be issued.
    pub fn inject(&self, preset: FaultPreset) -> Result<()> {
        preset.inject(&self.state)
    }

    /// Its clock, which can be moved ahead.
    #[must_use]
    pub fn clock(&self) -> EmulatorClock {
        self.state.clock.clone()
    }

    /// The rows of a table, in the order of their ingestion; none when there is no such table.
    ///
    /// # Errors
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) for what is no name.
    pub fn rows(&self, database: &str, table: &str) -> Result<Vec<Row>> {
        let (database, table) = (DatabaseName::parse(database)?, TableName::parse(table)?);
        Ok(self.state.fake.rows(&database, &table))
    }

    /// Runs a query or a command, as its endpoints would.
    ///
    /// # Errors
    /// As [`answer_query`](FakeKusto::answer_query).
    pub fn query(&self, database: &str, text: &str) -> Result<Answer> {
        let database = DatabaseName::parse(database)?;
        self.state.fake.answer_query(
            &database,
            text,
            &RequestProperties::new(),
            &AnswerOptions::default(),
        )
    }

    /// Whether it goes on with what [its folder](crate::EmulatorBuilder::with_persistence) had.
    #[must_use]
    pub fn has_begun_before(&self) -> bool {
        let persistence = self.state.persistence.as_ref();
        persistence.is_some_and(|persistence| persistence.has_log())
    }

    /// Returns when all that was done so far is in [its folder](crate::EmulatorBuilder::with_persistence), if it has one.
    ///
    /// Cancel safe: what was begun is written to its end.
    ///
    /// # Errors
    /// [`Unavailable`](kusto_ingest_core::ErrorKind::Unavailable) where the log cannot be written.
    pub async fn save(&self) -> Result<()> {
        self.state.save().await
    }

    /// Has [`reset`](Self::reset) bring back what is there now.
    pub fn set_start(&self) {
        self.state.fake.set_start();
    }

    /// Puts all as it was at the start, and forgets requests and faults: databases, tables and rows are those that the
    /// builder named, or that were there at [`set_start`](Self::set_start).
    pub async fn reset(&self) {
        self.state.reset().await;
    }

    /// The latest requests, in the order in which they ended.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.log.ended()
    }

    /// The number of requests for a route, answered or not.
    #[must_use]
    pub fn request_count(&self, route: Route) -> u64 {
        self.state.log.request_count(route)
    }

    /// The number of accepted connections.
    #[must_use]
    pub fn connection_count(&self) -> u64 {
        self.state.log.accepted()
    }

    /// Serves one connection other than a socket, such as an end of [`tokio::io::duplex`], until it ends.
    ///
    /// Cancel safe: the connection is closed.
    pub async fn serve<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        drop(server::serve(stream, &self.state, Address::Whole).await);
    }

    /// Stops the emulator, and returns when it no longer listens. Running requests are cut off.
    pub async fn shutdown(self) {
        drop(self.running);
        for task in self.tasks {
            // A task that panicked has stopped as well.
            drop(task.await);
        }
        self.state.close().await;
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("cluster", &self.state.cluster)
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}
