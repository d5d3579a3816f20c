//! The queued walk: source, blob, status row, message, queue.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest_core::{
    BlobSource, Clock, DataFormat, Error, ErrorKind, ExponentialRetry, IngestClient, IngestionProperties,
    OnUnknownOutcome, Outage, Receipt, ReceiptState, Result, RetryPolicy, Source, StatusLocator, within,
};
use kusto_ingest_message::{ClientDetails, IngestionMessage};
use kusto_ingest_resources::ResourceProvider;
use kusto_ingest_status::{Opened, StatusTracker};
use kusto_ingest_upload::{BlobNaming, Uploader};
use kusto_storage::{BlobProbe, QueueStore};

use crate::opening::opening;
use crate::post::Post;
use crate::size::measured;
use crate::source::{assumed_csv, chunk_of, refuse_empty};

/// How long a blob is asked for its size. That is a courtesy to the service, and not worth more.
const PROBE_LIMIT: Duration = Duration::from_secs(3);

/// Ingests through the Data Management service: the data goes into a blob, a message about it into a queue.
///
/// The call ends when a queue took the message. What becomes of it is told by the status table, where the
/// properties ask for it ([`IngestionProperties::reporting`]) and the client has a tracker.
///
/// Order is the contract: the blob is complete and its length proven before a message names it, the status row
/// exists before the message does, and nothing is posted twice unless the caller asked for it.
#[doc(alias = "KustoQueuedIngestClient")]
#[derive(Clone, Debug)]
pub struct QueuedIngestClient {
    resources: Arc<dyn ResourceProvider>,
    uploader: Arc<dyn Uploader>,
    queues: Arc<dyn QueueStore>,
    clock: Arc<dyn Clock>,
    tracker: Option<Arc<dyn StatusTracker>>,
    probe: Option<Arc<dyn BlobProbe>>,
    probe_limit: Duration,
    retry: Arc<dyn RetryPolicy>,
    outage: Outage,
    ambiguity: OnUnknownOutcome,
    details: ClientDetails,
    deadline: Option<Duration>,
}

impl QueuedIngestClient {
    /// A client without status tracking, which makes up to three attempts at a post.
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
            ambiguity: OnUnknownOutcome::default(),
            details: ClientDetails::this_library(),
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

    /// Asks how large a blob is whose size the caller did not give, where that [can be
    /// asked](kusto_storage::may_be_measured). A size that is not known costs the service its batching, so this is worth
    /// a request; when it fails, or is not answered [in time](Self::with_probe_limit), the blob is ingested without.
    #[must_use]
    pub fn with_blob_probe(self, probe: Arc<dyn BlobProbe>) -> Self {
        Self {
            probe: Some(probe),
            ..self
        }
    }

    /// How long a blob is asked for its size: 3 s unless it is said otherwise, and never longer than a quarter of the
    /// [deadline](Self::with_deadline). It may be in a place that only the cluster reaches.
    #[must_use]
    pub fn with_probe_limit(self, limit: Duration) -> Self {
        Self {
            probe_limit: limit,
            ..self
        }
    }

    /// Another policy for posting again.
    #[doc(alias = "QueueRetryPolicy")]
    #[must_use]
    pub fn with_post_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// What to do when nobody knows whether a message arrived.
    #[must_use]
    pub fn with_on_unknown_outcome(self, ambiguity: OnUnknownOutcome) -> Self {
        Self { ambiguity, ..self }
    }

    /// Names the program that ingests, for the service's own tracing.
    #[must_use]
    pub fn with_tracing(self, details: ClientDetails) -> Self {
        Self { details, ..self }
    }

    /// Limits everything before the post. The post itself has the limits of a call, because giving up in the
    /// middle of it would leave the outcome unknown.
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        Self {
            deadline: Some(limit),
            ..self
        }
    }

    /// Everything before the post: whatever fails here leaves nothing behind that would be ingested.
    async fn prepare(&self, source: Source, properties: &IngestionProperties) -> Result<Prepared> {
        let format = properties
            .format_for(&source)?
            .unwrap_or_else(|| assumed_csv(&source));
        properties.check(format)?;
        refuse_empty(&source)?;
        let token = self.resources.identity_token().await?;
        IngestionMessage::check_before_upload(properties, format, &token)?;
        // Without a queue the upload would be in vain.
        self.resources.resources().await?.queues()?;
        let chunk = chunk_of(&source);
        let (blob, sent_bytes) = self.place(source, properties, format).await?;
        let message =
            IngestionMessage::new(&blob, properties, format, token).with_tracing(self.details.clone());
        let Some(status) = self.open_status(&blob, chunk, properties).await? else {
            let text = message.encode(self.clock.now())?;
            return Ok(Prepared {
                blob,
                sent_bytes,
                status: None,
                text,
            });
        };
        match message
            .with_status(status.location.clone())
            .encode(self.clock.now())
        {
            Ok(text) => Ok(Prepared {
                blob,
                sent_bytes,
                status: Some(status),
                text,
            }),
            Err(error) => Err(self.abandoned(Some(&status.locator), error).await),
        }
    }

    /// Brings local data into a blob; a blob stays where it is.
    async fn place(
        &self,
        source: Source,
        properties: &IngestionProperties,
        format: DataFormat,
    ) -> Result<(BlobSource, Option<u64>)> {
        let local = match source {
            Source::Blob(blob) => return Ok((self.measured(blob).await?, None)),
            Source::Local(local) => local,
        };
        let uploaded = self
            .uploader
            .upload(&local, &BlobNaming::new(properties, format))
            .await?;
        let blob = BlobSource::new(uploaded.blob)
            .with_id(local.id())
            .with_raw_size(uploaded.raw_bytes.unwrap_or(0));
        Ok((blob, Some(uploaded.sent_bytes)))
    }

    /// A blob with its size, if it can be learned.
    async fn measured(&self, blob: BlobSource) -> Result<BlobSource> {
        let Some(probe) = self.probe.as_deref().filter(|_| blob.raw_size().is_none()) else {
            return Ok(blob);
        };
        let share = self.deadline.map_or(self.probe_limit, |deadline| deadline / 4);
        measured(probe, &*self.clock, share.min(self.probe_limit), blob).await
    }

    /// The record must exist before the message does: ingestion can finish before the post returns.
    async fn open_status(
        &self,
        blob: &BlobSource,
        chunk: Option<u32>,
        properties: &IngestionProperties,
    ) -> Result<Option<Opened>> {
        match &self.tracker {
            Some(tracker) if properties.reports_to_table() => {
                let opening = opening(chunk, properties, blob);
                tracker.open(blob.id(), &opening).await.map(Some)
            }
            None if properties.reports_to_table() => {
                Err(Error::new(ErrorKind::InvalidInput, "report to the status table")
                    .because("this client has no status tracker; give it one, or report to the queue"))
            }
            _ => Ok(None),
        }
    }

    /// Marks the row of an ingestion that will not happen, as far as that works, and gives the error back.
    async fn abandoned(&self, row: Option<&StatusLocator>, error: Error) -> Error {
        if let (Some(tracker), Some(row)) = (&self.tracker, row)
            && let Err(failure) = tracker.abandon(row, &error).await
        {
            tracing::warn!(error = %failure.chain(), "a status row stays Pending, though its ingestion was given up");
        }
        error
    }
}

/// Everything that the post needs, and the receipt after it.
struct Prepared {
    blob: BlobSource,
    sent_bytes: Option<u64>,
    status: Option<Opened>,
    text: String,
}

#[async_trait]
impl IngestClient for QueuedIngestClient {
    async fn ingest(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        let about = |error: Error| error.with_source_id(id);
        let prepared = match self.deadline {
            None => self.prepare(source, properties).await,
            Some(limit) => {
                within(
                    &*self.clock,
                    limit,
                    "queue the source",
                    self.prepare(source, properties),
                )
                .await
            }
        }
        .map_err(about)?;

        let post = Post {
            resources: &*self.resources,
            queues: &*self.queues,
            retry: &*self.retry,
            clock: &self.clock,
            outage: &self.outage,
            preferred: None,
            ambiguity: self.ambiguity,
        };
        let locator = prepared.status.as_ref().map(|status| status.locator.clone());
        let state = match (post.message(&prepared.text, id).await, locator) {
            (Ok(()), None) => ReceiptState::Queued,
            (Ok(()), Some(locator)) => ReceiptState::Tracked(locator),
            (Err(error), status) if error.kind() == ErrorKind::OutcomeUnknown => ReceiptState::Unknown {
                status,
                reason: error.chain(),
            },
            (Err(error), status) => return Err(about(self.abandoned(status.as_ref(), error).await)),
        };
        Ok(
            Receipt::new(id, properties.database.clone(), properties.table.clone(), state)
                .with_sizes(prepared.blob.raw_size(), prepared.sent_bytes)
                .with_blob(prepared.blob.uri().redacted()),
        )
    }
}
