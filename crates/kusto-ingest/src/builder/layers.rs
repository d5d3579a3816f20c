//! Layers of the caller's own in place of ours.

use std::sync::Arc;
use std::time::Duration;

use azure_core::http::Transport;
use kusto_ingest_managed::ManagedStreamingPolicy;
use kusto_ingest_resources::ResourceProvider;
use kusto_ingest_status::StatusTracker;
use kusto_ingest_upload::Uploader;
use kusto_storage::{BlobProbe, BlobStore, QueueStore, TableStore};

use super::KustoBuilder;

/// The layers of the caller's own; each that is absent is assembled from the settings.
#[derive(Default)]
pub(super) struct Layers {
    pub(super) transport: Option<Transport>,
    pub(super) resources: Option<Arc<dyn ResourceProvider>>,
    pub(super) uploader: Option<Arc<dyn Uploader>>,
    pub(super) blobs: Option<Arc<dyn BlobStore>>,
    pub(super) probe: Option<Arc<dyn BlobProbe>>,
    pub(super) queues: Option<Arc<dyn QueueStore>>,
    pub(super) tables: Option<Arc<dyn TableStore>>,
    pub(super) tracker: Option<Arc<dyn StatusTracker>>,
    pub(super) policy: Option<Arc<dyn ManagedStreamingPolicy>>,
    pub(super) refresh_interval: Option<Duration>,
}

/// Layers of the caller's own in the place of those that are made here. The others stand on them: an uploader of ours
/// writes into a blob store of the caller's, and takes its containers from a resource provider of the caller's.
impl KustoBuilder {
    /// Sends every request over this transport: an [`HttpClient`](azure_core::http::HttpClient) of the caller's own, say.
    /// The options of [`with_transport`](Self::with_transport) then do nothing.
    ///
    /// Each request carries its [`CallLimits`](crate::retry::CallLimits) in its context. A transport that does not keep them may
    /// wait for ever, unless it has limits of its own.
    #[must_use]
    pub fn with_http_transport(mut self, transport: Transport) -> Self {
        self.layers.transport = Some(transport);
        self
    }

    /// Takes containers, queues, tables and the identity token from here, in place of the Data Management endpoint.
    #[must_use]
    pub fn with_resource_provider(mut self, resources: Arc<dyn ResourceProvider>) -> Self {
        self.layers.resources = Some(resources);
        self
    }

    /// Fetches resources and the identity token again after this time, in place of an hour. What expires sooner is
    /// fetched sooner.
    #[must_use]
    pub fn with_refresh_interval(mut self, interval: Duration) -> Self {
        self.layers.refresh_interval = Some(interval);
        self
    }

    /// Uploads local sources by this uploader, in queued, managed and direct ingestion. The settings of uploads then
    /// apply only to [`Kusto::engine_uploader`](crate::Kusto::engine_uploader).
    #[must_use]
    pub fn with_uploader(mut self, uploader: Arc<dyn Uploader>) -> Self {
        self.layers.uploader = Some(uploader);
        self
    }

    /// Puts blobs into this store, in place of Azure Storage.
    #[must_use]
    pub fn with_blob_store(mut self, blobs: Arc<dyn BlobStore>) -> Self {
        self.layers.blobs = Some(blobs);
        self
    }

    /// Asks here for the size of blobs of unknown size, in place of Azure Storage.
    #[must_use]
    pub fn with_blob_probe(mut self, probe: Arc<dyn BlobProbe>) -> Self {
        self.layers.probe = Some(probe);
        self
    }

    /// Posts messages to, and reads reports from, this store, in place of Azure Storage.
    #[must_use]
    pub fn with_queue_store(mut self, queues: Arc<dyn QueueStore>) -> Self {
        self.layers.queues = Some(queues);
        self
    }

    /// Keeps the status of ingestions in this store, in place of Azure Storage.
    #[must_use]
    pub fn with_table_store(mut self, tables: Arc<dyn TableStore>) -> Self {
        self.layers.tables = Some(tables);
        self
    }

    /// Opens and reads the status of ingestions here, in place of the service's status table.
    #[must_use]
    pub fn with_status_tracker(mut self, tracker: Arc<dyn StatusTracker>) -> Self {
        self.layers.tracker = Some(tracker);
        self
    }

    /// Decides in managed streaming which way a source goes. All clients of the cluster share it.
    #[must_use]
    pub fn with_managed_policy(mut self, policy: Arc<dyn ManagedStreamingPolicy>) -> Self {
        self.layers.policy = Some(policy);
        self
    }
}
