//! The one place where adapters meet logic.

use std::sync::Arc;

use azure_core::http::Url;
use kusto_auth::{Credentials, SignIn};
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_compression::Compressor;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};
use kusto_ingest_resources::ResourceManager;
use kusto_ingest_status::TableStatusTracker;
use kusto_ingest_tokio::{BlobsByScheme, ThreadedCompressor, TokioClock};
use kusto_ingest_upload::{ContainerUploader, Uploader, UserContainersUploader};
use kusto_storage::{BlobProbe, BlobStore};
use kusto_storage_azure::{AzureBlobProbe, AzureStorage};
use kusto_transport_hyper::HyperTransport;

use super::limits::Limits;
use super::on_runtime::OnRuntime;
use super::{Folders, KustoBuilder, OwnContainers, Probing, Retries, UploadSettings};
use crate::Kusto;
use crate::identity::client_details;

impl KustoBuilder {
    /// Puts it all together. Nothing is sent, and no file is read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when an address or the sign-in cannot be used, when a host that a token would be
    /// sent to is not trusted, or when a container of the user's own has no signature;
    /// [`ErrorKind::Unauthenticated`] when nothing says how to sign in to a host other than this machine;
    /// [`ErrorKind::Unsupported`] when a user is to be asked and nothing was given to ask with.
    pub fn connect(self) -> Result<Kusto> {
        let unusable = |error| unreadable("read the cluster's address", error);
        let engine = self.connection.engine_endpoint().map_err(unusable)?;
        let ingestion = self.connection.ingestion_endpoint().map_err(unusable)?;

        let transport = HyperTransport::new(self.transport)?;
        let transport = transport.as_transport();
        let clock = self.clock.unwrap_or_else(|| Arc::new(TokioClock::new()));
        let compressor = self
            .compressor
            .unwrap_or_else(|| Arc::new(ThreadedCompressor::new()));
        let sign_in = SignIn::new(&self.connection, transport.clone(), clock.clone())?;
        let credentials = self
            .sign_in
            .into_iter()
            .try_fold(sign_in, |sign_in, set| set(sign_in))?
            .finish()?;
        let details = client_details(&self.connection, self.application, self.version.as_deref());
        let endpoint = |url: &Url| -> Result<Arc<AzureEndpoint>> {
            let endpoint = AzureEndpoint::new(url.clone(), transport.clone())?
                .with_client_details(&details)
                .with_limits(self.limits.command);
            Ok(Arc::new(signed_in(endpoint, &credentials, url)?))
        };
        let (engine, ingestion) = (endpoint(engine.url())?, endpoint(ingestion.url())?);

        let storage = AzureStorage::new(transport.clone())
            .with_block_limits(self.limits.block)
            .with_call_limits(self.limits.storage);
        let resources = self
            .limits
            .manager(ResourceManager::new(ingestion.clone(), clock.clone()));
        let resources = self.retries.manager(resources);
        let resources = Arc::new(accepting(resources, &ingestion, self.folders));
        let blobs: Arc<dyn BlobStore> = Arc::new(BlobsByScheme::new(Arc::new(storage.clone())));
        let of_engine = self
            .limits
            .manager(ResourceManager::of_engine(engine.clone(), clock.clone()));
        let of_engine = self.retries.manager(of_engine);
        let of_engine = ContainerUploader::new(
            Arc::new(accepting(of_engine, &engine, self.folders)),
            blobs.clone(),
            compressor.clone(),
            clock.clone(),
        );
        let engine_storage = Arc::new(self.uploads.clone().set(self.retries.uploader(of_engine)));
        let uploader: Arc<dyn Uploader> = match self.own_containers {
            None => {
                let lent =
                    ContainerUploader::new(resources.clone(), blobs, compressor.clone(), clock.clone());
                Arc::new(self.uploads.set(self.retries.uploader(lent)))
            }
            Some(own) => {
                let retries = self.retries.clone();
                let uploads = self.uploads;
                let set = move |inner| uploads.set(retries.uploader(inner));
                Arc::new(own.uploader(blobs, compressor.clone(), clock.clone(), set)?)
            }
        };
        let probe = (self.probing == Probing::On)
            .then(|| Arc::new(AzureBlobProbe::new(storage.clone(), clock.clone())) as Arc<dyn BlobProbe>);
        let storage = Arc::new(storage);
        let tracker = TableStatusTracker::new(storage.clone(), resources.clone(), clock.clone());
        let tracker = match &self.retries.post {
            Some(policy) => tracker.with_retry(policy.clone()),
            None => tracker,
        };
        Ok(Kusto {
            engine,
            ingestion,
            resources,
            queues: storage,
            uploader,
            engine_storage,
            probe,
            compressor,
            tracker: Arc::new(tracker),
            clock,
            details,
            deadline: self.deadline,
            streaming_limit: self.limits.streaming,
            probe_limit: self.limits.probe,
            post_retry: self.retries.post,
            on_unknown: self.on_unknown,
        })
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
}

impl OwnContainers {
    fn uploader(
        self,
        blobs: Arc<dyn BlobStore>,
        compressor: Arc<dyn Compressor>,
        clock: Arc<dyn Clock>,
        settings: impl FnOnce(ContainerUploader) -> ContainerUploader,
    ) -> Result<UserContainersUploader> {
        let uploader = UserContainersUploader::new(self.containers, blobs, compressor, clock)?;
        Ok((self.set)(uploader.with_settings(settings)))
    }
}

/// What an endpoint lends. Only one that was itself reached over plain http may lend something over it.
fn accepting(manager: ResourceManager, lender: &AzureEndpoint, folders: Folders) -> ResourceManager {
    let manager = match lender.base().scheme() {
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
        .with_forgetting(move || credentials.forget_tokens()))
}

/// What a connection string is refused for; its own error never holds a value of it.
pub(super) fn unreadable(operation: &'static str, error: kusto_connection::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, operation).caused_by(error)
}
