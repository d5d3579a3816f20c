//! What may be said of an emulator before it starts.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use kusto_fake::{FakeKusto, Limits, ResourceIssuer};
use kusto_ingest_core::{Clock, DatabaseName, Error, ErrorKind, Result, TableName};
use kusto_ingest_decode::Schema;
use kusto_ingest_tokio::TokioClock;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::asked::Side;
use crate::faults::Faults;
use crate::log::RequestLog;
use crate::state::ServerState;
use crate::worker::Worker;
use crate::{Emulator, HttpFaultPlan, server};

/// What may be said of an [`Emulator`] before it starts.
#[must_use]
pub struct EmulatorBuilder {
    port: u16,
    engine_port: Option<u16>,
    clock: Arc<dyn Clock>,
    databases: BTreeSet<DatabaseName>,
    tables: Vec<(DatabaseName, TableName, Schema)>,
    accounts: Vec<String>,
    issuer: Box<dyn FnOnce(ResourceIssuer) -> ResourceIssuer + Send>,
    is_held: bool,
    limits: Limits,
    faults: Vec<HttpFaultPlan>,
}

impl Emulator {
    /// An emulator that is to be described before it starts.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::new()
    }

    /// Starts an emulator without tables, on a port that is free.
    ///
    /// # Errors
    /// As [`EmulatorBuilder::start`].
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }
}

impl EmulatorBuilder {
    pub(crate) fn new() -> Self {
        Self {
            port: 0,
            engine_port: None,
            clock: Arc::new(TokioClock::new()),
            databases: BTreeSet::new(),
            tables: Vec::new(),
            accounts: vec!["devstoreaccount1".to_owned()],
            issuer: Box::new(|issuer| issuer),
            is_held: false,
            limits: Limits::default(),
            faults: Vec::new(),
        }
    }

    /// Listens on this port; by default on one that is free.
    pub fn with_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Listens on a second port as an engine alone, which answers commands of Data Management as an engine does: they
    /// are for the other address. Zero is a port that is free.
    pub fn with_engine_port(self, port: u16) -> Self {
        Self {
            engine_port: Some(port),
            ..self
        }
    }

    /// Takes the time from this clock: SAS tokens, hidden messages, statuses and dates follow it.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Has this database, beside `NetDefaultDB`.
    pub fn with_database(mut self, name: DatabaseName) -> Self {
        self.databases.insert(name);
        self
    }

    /// Has this table, and its database.
    pub fn with_table(mut self, database: DatabaseName, table: TableName, schema: Schema) -> Self {
        self.databases.insert(database.clone());
        self.tables.push((database, table, schema));
        self
    }

    /// Issues storage of these accounts, two containers and two queues of each; by default of `devstoreaccount1`.
    pub fn with_accounts<A: Into<String>>(self, accounts: impl IntoIterator<Item = A>) -> Self {
        Self {
            accounts: accounts.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Issues the storage otherwise: `|issuer| issuer.with_queues(1)`.
    pub fn with_resource_issuer(
        self,
        set: impl FnOnce(ResourceIssuer) -> ResourceIssuer + Send + 'static,
    ) -> Self {
        Self {
            issuer: Box::new(set),
            ..self
        }
    }

    /// Leaves messages in the queues until [`resume_ingestion`](Emulator::resume_ingestion), so that uploads can be measured alone. The
    /// blobs stay in memory.
    pub fn with_ingestion_paused(self) -> Self {
        Self {
            is_held: true,
            ..self
        }
    }

    /// Takes as much as these limits say: of a source, and of rows in all tables.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Makes requests fail as planned, as [`plan`](Emulator::plan) does later.
    pub fn with_fault(mut self, plan: HttpFaultPlan) -> Self {
        self.faults.push(plan);
        self
    }

    /// Starts it. It listens when this returns.
    ///
    /// Must be called within a tokio runtime, which runs it until it is dropped.
    ///
    /// # Errors
    /// [`Connection`](ErrorKind::Connection) when a port is taken, [`InvalidInput`](ErrorKind::InvalidInput) when an
    /// account has no valid name.
    pub async fn start(self) -> Result<Emulator> {
        let (listeners, cluster) = bind(self.port).await?;
        let engine = match self.engine_port {
            Some(port) => Some(bind(port).await?),
            None => None,
        };
        let issuer = (self.issuer)(ResourceIssuer::paths(&cluster).with_accounts(self.accounts));
        let fake = FakeKusto::new(Arc::clone(&self.clock), issuer)?;
        fake.set_limits(self.limits);
        if self.is_held {
            fake.pause_ingestion();
        }
        for database in &self.databases {
            fake.create_database(database);
        }
        for (database, table, schema) in &self.tables {
            create_table(&fake, database, table, schema).await?;
        }
        let worker = Arc::new(Worker::new(fake.clone(), Arc::clone(&self.clock)));
        let state = Arc::new(ServerState {
            fake,
            started: self.clock.now(),
            clock: self.clock,
            worker: Arc::clone(&worker),
            faults: Faults::default(),
            log: RequestLog::default(),
            cluster,
        });
        self.faults.into_iter().for_each(|plan| state.faults.plan(plan));
        let (running, stop) = watch::channel(());
        let mut tasks = Vec::new();
        let mut listen = |listeners: Vec<TcpListener>, side| {
            for listener in listeners {
                let listening = server::listen(listener, Arc::clone(&state), side, stop.clone());
                tasks.push(tokio::spawn(listening));
            }
        };
        listen(listeners, Side::Whole);
        let engine = engine.map(|(listeners, address)| {
            listen(listeners, Side::Engine);
            address
        });
        tasks.push(tokio::spawn(worker.run(stop)));
        Ok(Emulator::new(state, engine, running, tasks))
    }
}

/// Listens on the loopback address, and on that of the sixth version of the protocol, which some programs mean by
/// `localhost`: where there is one, and the port is free there as well.
async fn bind(port: u16) -> Result<(Vec<TcpListener>, String)> {
    let refuse = |error| {
        Error::new(ErrorKind::Connection, "start the emulator")
            .because("the port cannot be listened on")
            .with("port", port)
            .caused_by(error)
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(refuse)?;
    let address = listener.local_addr().map_err(refuse)?;
    let sixth = TcpListener::bind((Ipv6Addr::LOCALHOST, address.port())).await;
    let listeners = [Some(listener), sixth.ok()];
    Ok((
        listeners.into_iter().flatten().collect(),
        format!("http://{address}"),
    ))
}

async fn create_table(
    fake: &FakeKusto,
    database: &DatabaseName,
    table: &TableName,
    schema: &Schema,
) -> Result<()> {
    use kusto_endpoint::{ManagementEndpoint, RequestProperties};

    let name = table.as_str().replace('\\', "\\\\").replace('\'', "\\'");
    let command = format!(".create table ['{name}'] ({schema})");
    fake.execute(database, &command, &RequestProperties::new())
        .await?;
    Ok(())
}

impl fmt::Debug for EmulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorBuilder")
            .field("port", &self.port)
            .field("engine_port", &self.engine_port)
            .field("databases", &self.databases)
            .field("is_held", &self.is_held)
            .finish_non_exhaustive()
    }
}
