//! The layers of a cluster, handed out for clients that a program assembles.

use std::sync::Arc;

use azure_core::http::Transport;
use kusto_endpoint::{ManagementEndpoint, QueryEndpoint, StreamingEndpoint};
use kusto_ingest_compression::Compressor;
use kusto_ingest_core::{ClientDetails, Clock};
use kusto_ingest_managed::ManagedStreamingPolicy;
use kusto_ingest_resources::ResourceProvider;
use kusto_ingest_status::StatusTracker;
use kusto_ingest_upload::Uploader;
use kusto_storage::{BlobProbe, BlobStore, QueueStore, TableStore};

use super::Kusto;

/// The layers that its clients stand on, for clients of a program's own making.
impl Kusto {
    /// Management commands to the Data Management service.
    #[must_use]
    pub fn data_management(&self) -> Arc<dyn ManagementEndpoint> {
        self.wire.endpoints.data_management.clone()
    }

    /// Management commands to the engine.
    #[must_use]
    pub fn engine_endpoint(&self) -> Arc<dyn ManagementEndpoint> {
        self.wire.endpoints.engine.clone()
    }

    /// Queries to the engine.
    #[must_use]
    pub fn query_endpoint(&self) -> Arc<dyn QueryEndpoint> {
        self.wire.endpoints.query.clone()
    }

    /// Streaming ingestion into the engine, one request a call.
    #[must_use]
    pub fn streaming_endpoint(&self) -> Arc<dyn StreamingEndpoint> {
        self.wire.endpoints.streaming.clone()
    }

    /// What Kusto issues right now.
    #[must_use]
    pub fn resources(&self) -> Arc<dyn ResourceProvider> {
        self.resources.clone()
    }

    /// The uploader of local sources.
    #[must_use]
    pub fn uploader(&self) -> Arc<dyn Uploader> {
        self.uploader.clone()
    }

    /// Uploads into a container that the engine itself issues (`.create tempstorage`): for direct ingestion that is not to
    /// ask the Data Management service for anything.
    ///
    /// ```
    /// # use kusto_ingest::Kusto;
    /// let kusto = Kusto::connect("http://localhost:8080")?;
    /// let direct = kusto.direct().with_uploader(kusto.engine_uploader());
    /// # Ok::<(), kusto_ingest::Error>(())
    /// ```
    #[must_use]
    pub fn engine_uploader(&self) -> Arc<dyn Uploader> {
        self.engine_uploader.clone()
    }

    /// The store of blobs.
    #[must_use]
    pub fn blob_store(&self) -> Arc<dyn BlobStore> {
        self.blobs.clone()
    }

    /// The probe of blob sizes; `None` after [`without_blob_probe`](crate::KustoBuilder::without_blob_probe).
    #[must_use]
    pub fn blob_probe(&self) -> Option<Arc<dyn BlobProbe>> {
        self.probe.clone()
    }

    /// The store of queues: messages are posted there, and reports are read.
    #[must_use]
    pub fn queue_store(&self) -> Arc<dyn QueueStore> {
        self.queues.clone()
    }

    /// The store of tables: the status of ingestions is kept there.
    #[must_use]
    pub fn table_store(&self) -> Arc<dyn TableStore> {
        self.tables.clone()
    }

    /// Reads the status of ingestions that report to the status table, also those of another process.
    #[must_use]
    pub fn status(&self) -> Arc<dyn StatusTracker> {
        self.tracker.clone()
    }

    /// The compressor.
    #[must_use]
    pub fn compressor(&self) -> Arc<dyn Compressor> {
        self.wire.compressor.clone()
    }

    /// The policy of managed streaming, which remembers how each table did.
    #[must_use]
    pub fn managed_policy(&self) -> Arc<dyn ManagedStreamingPolicy> {
        self.policy.clone()
    }

    /// The HTTP transport of every leg, for other clients of the Azure SDK.
    #[must_use]
    pub fn http_transport(&self) -> Transport {
        self.wire.transport.clone()
    }

    /// The client details that the service's logs show.
    #[must_use]
    pub fn client_details(&self) -> &ClientDetails {
        &self.details
    }

    /// The clock of all layers.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.wire.clock.clone()
    }
}
