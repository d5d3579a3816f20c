//! The one place where adapters meet logic.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use azure_core::http::Url;
use kusto_connection::ConnectionString;
use kusto_ingest_core::{ClientDetails, Outage, Result};
use kusto_ingest_managed::{DefaultPolicy, ManagedStreamingPolicy};
use kusto_ingest_resources::ResourceManager;
use kusto_ingest_status::{StatusTracker, TableStatusTracker};
use kusto_ingest_tokio::{BlobsByScheme, ThreadedCompressor, TokioClock};
use kusto_storage::{BlobProbe, BlobStore};
use kusto_storage_azure::{AzureBlobProbe, AzureStorage};
use kusto_transport_hyper::HyperTransport;

use super::endpoints::{Http, credentials};
use super::limits::Limits;
use super::protocol::RestSettings;
use super::uploads::Uploads;
use super::{Folders, KustoBuilder, Probing};
use crate::Kusto;
use crate::identity::client_details;
use crate::wire::{Addresses, Wire, unreadable};

impl Kusto {
    /// A client of a cluster, by its address or connection string. It sends nothing: requests begin with the first
    /// ingestion, query or command.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the text cannot be read, and
    /// [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated) when it does not say how to sign in to a
    /// host other than this machine. No message holds a secret of the text.
    pub fn connect(connection_string: &str) -> Result<Self> {
        Self::builder(connection_string)?.connect()
    }

    /// As [`connect`](Self::connect), with further settings.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the text cannot be read.
    pub fn builder(connection_string: &str) -> Result<KustoBuilder> {
        ConnectionString::parse(connection_string)
            .map(KustoBuilder::new)
            .map_err(|error| unreadable("read the connection string", error))
    }
}

impl KustoBuilder {
    /// Builds the client. Nothing is sent, and no file is read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when an address or the sign-in cannot be used, when
    /// a host that a token would be sent to is not trusted, or when a container of the user's own has no SAS;
    /// [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated) when nothing says how to sign in to a host
    /// other than this machine; [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when a user is to be asked
    /// and nothing was given to ask with.
    pub fn connect(mut self) -> Result<Kusto> {
        let details = client_details(&self.connection, self.application.take(), self.version.as_deref());
        let wire = self.wire(&details)?;
        let (layers, clock) = (self.layers, &wire.clock);
        let storage = storage(&wire, &self.limits, &self.rest);
        let manager = |manager, issuer: &Url| {
            let manager = self.retries.manager(self.limits.manager(manager));
            let manager = accepting(manager, issuer, self.folders);
            Arc::new(refreshing(manager, layers.refresh_interval))
        };
        let of_engine = ResourceManager::of_engine(wire.endpoints.engine.clone(), clock.clone());
        let of_ingestion = ResourceManager::new(wire.endpoints.data_management.clone(), clock.clone());
        let issued = manager(of_ingestion, &wire.addresses.ingestion);
        let resources = layers.resources.unwrap_or(issued);
        let by_scheme = || Arc::new(BlobsByScheme::new(Arc::new(storage.clone()))) as Arc<dyn BlobStore>;
        let uploads = Uploads {
            blobs: layers.blobs.unwrap_or_else(by_scheme),
            compressor: wire.compressor.clone(),
            clock: clock.clone(),
            retries: self.retries.clone(),
            settings: self.uploads,
        };
        let blobs = uploads.blobs.clone();
        let engine_uploader = uploads.for_issued_containers(manager(of_engine, &wire.addresses.engine));
        let configuration = self.rest.configuration(&wire, &self.retries)?;
        let own = (layers.uploader, self.own_containers);
        let (uploader, rest_uploader) = uploads.of_both_ways(own, &resources, configuration.as_ref())?;
        let rest = self.rest.client(&wire, configuration, rest_uploader);
        let of_azure = || Arc::new(AzureBlobProbe::new(storage.clone(), clock.clone())) as Arc<dyn BlobProbe>;
        let probe = (self.probing == Probing::On).then(|| layers.probe.unwrap_or_else(of_azure));
        let storage = Arc::new(storage);
        let tables = layers.tables.unwrap_or_else(|| storage.clone());
        let tracker = TableStatusTracker::new(tables.clone(), resources.clone(), clock.clone());
        let tracker = Arc::new(self.retries.tracker(tracker)) as Arc<dyn StatusTracker>;
        let kusto = Kusto {
            wire,
            resources,
            queues: layers.queues.unwrap_or(storage),
            blobs,
            tables,
            uploader,
            engine_uploader,
            probe,
            tracker: layers.tracker.unwrap_or(tracker),
            policy: layers.policy.unwrap_or_else(default_policy),
            details,
            deadline: self.deadline,
            post_outage: Outage::new(),
            streaming_limit: self.limits.streaming,
            probe_limit: self.limits.probe,
            streaming_retry: self.retries.streaming(self.on_unknown),
            direct_retry: self.retries.direct,
            post_retry: self.retries.post,
            on_unknown: self.on_unknown,
            rest,
            protocol: self.rest.protocol,
        };
        Ok(kusto.with_rest_settings())
    }

    /// The lowest layers: both endpoints, the clock and the compressor.
    fn wire(&mut self, details: &ClientDetails) -> Result<Wire> {
        let addresses = Addresses::of(&self.connection)?;
        let transport = match self.layers.transport.take() {
            Some(transport) => transport,
            None => HyperTransport::new(mem::take(&mut self.transport))?.as_transport(),
        };
        let clock = self.clock.take().unwrap_or_else(|| Arc::new(TokioClock::new()));
        let (own, steps) = (mem::take(&mut self.endpoints), mem::take(&mut self.sign_in));
        let credentials = match own.is_complete() {
            true => None,
            false => Some(credentials(&self.connection, steps, &transport, &clock)?),
        };
        let http = Http {
            transport: transport.clone(),
            credentials,
            details,
            limits: self.limits.command,
            s2s: self.s2s.take(),
        };
        Ok(Wire {
            endpoints: own.or_else(&addresses, |url| http.endpoint(url))?,
            addresses,
            transport,
            compressor: self
                .compressor
                .take()
                .unwrap_or_else(|| Arc::new(ThreadedCompressor::new())),
            clock,
        })
    }
}

fn storage(wire: &Wire, limits: &Limits, rest: &RestSettings) -> AzureStorage {
    let storage = AzureStorage::new(wire.transport.clone())
        .with_block_limits(limits.block)
        .with_call_limits(limits.storage);
    match &rest.storage_credential {
        Some(credential) => storage.with_lake_credential(credential.clone()),
        None => storage,
    }
}

fn default_policy() -> Arc<dyn ManagedStreamingPolicy> {
    Arc::new(DefaultPolicy::default())
}

impl Limits {
    fn manager(&self, manager: ResourceManager) -> ResourceManager {
        match self.resource {
            Some(limits) => manager.with_limits(limits),
            None => manager,
        }
    }
}

/// How often what is issued is asked for, where that is given.
fn refreshing(manager: ResourceManager, interval: Option<Duration>) -> ResourceManager {
    match interval {
        Some(interval) => manager.with_refresh_interval(interval),
        None => manager,
    }
}

/// What an endpoint issues. Only one that was itself reached over plain http may issue something over it.
fn accepting(manager: ResourceManager, issuer: &Url, folders: Folders) -> ResourceManager {
    let manager = match issuer.scheme() {
        "http" => manager.with_plain_http(),
        _ => manager,
    };
    match folders {
        Folders::Accepted => manager.with_folders(),
        Folders::Refused => manager,
    }
}
