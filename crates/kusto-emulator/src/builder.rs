//! Settings of an emulator before it starts.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use kusto_fake::{FakeKusto, Limits, ResourceIssuer, RestService};
use kusto_ingest_core::{Clock, DatabaseName, Error, ErrorKind, Result, TableName};
use kusto_ingest_decode::Schema;
use kusto_ingest_tokio::TokioClock;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::certificates::Certificates;
use crate::changes::Changes;
use crate::faults::Faults;
use crate::log::RequestLog;
use crate::request_head::Address;
use crate::state::{RequestObserver, ServerState};
use crate::worker::Worker;
use crate::{Emulator, EmulatorClock, HttpFaultPlan, RequestRecord, ServerLimits, StorageAddresses, server};

/// How long a final status waits for the client that opens its row only after it has queued its message.
const STATUS_WAIT: Duration = Duration::from_secs(2);

/// How many connections are told at a time that there are too many.
const REFUSALS: usize = 64;

/// How often a free port is looked for.
const TRIES: u32 = 20;

/// Settings of an [`Emulator`] before it starts.
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
    server_limits: ServerLimits,
    host_names: Vec<String>,
    address: IpAddr,
    observer: Option<Arc<RequestObserver>>,
    has_tls: bool,
    addresses: StorageAddresses,
    faults: Vec<HttpFaultPlan>,
    rest: RestService,
}

impl Emulator {
    /// A builder with the default settings.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::new()
    }

    /// Starts an emulator without tables on a free port.
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
            accounts: Vec::new(),
            issuer: Box::new(|issuer| issuer),
            is_held: false,
            limits: Limits::default(),
            server_limits: ServerLimits::default(),
            host_names: Vec::new(),
            address: Ipv4Addr::LOCALHOST.into(),
            observer: None,
            has_tls: false,
            addresses: StorageAddresses::default(),
            faults: Vec::new(),
            rest: RestService::default(),
        }
    }

    /// Sets the port. The default is a free one.
    pub fn with_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Listens on a second port as an engine only: commands of Data Management are refused there, with the right
    /// address. 0 means a free port.
    pub fn with_engine_port(self, port: u16) -> Self {
        Self {
            engine_port: Some(port),
            ..self
        }
    }

    /// Sets the clock of SAS tokens, hidden messages, statuses and dates.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Adds a database, beside `NetDefaultDB`.
    pub fn with_database(mut self, name: DatabaseName) -> Self {
        self.databases.insert(name);
        self
    }

    /// Adds a table, and its database.
    pub fn with_table(mut self, database: DatabaseName, table: TableName, schema: Schema) -> Self {
        self.databases.insert(database.clone());
        self.tables.push((database, table, schema));
        self
    }

    /// Sets the storage accounts, each with two containers and two queues. The default is `devstoreaccount1`, and over TLS
    /// `acct0`: clients of Go send what is for the former to the ports of another emulator.
    pub fn with_accounts<A: Into<String>>(self, accounts: impl IntoIterator<Item = A>) -> Self {
        Self {
            accounts: accounts.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Changes what storage is issued: `|issuer| issuer.with_queues(1)`.
    pub fn with_resource_issuer(
        self,
        set: impl FnOnce(ResourceIssuer) -> ResourceIssuer + Send + 'static,
    ) -> Self {
        Self {
            issuer: Box::new(set),
            ..self
        }
    }

    /// Pauses ingestion until [`resume_ingestion`](Emulator::resume_ingestion): messages stay in the queues and blobs
    /// in memory.
    pub fn with_ingestion_paused(self) -> Self {
        Self {
            is_held: true,
            ..self
        }
    }

    /// Sets the limits of a source, and of the rows in all tables.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets what the REST routes of queued ingestion offer, or that there are none.
    pub fn with_rest_service(self, rest: RestService) -> Self {
        Self { rest, ..self }
    }

    /// Sets the limits of the server: connections, headers, bodies and blobs.
    pub fn with_server_limits(self, limits: ServerLimits) -> Self {
        Self {
            server_limits: limits,
            ..self
        }
    }

    /// Accepts requests to this host name, which must resolve to this machine. By default only `localhost` and names
    /// below it are accepted. Requests from web pages of another origin are always refused.
    pub fn with_host_name(mut self, name: impl Into<String>) -> Self {
        self.host_names.push(name.into());
        self
    }

    /// Listens on this address instead of those of the loopback interface. Whoever reaches it may do everything: there is no
    /// sign-in.
    pub fn with_address(self, address: IpAddr) -> Self {
        Self { address, ..self }
    }

    /// Tells this of every request when it ended.
    pub fn with_request_observer(self, observer: impl Fn(&RequestRecord) + Send + Sync + 'static) -> Self {
        Self {
            observer: Some(Arc::new(observer)),
            ..self
        }
    }

    /// Speaks only TLS, with certificates that it makes when it starts:
    /// [`certificate_authority`](Emulator::certificate_authority) is what clients must believe. They are for
    /// `localhost` and names below it, `ingest-localhost`, loopback addresses, and each
    /// [host name](Self::with_host_name) with those below it. Clients of Go, and Node's status tables, accept nothing else.
    pub fn with_tls(self) -> Self {
        Self {
            has_tls: true,
            ..self
        }
    }

    /// Addresses the storage that it issues in this way.
    pub fn with_storage_addresses(self, addresses: StorageAddresses) -> Self {
        Self { addresses, ..self }
    }

    /// Plans a fault, as [`plan`](Emulator::plan) does later.
    pub fn with_fault(mut self, plan: HttpFaultPlan) -> Self {
        self.faults.push(plan);
        self
    }

    /// Starts the emulator. It listens when this returns.
    ///
    /// Must be called within a tokio runtime, which runs it until it is dropped.
    ///
    /// # Errors
    /// [`Connection`](ErrorKind::Connection) when a port is taken, [`InvalidInput`](ErrorKind::InvalidInput) when an
    /// account has no valid name.
    pub async fn start(mut self) -> Result<Emulator> {
        if !self.has_tls && !self.addresses.by_host().is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "start the emulator")
                .because("storage with its account in the host is addressed over TLS alone"));
        }
        let (listeners, port) = bind(self.address, self.port).await?;
        let scheme = if self.has_tls { "https" } else { "http" };
        let clock = EmulatorClock::over(Arc::clone(&self.clock));
        let host = self.host();
        let cluster = format!("{scheme}://{host}:{port}");
        if host != "localhost" {
            self.host_names.push(host.trim_matches(['[', ']']).to_owned());
        }
        let certificates = self.certificates()?;
        let engine = match self.engine_port {
            Some(port) => Some(bind(self.address, port).await?),
            None => None,
        };
        let fake = self.fake(Arc::new(clock.clone()), port).await?;
        let changes = Arc::<Changes>::default();
        let worker = Worker::new(fake.clone(), Arc::new(clock.clone()), Arc::clone(&changes));
        let worker = Arc::new(worker);
        let state = Arc::new(ServerState {
            fake,
            started: clock.now(),
            clock,
            changes,
            observer: self.observer,
            worker: Arc::clone(&worker),
            faults: Faults::default(),
            log: RequestLog::default(),
            cluster,
            network: Arc::new(TokioClock::new()),
            limits: self.server_limits,
            host_names: self.host_names,
            tls: certificates.clone().map(Certificates::acceptor).transpose()?,
            connections: Arc::new(Semaphore::new(
                self.server_limits.max_connections.min(Semaphore::MAX_PERMITS),
            )),
            refusals: Arc::new(Semaphore::new(REFUSALS)),
        });
        self.faults.into_iter().for_each(|plan| state.faults.plan(plan));
        let (running, stop) = watch::channel(());
        let mut tasks = Vec::new();
        let mut listen = |listeners: Vec<TcpListener>, address| {
            for listener in listeners {
                let listening = server::listen(listener, Arc::clone(&state), address, stop.clone());
                tasks.push(tokio::spawn(listening));
            }
        };
        listen(listeners, Address::Whole);
        let engine = engine.map(|(listeners, port)| {
            listen(listeners, Address::Engine);
            format!("{scheme}://{host}:{port}")
        });
        tasks.push(tokio::spawn(worker.run(stop)));
        let authority = certificates.map(|certificates| certificates.authority());
        Ok(Emulator::new(state, engine, authority, running, tasks))
    }

    /// The Kusto behind the socket, with the databases and tables that were asked for.
    async fn fake(&mut self, clock: Arc<dyn Clock>, port: u16) -> Result<FakeKusto> {
        let set = std::mem::replace(&mut self.issuer, Box::new(|issuer| issuer));
        let issuer = set(self.ordinary_issuer(port));
        let fake = FakeKusto::new(clock, issuer)?;
        fake.set_limits(self.limits);
        fake.set_rest_service(self.rest.clone());
        fake.storage().limit_blob_bytes(self.server_limits.max_blob_bytes);
        fake.wait_for_status_rows(STATUS_WAIT);
        if self.is_held {
            fake.pause_ingestion();
        }
        for database in &self.databases {
            fake.create_database(database);
        }
        for (database, table, schema) in &self.tables {
            create_table(&fake, database, table, schema).await?;
        }
        fake.set_start();
        Ok(fake)
    }

    /// What its addresses have for a host: the address it listens at, where `localhost` does not lead there.
    fn host(&self) -> String {
        match self.address {
            address if address == Ipv4Addr::LOCALHOST || address.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        }
    }

    /// Who vouches for this emulator, where it speaks TLS. The certificates are for clients, who go by the real time.
    fn certificates(&self) -> Result<Option<Arc<Certificates>>> {
        if !self.has_tls {
            return Ok(None);
        }
        let certificates = Certificates::new(&self.host_names, TokioClock::new().now())?;
        Ok(Some(Arc::new(certificates)))
    }

    /// What is issued of the emulator at this port, unless a test says otherwise.
    fn ordinary_issuer(&self, port: u16) -> ResourceIssuer {
        let host = self.host();
        let (base, account) = match (self.has_tls, host.as_str()) {
            (true, host) => (format!("https://{host}:{port}"), "acct0"),
            (false, "localhost") => (format!("http://127.0.0.1:{port}"), "devstoreaccount1"),
            (false, host) => (format!("http://{host}:{port}"), "devstoreaccount1"),
        };
        let issuer = ResourceIssuer::paths(&base);
        let issuer = match self.accounts.is_empty() {
            true => issuer.with_accounts([account]),
            false => issuer.with_accounts(self.accounts.iter().cloned()),
        };
        let host = self.host_names.first().map_or("localhost", String::as_str);
        self.addresses.set(issuer, &format!("{host}:{port}"))
    }
}

/// Listens on this address; of the loopback ones on those of IPv4 and, where there is one, of IPv6: `localhost` may mean
/// either.
async fn bind(address: IpAddr, port: u16) -> Result<(Vec<TcpListener>, u16)> {
    let refuse = |error: io::Error| {
        Error::new(ErrorKind::Connection, "start the emulator")
            .because("the port cannot be listened on")
            .with("port", port)
            .caused_by(error)
    };
    let mut tries = 0;
    loop {
        let listener = TcpListener::bind((address, port)).await.map_err(refuse)?;
        let chosen = listener.local_addr().map_err(refuse)?.port();
        tries += 1;
        if address != Ipv4Addr::LOCALHOST {
            return Ok((vec![listener], chosen));
        }
        match TcpListener::bind((Ipv6Addr::LOCALHOST, chosen)).await {
            Ok(sixth) => return Ok((vec![listener, sixth], chosen)),
            // Somebody else would get what is meant for this emulator: another port is tried where any will do.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                if port != 0 || tries == TRIES {
                    return Err(refuse(error));
                }
            }
            // There is no such address on this machine.
            Err(_) => return Ok((vec![listener], chosen)),
        }
    }
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
