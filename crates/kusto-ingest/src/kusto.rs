//! One cluster, and every way into it.

mod ask;
mod following;
mod layers;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_compression::StreamingLimits;
use kusto_ingest_core::{ClientDetails, OnUnknownOutcome, Outage, RetryPolicy};
use kusto_ingest_direct::{DirectIngestClient, StreamingSchemaCache};
use kusto_ingest_managed::{ManagedStreamingIngestClient, ManagedStreamingPolicy};
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_resources::ResourceProvider;
use kusto_ingest_rest::{Protocol, RestIngestClient};
use kusto_ingest_status::{Notifications, StatusRouter, StatusTracker};
use kusto_ingest_streaming::StreamingIngestClient;
use kusto_ingest_upload::Uploader;
use kusto_storage::{BlobProbe, BlobStore, QueueStore, TableStore};

use crate::queued::QueuedClient;
use crate::wire::Wire;

/// One cluster, and every way into it.
///
/// Make one for each cluster and keep it: it holds the connections, what Kusto issued, and how the storage accounts
/// did lately. Clones share all of it.
#[doc(alias("KustoIngestFactory", "KustoClientFactory", "IngestClientFactory"))]
#[derive(Clone)]
pub struct Kusto {
    pub(crate) wire: Wire,
    pub(crate) resources: Arc<dyn ResourceProvider>,
    pub(crate) queues: Arc<dyn QueueStore>,
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) tables: Arc<dyn TableStore>,
    pub(crate) uploader: Arc<dyn Uploader>,
    pub(crate) engine_uploader: Arc<dyn Uploader>,
    pub(crate) probe: Option<Arc<dyn BlobProbe>>,
    pub(crate) tracker: Arc<dyn StatusTracker>,
    pub(crate) policy: Arc<dyn ManagedStreamingPolicy>,
    pub(crate) details: ClientDetails,
    pub(crate) deadline: Option<Duration>,
    /// How long no queue has answered: all queued clients of the cluster give up together.
    pub(crate) post_outage: Outage,
    pub(crate) streaming_limit: Option<Duration>,
    pub(crate) probe_limit: Option<Duration>,
    pub(crate) post_retry: Option<Arc<dyn RetryPolicy>>,
    pub(crate) streaming_retry: Option<Arc<dyn RetryPolicy>>,
    pub(crate) direct_retry: Option<Arc<dyn RetryPolicy>>,
    pub(crate) on_unknown: Option<OnUnknownOutcome>,
    /// Absent where there is nobody to ask over REST.
    pub(crate) rest: Option<RestIngestClient>,
    pub(crate) protocol: Protocol,
}

impl Kusto {
    /// Queued ingestion: the production way. It goes by the [protocol](crate::KustoBuilder::with_protocol) that was chosen.
    #[doc(alias = "CreateQueuedIngestClient")]
    #[must_use]
    pub fn queued(&self) -> QueuedClient {
        QueuedClient::new(self.by_queue(), self.rest.clone(), self.protocol)
    }

    /// Queued ingestion through storage queues, whatever the protocol.
    fn by_queue(&self) -> QueuedIngestClient {
        let client = QueuedIngestClient::new(
            self.resources.clone(),
            self.uploader.clone(),
            self.queues.clone(),
            self.wire.clock.clone(),
        )
        .with_status(self.tracker.clone())
        .with_tracing(self.details.clone())
        .with_outage(self.post_outage.clone())
        .with_on_unknown_outcome(self.on_unknown.unwrap_or_default());
        let client = match &self.probe {
            Some(probe) => client.with_blob_probe(probe.clone()),
            None => client,
        };
        let client = match self.probe_limit {
            Some(limit) => client.with_probe_limit(limit),
            None => client,
        };
        let client = match &self.post_retry {
            Some(policy) => client.with_post_retry(policy.clone()),
            None => client,
        };
        match self.deadline {
            Some(limit) => client.with_deadline(limit),
            None => client,
        }
    }

    /// Gives the client over REST the settings that the one through queues has, once: all copies of it share requests, and
    /// what is known of the service.
    pub(crate) fn with_rest_settings(mut self) -> Self {
        let Some(client) = self.rest.take() else {
            return self;
        };
        let client = client.with_on_unknown_outcome(self.on_unknown.unwrap_or_default());
        let client = match &self.probe {
            Some(probe) => client.with_blob_probe(probe.clone()),
            None => client,
        };
        let client = match self.probe_limit {
            Some(limit) => client.with_probe_limit(limit),
            None => client,
        };
        let client = match &self.post_retry {
            Some(policy) => client.with_post_retry(policy.clone()),
            None => client,
        };
        self.rest = Some(match self.deadline {
            Some(limit) => client.with_deadline(limit),
            None => client,
        });
        self
    }

    /// Streaming ingestion: one request, rows that can be queried within seconds, and a few megabytes at most.
    #[doc(alias("CreateStreamingIngestClient", "NewStreaming"))]
    #[must_use]
    pub fn streaming(&self) -> StreamingIngestClient {
        let client = self.one_request();
        match &self.streaming_retry {
            Some(policy) => client.with_retry(policy.clone()),
            None => client,
        }
    }

    /// A streaming client that makes one attempt, whatever the settings: managed streaming makes more by itself.
    fn one_request(&self) -> StreamingIngestClient {
        let client = StreamingIngestClient::new(
            self.wire.endpoints.streaming.clone(),
            self.wire.compressor.clone(),
            self.wire.clock.clone(),
        )
        .with_on_unknown_outcome(self.on_unknown.unwrap_or_default());
        let client = match self.streaming_limit {
            Some(limit) => client.with_time_limit(limit),
            None => client,
        };
        match self.deadline {
            Some(limit) => client.with_deadline(limit),
            None => client,
        }
    }

    /// Managed streaming: streaming first, and the queue where streaming will not do.
    ///
    /// All such clients of one cluster remember together how each table did.
    #[doc(alias("CreateManagedStreamingIngestClient", "NewManaged"))]
    #[must_use]
    pub fn managed(&self) -> ManagedStreamingIngestClient {
        self.managed_with_limits(StreamingLimits::new())
    }

    /// As [`managed`](Self::managed), with other limits of what is streamed.
    #[must_use]
    pub fn managed_with_limits(&self, limits: StreamingLimits) -> ManagedStreamingIngestClient {
        let streaming = Arc::new(self.one_request().with_limits(limits));
        let queued = Arc::new(self.queued());
        let (compressor, clock) = (self.wire.compressor.clone(), self.wire.clock.clone());
        let client = ManagedStreamingIngestClient::new(streaming, queued, compressor, clock)
            .with_policy(self.policy.clone())
            .with_limits(limits);
        let client = match self.on_unknown {
            Some(choice) => client.with_on_unknown_outcome(choice),
            None => client,
        };
        match self.deadline {
            Some(limit) => client.with_deadline(limit),
            None => client,
        }
    }

    /// Direct ingestion by the engine's own commands: for tests and exploration, not for production.
    #[must_use]
    pub fn direct(&self) -> DirectIngestClient {
        let engine = self.wire.endpoints.engine.clone();
        let client = DirectIngestClient::new(engine, self.wire.clock.clone())
            .with_uploader(self.uploader.clone())
            .with_on_unknown_outcome(self.on_unknown.unwrap_or_default());
        match &self.direct_retry {
            Some(policy) => client.with_retry(policy.clone()),
            None => client,
        }
    }

    /// The engine's cache of schemas for streaming ingestion, to be cleared after a change of a table.
    #[must_use]
    pub fn streaming_schema_cache(&self) -> StreamingSchemaCache {
        StreamingSchemaCache::new(self.wire.endpoints.engine.clone())
    }

    /// The queues by which the service reports to all clients of the cluster.
    #[must_use]
    pub fn report_queues(&self) -> Notifications {
        Notifications::new(self.queues.clone(), self.resources.clone())
    }

    /// A router that reads the same queues for the outcome of ingestions, and removes nothing that is for other
    /// clients.
    ///
    /// Keep one router: it looks for all sources that it watches.
    #[must_use]
    pub fn status_router(&self) -> StatusRouter {
        StatusRouter::new(
            self.queues.clone(),
            self.resources.clone(),
            self.wire.clock.clone(),
        )
    }
}

impl fmt::Debug for Kusto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kusto")
            .field("engine", &self.wire.addresses.engine.as_str())
            .field("ingestion", &self.wire.addresses.ingestion.as_str())
            .finish_non_exhaustive()
    }
}
