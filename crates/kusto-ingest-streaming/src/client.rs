//! The streaming flow: source, one request, answer.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_endpoint::{StreamingEndpoint, StreamingOutcome, StreamingRequest};
use kusto_ingest_compression::{Compressor, StreamingLimits};
use kusto_ingest_core::{
    AmbiguousSends, Clock, Deadline, Error, ErrorKind, IngestClient, IngestionProperties, NoRetry,
    OnUnknownOutcome, Receipt, ReceiptState, Result, Retry, RetryPolicy, Source, within,
};

use crate::preparation::Preparation;

/// How much later than its request's own limit a call is given up: whoever sent the request knows better what was sent.
const GRACE: Duration = Duration::from_secs(1);

/// Ingests through one request to the engine.
///
/// # Errors
/// [`ErrorKind::OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown), carrying the receipt, when a request was sent in full and nobody knows whether it was
/// carried out: its answer was lost, came too late, or leaves it open by its status, such as 408, 500, 502 or 504. After
/// any other error the data was not ingested.
///
/// # Permissions
/// The principal needs to be a Table Ingestor.
///
/// # Cancel safety
/// Dropping the future before the request was sent leaves nothing behind; afterwards the data may still be ingested.
#[doc(alias = "KustoStreamingIngestClient")]
#[derive(Clone, Debug)]
pub struct StreamingIngestClient {
    endpoint: Arc<dyn StreamingEndpoint>,
    compressor: Arc<dyn Compressor>,
    clock: Arc<dyn Clock>,
    limits: StreamingLimits,
    time_limit: Option<Duration>,
    deadline: Option<Duration>,
    retry: Arc<dyn RetryPolicy>,
    on_unknown: OnUnknownOutcome,
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
    /// [ignore the size limit](IngestionProperties::ignoring_size_limit); the service has its own.
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

    /// Limits the whole of [`ingest`](IngestClient::ingest), every look-up and attempt included.
    ///
    /// What ends by it before a request was sent in full is a [`Timeout`](ErrorKind::Timeout), and nothing is ingested.
    /// Afterwards it is an [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) with the receipt.
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        Self {
            deadline: Some(limit),
            ..self
        }
    }

    /// Tries again what failed in passing and was certainly not carried out, so that nothing is ingested twice; and with
    /// [`OnUnknownOutcome::Retry`] also what may have been.
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

    /// Sends a request until it is taken, or there is to be no other attempt, and counts.
    async fn send(
        &self,
        properties: &IngestionProperties,
        request: &StreamingRequest,
        deadline: Option<Deadline>,
        random: u64,
    ) -> (Result<StreamingOutcome>, AmbiguousSends) {
        let retry = Retry::new(&*self.retry, &*self.clock, random).with_deadline(deadline);
        let mut sends = retry.start_sends(self.on_unknown);
        loop {
            let ended = match self.send_once(properties, request, deadline).await {
                Ok(outcome) => Ok(outcome),
                Err(error) => match sends.wait(error).await {
                    Ok(()) => continue,
                    Err(error) => Err(error),
                },
            };
            return (ended, sends.ambiguous());
        }
    }
}

impl StreamingIngestClient {
    /// One request, which ends by the deadline.
    async fn send_once(
        &self,
        properties: &IngestionProperties,
        request: &StreamingRequest,
        deadline: Option<Deadline>,
    ) -> Result<StreamingOutcome> {
        let (database, table) = (&properties.database, &properties.table);
        let Some(deadline) = deadline else {
            return self.endpoint.ingest(database, table, request).await;
        };
        let left = deadline.remaining(&*self.clock);
        if left.is_zero() {
            return deadline.run(&*self.clock, "stream the source", pending()).await;
        }
        let request = request.clone().with_time_limit(request.time_limit.min(left));
        let sent = async { Ok(self.endpoint.ingest(database, table, &request).await) };
        within(
            &*self.clock,
            left.saturating_add(GRACE),
            "stream the source",
            sent,
        )
        .await
        .unwrap_or_else(|late| {
            // Whatever it was that took so long, the request may have been sent.
            let unknown = Error::new(ErrorKind::OutcomeUnknown, "stream the source");
            Err(unknown.because("it did not end in time").caused_by(late))
        })
    }
}

#[async_trait]
impl IngestClient for StreamingIngestClient {
    async fn ingest(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        let about = |error: Error| error.with_source_id(id);
        let preparation = Preparation {
            limits: self.limits,
            time_limit: self.time_limit,
            compressor: &*self.compressor,
        };
        let deadline = properties.deadline_within(&*self.clock, self.deadline);
        let prepare = preparation.of(&source, properties);
        let prepared = match deadline {
            None => prepare.await,
            Some(end) => end.run(&*self.clock, "read the source", prepare).await,
        };
        let prepared = prepared.map_err(about)?;
        let receipt = |state| {
            let (database, table) = (properties.database.clone(), properties.table.clone());
            let receipt =
                Receipt::new(id, database, table, state).with_sizes(prepared.raw_bytes, prepared.sent_bytes);
            match &source {
                Source::Local(_) => receipt,
                Source::Blob(blob) => receipt.with_blob(blob.uri().redacted()),
            }
        };
        let (_, random) = id.as_uuid().as_u64_pair();
        let (sent, ambiguous) = self.send(properties, &prepared.request, deadline, random).await;
        let taken = sent.map(|outcome| {
            let (records, activity) = (outcome.consumed_records, outcome.activity_id);
            tracing::debug!(source = %id, ?records, ?activity, "streamed");
            receipt(ReceiptState::Streamed)
        });
        ambiguous.conclude(taken, receipt).map_err(about)
    }
}
