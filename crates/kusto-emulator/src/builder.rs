//! Settings of an emulator before it starts.

mod start;

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use kusto_fake::{Limits, ResourceIssuer, RestService};
use kusto_ingest_core::{Clock, DatabaseName, Result, TableName};
use kusto_ingest_decode::Schema;
use kusto_ingest_tokio::TokioClock;

use crate::state::RequestObserver;
use crate::{Emulator, HttpFaultPlan, RequestRecord, ServerLimits, StorageAddresses};

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
    folder: Option<PathBuf>,
    seeds: Vec<(DatabaseName, PathBuf)>,
    has_authority: bool,
    stores: Vec<String>,
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
            folder: None,
            seeds: Vec::new(),
            has_authority: false,
            stores: Vec::new(),
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

    /// Listens on this address instead of those of the loopback interface. Whoever reaches it may do everything,
    /// also where it wants a [sign-in](Self::with_sign_in).
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

    /// Wants a token in every request for a command, a query or a stream, and answers 401 without. It names itself as the
    /// authority, and gives a token to every application that asks for one with any secret or certificate; a token is good
    /// for an hour, and ends with the emulator. TLS only: no client signs in anywhere else.
    ///
    /// Storage is opened by its SAS tokens, as ever, and what is below `/__emulator/` wants no token.
    pub fn with_sign_in(self) -> Self {
        Self {
            has_authority: true,
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

    /// Ingests also blobs of another store on this machine, such as Azurite at `http://127.0.0.1:10000`. They are read by the
    /// address that names them, SAS included, and never deleted.
    pub fn with_store(mut self, address: impl Into<String>) -> Self {
        self.stores.push(address.into());
        self
    }

    /// Has what a script or a folder says before anything is served, as [`seed`](Emulator::seed) does later. Where there is
    /// [a folder](Self::with_persistence) that has data, nothing is seeded: what was seeded once is there, with all that
    /// came since. A seed that failed or was cut short leaves no data, and is taken again at the next start.
    pub fn with_seed(mut self, database: DatabaseName, path: impl Into<PathBuf>) -> Self {
        self.seeds.push((database, path.into()));
        self
    }

    /// Keeps all data in this folder, which is made where it is not there, and goes on with what is kept in it.
    ///
    /// What was answered is on the disk before the answer goes out, and so it is there after the process was killed:
    /// commands, rows, blobs, staged blocks, messages, status tables, and the SAS tokens that clients hold. What was queued
    /// and not yet ingested is ingested then, once. Requests, notes, `.show ingestion failures` and planned faults are not
    /// kept. One process at a time has a folder.
    ///
    /// What is done through the [`Emulator`] itself is kept with the next answer, or at [`save`](Emulator::save).
    pub fn with_persistence(self, folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Some(folder.into()),
            ..self
        }
    }
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
