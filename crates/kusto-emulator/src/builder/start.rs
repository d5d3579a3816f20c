//! Starts an emulator: from its settings to the tasks that serve it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use kusto_fake::{FakeKusto, ResourceIssuer};
use kusto_ingest_core::{Clock, DatabaseName, Error, ErrorKind, Result, TableName};
use kusto_ingest_decode::Schema;
use kusto_ingest_tokio::TokioClock;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::EmulatorBuilder;
use crate::authority::Authority;
use crate::certificates::Certificates;
use crate::changes::Changes;
use crate::faults::Faults;
use crate::log::RequestLog;
use crate::other_stores::OtherStores;
use crate::persistence::Persistence;
use crate::request_head::Address;
use crate::state::ServerState;
use crate::worker::Worker;
use crate::{Emulator, EmulatorClock, seed, server};

/// How long a final status waits for the client that opens its row only after it has queued its message.
const STATUS_WAIT: Duration = Duration::from_secs(2);

/// How many connections are told at a time that there are too many.
const REFUSALS: usize = 64;

/// How often a free port is looked for.
const TRIES: u32 = 20;

/// Sockets that listen at one port.
type Listeners = (Vec<TcpListener>, u16);

impl EmulatorBuilder {
    /// Starts the emulator. It listens when this returns.
    ///
    /// Must be called within a tokio runtime, which runs it until it is dropped.
    ///
    /// # Errors
    /// [`Connection`](ErrorKind::Connection) when a port is taken, [`InvalidInput`](ErrorKind::InvalidInput) when an
    /// account has no valid name or a [store](Self::with_store) is not on this machine; when the folder of [`with_persistence`](Self::with_persistence) is another emulator's,
    /// cannot be written, or has a log that is damaged or of another version; as
    /// [`seed`](Emulator::seed) for what is [seeded](Self::with_seed).
    pub async fn start(mut self) -> Result<Emulator> {
        if !self.has_tls && !self.addresses.by_host().is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "start the emulator")
                .because("storage with its account in the host is addressed over TLS alone"));
        }
        if !self.has_tls && self.has_authority {
            return Err(Error::new(ErrorKind::InvalidInput, "start the emulator")
                .because("clients sign in over TLS alone"));
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
        let (fake, persistence) = self.fake(&clock, port).await?;
        let changes = Arc::<Changes>::default();
        let worker = Worker::new(
            fake.clone(),
            Arc::new(clock.clone()),
            Arc::clone(&changes),
            persistence.clone(),
        );
        let state = Arc::new(ServerState {
            fake,
            started: clock.now(),
            authority: self.has_authority.then(|| Authority::new(clock.clone())),
            clock,
            changes,
            observer: self.observer,
            worker: Arc::new(worker),
            persistence,
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
        let address_of_engine = engine
            .as_ref()
            .map(|(_, port)| format!("{scheme}://{host}:{port}"));
        let authority = certificates.map(|certificates| certificates.authority());
        let (running, tasks) = serve(&state, listeners, engine);
        Ok(Emulator::new(state, address_of_engine, authority, running, tasks))
    }

    /// The Kusto behind the socket, with the databases and tables that were asked for.
    async fn fake(
        &mut self,
        clock: &EmulatorClock,
        port: u16,
    ) -> Result<(FakeKusto, Option<Arc<Persistence>>)> {
        let set = std::mem::replace(&mut self.issuer, Box::new(|issuer| issuer));
        let issuer = set(self.ordinary_issuer(port));
        let fake = FakeKusto::new(Arc::new(clock.clone()), issuer)?;
        fake.set_limits(self.limits);
        fake.set_rest_service(self.rest.clone());
        fake.storage().limit_blob_bytes(self.server_limits.max_blob_bytes);
        fake.wait_for_status_rows(STATUS_WAIT);
        if !self.stores.is_empty() {
            let stores = OtherStores::at(&self.stores, self.server_limits.max_blob_bytes)?;
            fake.set_blob_downloader(Arc::new(stores));
        }
        if self.is_held {
            fake.pause_ingestion();
        }
        let kept = match &self.folder {
            Some(folder) => Some(Persistence::open(folder, &fake, clock).await?),
            None => None,
        };
        for database in &self.databases {
            fake.create_database(database);
        }
        for (database, table, schema) in &self.tables {
            if fake.schema(database, table).is_none() {
                create_table(&fake, database, table, schema).await?;
            }
        }
        if !kept.as_ref().is_some_and(Persistence::has_log) {
            fake.set_start();
            for (database, path) in &self.seeds {
                seed::seed(&fake, database, path).await?;
            }
        }
        let Some(persistence) = kept else {
            return Ok((fake, None));
        };
        fake.note_changes();
        if persistence.has_log() {
            fake.end_restoring();
            persistence.commit().await?;
        }
        Ok((fake, Some(Arc::new(persistence))))
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

/// Starts what serves an emulator, until the sender is dropped.
fn serve(
    state: &Arc<ServerState>,
    listeners: Vec<TcpListener>,
    engine: Option<Listeners>,
) -> (watch::Sender<()>, Vec<JoinHandle<()>>) {
    let (running, stop) = watch::channel(());
    let whole = listeners.into_iter().map(|listener| (listener, Address::Whole));
    let engine = engine.into_iter().flat_map(|(listeners, _)| listeners);
    let engine = engine.map(|listener| (listener, Address::Engine));
    let mut tasks: Vec<JoinHandle<()>> = whole
        .chain(engine)
        .map(|(listener, address)| {
            tokio::spawn(server::listen(listener, Arc::clone(state), address, stop.clone()))
        })
        .collect();
    tasks.push(tokio::spawn(Arc::clone(&state.worker).run(stop)));
    (running, tasks)
}

/// Listens on this address; of the loopback ones on those of IPv4 and, where there is one, of IPv6: `localhost` may mean
/// either.
async fn bind(address: IpAddr, port: u16) -> Result<Listeners> {
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
