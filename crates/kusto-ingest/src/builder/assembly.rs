//! The one place where adapters meet logic.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use azure_core::http::{Transport, Url};
use kusto_auth::{Credentials, SignIn};
use kusto_connection::ConnectionString;
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_compression::Compressor;
use kusto_ingest_core::{ClientDetails, Clock, Error, ErrorKind, Outage, Result};
use kusto_ingest_managed::DefaultPolicy;
use kusto_ingest_resources::{ResourceManager, ResourceProvider};
use kusto_ingest_status::TableStatusTracker;
use kusto_ingest_tokio::{BlobsByScheme, ThreadedCompressor, TokioClock};
use kusto_ingest_upload::{ContainerUploader, Uploader, UserContainersUploader};
use kusto_storage::{BlobProbe, BlobStore};
use kusto_storage_azure::{AzureBlobProbe, AzureStorage};
use kusto_transport_hyper::HyperTransport;

use super::limits::Limits;
use super::on_runtime::OnRuntime;
use super::{Folders, KustoBuilder, OwnContainers, Probing, Retries, Step, UploadSettings};
use crate::Kusto;
use crate::identity::client_details;
use crate::kusto::Wire;

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
    /// Puts it all together. Nothing is sent, and no file is read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when an address or the sign-in cannot be used, when a host that a token would be
    /// sent to is not trusted, or when a container of the user's own has no SAS;
    /// [`ErrorKind::Unauthenticated`] when nothing says how to sign in to a host other than this machine;
    /// [`ErrorKind::Unsupported`] when a user is to be asked and nothing was given to ask with.
    pub fn connect(mut self) -> Result<Kusto> {
        let details = client_details(&self.connection, self.application.take(), self.version.as_deref());
        let wire = self.wire(&details)?;
        let (layers, clock) = (self.layers, &wire.clock);
        let storage = AzureStorage::new(wire.transport.clone())
            .with_block_limits(self.limits.block)
            .with_call_limits(self.limits.storage);
        let manager = |manager, issuer: &AzureEndpoint| {
            let manager = self.retries.manager(self.limits.manager(manager));
            let manager = accepting(manager, issuer, self.folders);
            Arc::new(refreshing(manager, layers.refresh_interval))
        };
        let of_engine = ResourceManager::of_engine(wire.engine.clone(), clock.clone());
        let of_ingestion = ResourceManager::new(wire.ingestion.clone(), clock.clone());
        let issued = manager(of_ingestion, &wire.ingestion);
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
        let engine_uploader = uploads.for_issued_containers(manager(of_engine, &wire.engine));
        let uploader = match (layers.uploader, self.own_containers) {
            (Some(uploader), _) => uploader,
            (None, None) => uploads.for_issued_containers(resources.clone()),
            (None, Some(own)) => uploads.for_own_containers(own)?,
        };
        let of_azure = || Arc::new(AzureBlobProbe::new(storage.clone(), clock.clone())) as Arc<dyn BlobProbe>;
        let probe = (self.probing == Probing::On).then(|| layers.probe.unwrap_or_else(of_azure));
        let storage = Arc::new(storage);
        let tables = layers.tables.unwrap_or_else(|| storage.clone());
        let tracker = TableStatusTracker::new(tables.clone(), resources.clone(), clock.clone());
        let tracker = Arc::new(self.retries.tracker(tracker));
        Ok(Kusto {
            wire,
            resources,
            queues: layers.queues.unwrap_or(storage),
            blobs,
            tables,
            uploader,
            engine_uploader,
            probe,
            tracker: layers.tracker.unwrap_or(tracker),
            policy: layers
                .policy
                .unwrap_or_else(|| Arc::new(DefaultPolicy::default())),
            details,
            deadline: self.deadline,
            post_outage: Outage::new(),
            streaming_limit: self.limits.streaming,
            probe_limit: self.limits.probe,
            post_retry: self.retries.post,
            on_unknown: self.on_unknown,
        })
    }

    /// The lowest layers: the way to both endpoints, the time, and what compresses.
    fn wire(&mut self, details: &ClientDetails) -> Result<Wire> {
        let (engine, ingestion) = addresses(&self.connection)?;
        let transport = match self.layers.transport.take() {
            Some(transport) => transport,
            None => HyperTransport::new(mem::take(&mut self.transport))?.as_transport(),
        };
        let clock = self.clock.take().unwrap_or_else(|| Arc::new(TokioClock::new()));
        let steps = mem::take(&mut self.sign_in);
        let credentials = credentials(&self.connection, steps, &transport, &clock)?;
        let endpoint = |url: &Url| -> Result<Arc<AzureEndpoint>> {
            let endpoint = AzureEndpoint::new(url.clone(), transport.clone())?
                .with_client_details(details)
                .with_limits(self.limits.command);
            Ok(Arc::new(signed_in(endpoint, &credentials, url)?))
        };
        Ok(Wire {
            engine: endpoint(&engine)?,
            ingestion: endpoint(&ingestion)?,
            transport,
            compressor: self
                .compressor
                .take()
                .unwrap_or_else(|| Arc::new(ThreadedCompressor::new())),
            clock,
        })
    }
}

/// What every uploader is made of, wherever its blobs go.
struct Uploads {
    blobs: Arc<dyn BlobStore>,
    compressor: Arc<dyn Compressor>,
    clock: Arc<dyn Clock>,
    retries: Retries,
    settings: UploadSettings,
}

impl Uploads {
    /// Uploads into the containers that an endpoint issues.
    fn for_issued_containers(&self, resources: Arc<dyn ResourceProvider>) -> Arc<dyn Uploader> {
        let (blobs, compressor, clock) = (self.blobs.clone(), self.compressor.clone(), self.clock.clone());
        let uploader = ContainerUploader::new(resources, blobs, compressor, clock);
        Arc::new(self.settings.clone().set(self.retries.uploader(uploader)))
    }

    /// Uploads into containers of the user's own.
    fn for_own_containers(self, own: OwnContainers) -> Result<Arc<dyn Uploader>> {
        let uploader = UserContainersUploader::new(own.containers, self.blobs, self.compressor, self.clock)?;
        let (retries, settings) = (self.retries, self.settings);
        let uploader = uploader.with_settings(move |inner| settings.set(retries.uploader(inner)));
        Ok(Arc::new((own.set)(uploader)))
    }
}

impl UploadSettings {
    fn set(self, uploader: ContainerUploader) -> ContainerUploader {
        uploader
            .with_block_size(self.block_size)
            .with_parallelism(self.parallel)
            .with_memory(self.memory)
            .with_max_raw_bytes(self.max_raw)
    }
}

impl Limits {
    fn manager(&self, manager: ResourceManager) -> ResourceManager {
        match self.resource {
            Some(limits) => manager.with_limits(limits),
            None => manager,
        }
    }
}

impl Retries {
    fn manager(&self, manager: ResourceManager) -> ResourceManager {
        match &self.command {
            Some(policy) => manager.with_retry(policy.clone()),
            None => manager,
        }
    }

    fn uploader(&self, uploader: ContainerUploader) -> ContainerUploader {
        match &self.upload {
            Some(policy) => uploader.with_retry(policy.clone()),
            None => uploader,
        }
    }

    /// Status rows are written as messages are posted.
    fn tracker(&self, tracker: TableStatusTracker) -> TableStatusTracker {
        match &self.post {
            Some(policy) => tracker.with_retry(policy.clone()),
            None => tracker,
        }
    }
}

/// The engine and the Data Management service behind it.
fn addresses(connection: &ConnectionString) -> Result<(Url, Url)> {
    let unusable = |error| unreadable("read the cluster's address", error);
    let engine = connection.engine_endpoint().map_err(unusable)?;
    let ingestion = connection.ingestion_endpoint().map_err(unusable)?;
    Ok((engine.url().clone(), ingestion.url().clone()))
}

/// Signs in as the connection string says, and as the caller says beyond it.
fn credentials(
    connection: &ConnectionString,
    steps: Vec<Step>,
    transport: &Transport,
    clock: &Arc<dyn Clock>,
) -> Result<Credentials> {
    let sign_in = SignIn::new(connection, transport.clone(), clock.clone())?;
    steps
        .into_iter()
        .try_fold(sign_in, |sign_in, set| set(sign_in))?
        .finish()
}

/// How often what is issued is asked for, where that is given.
fn refreshing(manager: ResourceManager, interval: Option<Duration>) -> ResourceManager {
    match interval {
        Some(interval) => manager.with_refresh_interval(interval),
        None => manager,
    }
}

/// What an endpoint issues. Only one that was itself reached over plain http may issue something over it.
fn accepting(manager: ResourceManager, issuer: &AzureEndpoint, folders: Folders) -> ResourceManager {
    let manager = match issuer.base().scheme() {
        "http" => manager.with_plain_http(),
        _ => manager,
    };
    match folders {
        Folders::Accepted => manager.with_folders(),
        Folders::Refused => manager,
    }
}

/// An endpoint with the credential that is meant for it, if it wants one. The credential knows the scope itself.
fn signed_in(endpoint: AzureEndpoint, credentials: &Credentials, url: &Url) -> Result<AzureEndpoint> {
    let Some(credential) = credentials.for_endpoint(url)? else {
        return Ok(endpoint);
    };
    let credentials = credentials.clone();
    Ok(endpoint
        .with_credential(Arc::new(OnRuntime(credential)), url.as_str())
        .with_token_invalidation(move || credentials.invalidate_tokens()))
}

/// What a connection string is refused for; its own error never holds a value of it.
fn unreadable(operation: &'static str, error: kusto_connection::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, operation).caused_by(error)
}
