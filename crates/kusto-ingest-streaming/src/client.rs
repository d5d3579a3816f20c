//! The streaming client: source, one request, answer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_endpoint::StreamingEndpoint;
use kusto_ingest_compression::{Compressor, StreamingLimits};
use kusto_ingest_core::{
    Clock, IngestClient, IngestionProperties, NoRetry, OnUnknownOutcome, Receipt, Result, RetryPolicy,
    Source, span,
};
use tracing::Instrument as _;

/// Ingests through one request to the engine.
///
/// # Errors
/// [`ErrorKind::OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown), carrying the receipt, when a request
/// was sent in full and nobody knows whether it was carried out: its answer was lost, came too late, is none of Kusto's,
/// or leaves it open by its status, such as 408, 500, 502 or 504. After any other error the data was not ingested.
///
/// # Permissions
/// The principal needs to be a Table Ingestor.
///
/// # Cancel safety
/// Dropping the future before the request was sent leaves nothing behind; afterwards the data may still be ingested.
#[doc(alias = "KustoStreamingIngestClient")]
#[derive(Clone, Debug)]
pub struct StreamingIngestClient {
    pub(crate) endpoint: Arc<dyn StreamingEndpoint>,
    pub(crate) compressor: Arc<dyn Compressor>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: StreamingLimits,
    pub(crate) time_limit: Option<Duration>,
    deadline: Option<Duration>,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) on_unknown: OnUnknownOutcome,
}

impl StreamingIngestClient {
    /// A client that makes one attempt.
    #[must_use]
    pub fn new(
        endpoint: Arc<dyn StreamingEndpoint>,
        compressor: Arc<dyn Compressor>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            endpoint,
            compressor,
            clock,
            limits: StreamingLimits::new(),
            time_limit: None,
            deadline: None,
            retry: Arc::new(NoRetry),
            on_unknown: OnUnknownOutcome::default(),
        }
    }

    /// Other limits of the request's size. That on the data is lifted for sources whose properties
    /// [ignore the size limit](IngestionProperties::with_ignore_size_limit); the service has its own.
    #[must_use]
    pub fn with_limits(self, limits: StreamingLimits) -> Self {
        Self { limits, ..self }
    }

    /// How long one request may take; a minute by default.
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        Self {
            time_limit: Some(limit),
            ..self
        }
    }

    /// Limits the whole of [`ingest`](IngestClient::ingest_source), every look-up and attempt included.
    ///
    /// If it ends the call before a request was sent in full, the error is a
    /// [`Timeout`](kusto_ingest_core::ErrorKind::Timeout), and nothing is ingested. Afterwards it is an
    /// [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown) with the receipt.
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        Self {
            deadline: Some(limit),
            ..self
        }
    }

    /// Tries again after transient failures of requests that were certainly not carried out, so that nothing is
    /// ingested twice; with [`OnUnknownOutcome::Retry`], also requests that may have been carried out.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// What to do when nobody knows whether a request was carried out: to report it, which is the default, or to send it
    /// again as the [retry policy](Self::with_retry) allows. The default policy allows no second attempt.
    #[must_use]
    pub fn with_on_unknown_outcome(self, on_unknown: OnUnknownOutcome) -> Self {
        Self { on_unknown, ..self }
    }

    async fn flow(&self, source: &Source, properties: &IngestionProperties) -> Result<Receipt> {
        let deadline = properties.deadline_within(&*self.clock, self.deadline);
        let prepare = self.prepare(source, properties);
        let prepared = match deadline {
            None => prepare.await?,
            Some(end) => end.run(&*self.clock, "read the source", prepare).await?,
        };
        let sent = self
            .send(source.id(), properties, &prepared.request, deadline)
            .await;
        sent.conclude(|state| prepared.receipt(source, properties, state))
    }
}

#[async_trait]
impl IngestClient for StreamingIngestClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let span = span::ingest("streaming", source.id(), properties);
        let done = self.flow(&source, properties).instrument(span).await;
        done.map_err(|error| error.with_source_id(source.id()))
    }
}
