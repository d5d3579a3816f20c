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
    is_observed: bool,
    chosen: Arc<dyn IngestClient>,
}

impl QueuedClient {
    pub(crate) fn new(queue: QueuedIngestClient, rest: Option<RestIngestClient>, protocol: Protocol) -> Self {
        let chosen = Arc::new(queue.clone());
        let is_observed = false;
        Self {
            queue,
            rest,
            protocol,
            is_observed,
            chosen,
        }
        .choose()
    }

    /// Another protocol.
    #[must_use]
    pub fn with_protocol(self, protocol: Protocol) -> Self {
        Self { protocol, ..self }.choose()
    }

    /// What to do when nobody knows whether a source was taken.
    #[must_use]
    pub fn with_on_unknown_outcome(self, choice: OnUnknownOutcome) -> Self {
        self.with_each(
            |queue| queue.with_on_unknown_outcome(choice),
            |rest| rest.with_on_unknown_outcome(choice),
        )
    }

    /// Limits the whole of [`ingest`](IngestClient::ingest_source), every look-up included.
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        self.with_each(
            |queue| queue.with_deadline(limit),
            |rest| rest.with_deadline(limit),
        )
    }

    /// Tells of each source right before a message or request may name it, such as to a journal. Of two ways it could only be
    /// told twice: with [`Protocol::Auto`], chosen before or afterwards, sources go through storage queues then.
    #[must_use]
    pub fn with_send_observer(self, observer: Arc<dyn SendObserver>) -> Self {
        let observed = Self {
            is_observed: true,
            ..self
        };
        let other = Arc::clone(&observer);
        observed.with_each(
            |queue| queue.with_send_observer(observer),
            |rest| rest.with_send_observer(other),
        )
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

    fn with_each(
        self,
        queue: impl FnOnce(QueuedIngestClient) -> QueuedIngestClient,
        rest: impl FnOnce(RestIngestClient) -> RestIngestClient,
    ) -> Self {
        Self {
            queue: queue(self.queue),
            rest: self.rest.map(rest),
            ..self
        }
        .choose()
    }

    /// Chooses anew, after a change.
    fn choose(self) -> Self {
        let chosen: Arc<dyn IngestClient> = match (self.protocol, &self.rest) {
            (Protocol::Rest, Some(rest)) => Arc::new(rest.clone()),
            (Protocol::Auto, Some(rest)) if !self.is_observed => Arc::new(NegotiatedIngestClient::new(
                Arc::new(self.queue.clone()),
                rest.clone(),
            )),
            _ => Arc::new(self.queue.clone()),
        };
        Self { chosen, ..self }
    }
}

#[async_trait]
impl IngestClient for QueuedClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        self.chosen.ingest_source(source, properties).await
    }
}
