//! Queued ingestion by the protocol that was chosen.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest_core::{
    IngestClient, IngestionProperties, OnUnknownOutcome, Receipt, Result, SendObserver, Source,
};
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_rest::{NegotiatedIngestClient, Protocol, RestIngestClient};

/// Queued ingestion by the [protocol](crate::KustoBuilder::with_protocol) that was chosen: through storage queues, over REST,
/// or as the service prefers.
///
/// # Errors
/// As [`QueuedIngestClient`] or [`RestIngestClient`].
///
/// # Cancel safety
/// As [`QueuedIngestClient`] or [`RestIngestClient`].
#[derive(Clone, Debug)]
pub struct QueuedClient {
    queue: QueuedIngestClient,
    rest: Option<RestIngestClient>,
    protocol: Protocol,
    chosen: Arc<dyn IngestClient>,
}

impl QueuedClient {
    pub(crate) fn new(queue: QueuedIngestClient, rest: Option<RestIngestClient>, protocol: Protocol) -> Self {
        let chosen: Arc<dyn IngestClient> = match (protocol, &rest) {
            (Protocol::Rest, Some(rest)) => Arc::new(rest.clone()),
            (Protocol::Auto, Some(rest)) => {
                Arc::new(NegotiatedIngestClient::new(Arc::new(queue.clone()), rest.clone()))
            }
            _ => Arc::new(queue.clone()),
        };
        Self {
            queue,
            rest,
            protocol,
            chosen,
        }
    }

    /// Another protocol.
    #[must_use]
    pub fn with_protocol(self, protocol: Protocol) -> Self {
        Self::new(self.queue, self.rest, protocol)
    }

    /// What to do when nobody knows whether a source was taken.
    #[must_use]
    pub fn with_on_unknown_outcome(self, choice: OnUnknownOutcome) -> Self {
        let rest = self.rest.map(|rest| rest.with_on_unknown_outcome(choice));
        Self::new(self.queue.with_on_unknown_outcome(choice), rest, self.protocol)
    }

    /// Limits the whole of [`ingest`](IngestClient::ingest_source), every look-up included.
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        let rest = self.rest.map(|rest| rest.with_deadline(limit));
        Self::new(self.queue.with_deadline(limit), rest, self.protocol)
    }

    /// Tells of each source right before a message or request may name it, such as to a journal. Of two ways it could only be
    /// told twice: with [`Protocol::Auto`], sources go through storage queues then.
    #[must_use]
    pub fn with_send_observer(self, observer: Arc<dyn SendObserver>) -> Self {
        let rest = self.rest.map(|rest| rest.with_send_observer(observer.clone()));
        let protocol = match self.protocol {
            Protocol::Rest => Protocol::Rest,
            _ => Protocol::Queue,
        };
        Self::new(self.queue.with_send_observer(observer), rest, protocol)
    }

    /// The client through storage queues, whatever the protocol.
    #[must_use]
    pub fn by_queue(&self) -> &QueuedIngestClient {
        &self.queue
    }

    /// The client over REST, whatever the protocol; `None` where there is nobody to ask.
    #[must_use]
    pub fn by_rest(&self) -> Option<&RestIngestClient> {
        self.rest.as_ref()
    }
}

#[async_trait]
impl IngestClient for QueuedClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        self.chosen.ingest_source(source, properties).await
    }
}
