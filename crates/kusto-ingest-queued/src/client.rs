//! The queued client: source, blob, status row, message, queue.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest_core::{
    ClientDetails, Clock, DataFormat, ErrorKind, ExponentialRetry, IngestClient, IngestionProperties,
    OnUnknownOutcome, Outage, Receipt, ReceiptState, Result, RetryPolicy, SendObserver, Source,
    drive_refresh, span,
};
use kusto_ingest_resources::ResourceProvider;
use kusto_ingest_status::StatusTracker;
use kusto_ingest_upload::Uploader;
use kusto_ingest_upload::internal::{PROBE_LIMIT, checked_format};
use kusto_storage::{BlobProbe, QueueStore};
use tracing::Instrument as _;

/// Ingests through the Data Management service: the data goes into a blob, a message about it into a queue.
///
/// The call ends when a queue took the message. What becomes of it is told by the status table, where the
/// properties ask for it ([`IngestionProperties::with_reporting`]) and the client has a tracker.
///
/// Order is the contract: the blob is complete and its length proven before a message names it, the status row
/// exists before the message does, and nothing is posted twice unless the caller asked for it.
///
/// # Errors
/// An error of kind [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) carries the receipt: the message was sent, and nobody
/// knows whether the queue has it. After any other error nothing is queued.
///
/// # Cancel safety
/// Dropping the future ends everything. A message that was being put may be in the queue all the same.
#[doc(alias = "KustoQueuedIngestClient")]
#[derive(Clone, Debug)]
pub struct QueuedIngestClient {
    pub(crate) resources: Arc<dyn ResourceProvider>,
    pub(crate) uploader: Arc<dyn Uploader>,
    pub(crate) queues: Arc<dyn QueueStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tracker: Option<Arc<dyn StatusTracker>>,
    pub(crate) probe: Option<Arc<dyn BlobProbe>>,
    pub(crate) probe_limit: Duration,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) outage: Outage,
    pub(crate) on_unknown: OnUnknownOutcome,
    pub(crate) details: ClientDetails,
    observer: Option<Arc<dyn SendObserver>>,
    deadline: Option<Duration>,
}

impl QueuedIngestClient {
    /// A client without status tracking, which tries to post a message for up to a minute.
    #[must_use]
    pub fn new(
        resources: Arc<dyn ResourceProvider>,
        uploader: Arc<dyn Uploader>,
        queues: Arc<dyn QueueStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            resources,
            uploader,
            queues,
            clock,
            tracker: None,
            probe: None,
            probe_limit: PROBE_LIMIT,
            retry: Arc::new(ExponentialRetry::default()),
            outage: Outage::new(),
            on_unknown: OnUnknownOutcome::default(),
            details: ClientDetails::this_library(),
            observer: None,
            deadline: None,
        }
    }

    /// Opens status rows for ingestions that report to the table.
    #[must_use]
    pub fn with_status(self, tracker: Arc<dyn StatusTracker>) -> Self {
        Self {
            tracker: Some(tracker),
            ..self
        }
    }

    /// Asks for the size of a blob that the caller did not give, where [its address opens
    /// it](kusto_storage::is_probeable). The service batches by size, so this is worth a request. When the request
    /// fails, or is not answered [in time](Self::with_probe_limit), the blob is ingested without a size.
    #[must_use]
    pub fn with_blob_probe(self, probe: Arc<dyn BlobProbe>) -> Self {
        Self {
            probe: Some(probe),
            ..self
        }
    }

    /// How long the look for the size of a blob may take: 3 s by default, and never longer than a quarter of the
    /// [deadline](Self::with_deadline). The blob may be in a place that only the cluster reaches.
    #[must_use]
    pub fn with_probe_limit(self, limit: Duration) -> Self {
        Self {
            probe_limit: limit,
            ..self
        }
    }

    /// Another policy for posting again. A round over all queues is one attempt.
    #[doc(alias = "QueueRetryPolicy")]
    #[must_use]
    pub fn with_post_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// Shares with other clients how long no queue has answered, so that they give up together.
    #[must_use]
    pub fn with_outage(self, outage: Outage) -> Self {
        Self { outage, ..self }
    }

    /// What to do when nobody knows whether a message arrived.
    #[must_use]
    pub fn with_on_unknown_outcome(self, choice: OnUnknownOutcome) -> Self {
        Self {
            on_unknown: choice,
            ..self
        }
    }

    /// Names the program that ingests, for the service's own tracing.
    #[must_use]
    pub fn with_tracing(self, details: ClientDetails) -> Self {
        Self { details, ..self }
    }

    /// Tells of each message right before its first put, such as to a journal. Where that fails, nothing is put.
    #[must_use]
    pub fn with_send_observer(self, observer: Arc<dyn SendObserver>) -> Self {
        Self {
            observer: Some(observer),
            ..self
        }
    }

    /// Limits the whole of [`ingest`](IngestClient::ingest_source), every look-up included.
    ///
    /// If it ends the call before a put of the message has begun, the error is a [`Timeout`](ErrorKind::Timeout), and
    /// nothing is queued. Afterwards it is an [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) with the receipt.
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        Self {
            deadline: Some(limit),
            ..self
        }
    }

    async fn flow(
        &self,
        source: Source,
        properties: &IngestionProperties,
        format: DataFormat,
    ) -> Result<Receipt> {
        let deadline = properties.deadline_within(&*self.clock, self.deadline);
        let id = source.id();
        let prepared = self.prepare(source, properties, format, deadline).await?;
        let receipt = |state| {
            let receipt = Receipt::new(id, properties.database.clone(), properties.table.clone(), state);
            prepared
                .sent
                .note_in(receipt, prepared.blob.raw_size())
                .with_blob(prepared.blob.uri().redacted())
        };
        let locator = prepared.status.map(|status| status.locator);
        if let Some(observer) = &self.observer {
            let state = ReceiptState::Unknown {
                status: locator.clone(),
                reason: "its message was about to be put on a queue".to_owned(),
            };
            let intent = receipt(state);
            let told = observer.before_send(&intent);
            let told = match deadline {
                None => told.await,
                Some(end) => end.run(&*self.clock, "tell that the message is put", told).await,
            };
            if let Err(error) = told {
                return Err(self.abandoned(locator.as_ref(), deadline, error).await);
            }
        }
        let sent = self.send(&prepared.text, id, prepared.blob.uri(), deadline).await;
        match sent.conclude(locator.clone(), receipt) {
            Err(error) if error.kind() != ErrorKind::OutcomeUnknown => {
                Err(self.abandoned(locator.as_ref(), deadline, error).await)
            }
            outcome => outcome,
        }
    }
}

#[async_trait]
impl IngestClient for QueuedIngestClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        let done = match checked_format(&source, properties) {
            Ok(format) => {
                // Pinned here, it is kept once: each future that it is handed to would keep it anew.
                let flow = pin!(self.flow(source, properties, format));
                drive_refresh(&*self.clock, self.resources.refresh(), flow)
                    .instrument(span::ingest("queued", id, properties))
                    .await
            }
            Err(error) => Err(error),
        };
        done.map_err(|error| error.with_source_id(id))
    }
}
