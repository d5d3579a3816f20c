//! The client over REST: source, blob, a share in a request.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::{self, StreamExt as _};
use kusto_endpoint::{IngestionConfiguration, QueuedEndpoint};
use kusto_ingest_core::{
    BlobSource, Clock, DataFormat, Deadline, ErrorKind, ExponentialRetry, IngestClient, IngestionProperties,
    OnUnknownOutcome, Outage, Receipt, ReceiptState, Result, RetryPolicy, SendObserver, Source,
    drive_refresh, span,
};
use kusto_ingest_resources::{ConfigurationManager, ResourceProvider as _};
use kusto_ingest_upload::Uploader;
use kusto_ingest_upload::internal::{PROBE_LIMIT, checked_format};
use kusto_storage::BlobProbe;
use tracing::Instrument as _;

use crate::batch::Batches;
use crate::mixed::refuse_mixed;
use crate::outcome::Failed;
use crate::preference::Preference;
use crate::send::BatchSender;

/// How many blobs of one call are under way at a time: enough for ten requests of the size that the service usually takes.
const BLOBS_AT_A_TIME: usize = 200;

/// Ingests through the REST routes of the Data Management service: the data goes into a blob, and a request names it.
///
/// The call ends when the service took the blob. What becomes of it is told by the operation that the receipt names, unless
/// the properties ask for no reports at all.
///
/// Sources that go into one table with the same properties, and are under way together, share requests.
///
/// # Errors
/// An error of kind [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown) carries the receipt: the request was
/// sent, and nobody knows whether the service has the source. After any other error nothing is queued.
///
/// # Cancel safety
/// Dropping the future takes its source out of the request that it shares, unless that is being sent: then it may be queued
/// all the same. The other sources of the request go on.
#[doc(alias("QueuedIngestClient", "KustoQueuedIngestClientV2"))]
#[derive(Clone, Debug)]
pub struct RestIngestClient {
    pub(crate) configuration: ConfigurationManager,
    pub(crate) uploader: Arc<dyn Uploader>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) probe: Option<Arc<dyn BlobProbe>>,
    pub(crate) probe_limit: Duration,
    pub(crate) sender: BatchSender,
    pub(crate) batches: Batches,
    pub(crate) address: Option<Arc<str>>,
    pub(crate) deadline: Option<Duration>,
    /// What has been learned of this way and the other one, where it is one of two.
    pub(crate) preference: Preference,
    observer: Option<Arc<dyn SendObserver>>,
}

impl RestIngestClient {
    /// A client that tries to name a blob for up to a minute. Where nothing else is meant, `uploader` takes its containers
    /// from the same `configuration`, and `configuration` asks the same `endpoint`.
    #[must_use]
    pub fn new(
        endpoint: Arc<dyn QueuedEndpoint>,
        configuration: ConfigurationManager,
        uploader: Arc<dyn Uploader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let sender = BatchSender {
            endpoint,
            clock: clock.clone(),
            retry: Arc::new(ExponentialRetry::default()),
            outage: Outage::new(),
            on_unknown: OnUnknownOutcome::default(),
            time_limit: None,
        };
        Self {
            configuration,
            uploader,
            clock,
            probe: None,
            probe_limit: PROBE_LIMIT,
            sender,
            batches: Batches::default(),
            address: None,
            deadline: None,
            preference: Preference::default(),
            observer: None,
        }
    }

    /// Asks for the size of a blob that the caller did not give, where [its address opens
    /// it](kusto_storage::is_probeable).
    #[must_use]
    pub fn with_blob_probe(self, probe: Arc<dyn BlobProbe>) -> Self {
        Self {
            probe: Some(probe),
            ..self
        }
    }

    /// How long the look for the size of a blob may take: 3 s by default, and never longer than a quarter of the
    /// [deadline](Self::with_deadline).
    #[must_use]
    pub fn with_probe_limit(self, limit: Duration) -> Self {
        Self {
            probe_limit: limit,
            ..self
        }
    }

    /// Another policy for making a request again.
    #[must_use]
    pub fn with_post_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        self.sending(|sender| BatchSender { retry, ..sender })
    }

    /// Shares with other clients how long the service has not answered, so that they give up together.
    #[must_use]
    pub fn with_outage(self, outage: Outage) -> Self {
        self.sending(|sender| BatchSender { outage, ..sender })
    }

    /// What to do when nobody knows whether the service took a request.
    #[must_use]
    pub fn with_on_unknown_outcome(self, choice: OnUnknownOutcome) -> Self {
        self.sending(|sender| BatchSender {
            on_unknown: choice,
            ..sender
        })
    }

    /// Limits each request that names blobs; a minute by default.
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        self.sending(|sender| BatchSender {
            time_limit: Some(limit),
            ..sender
        })
    }

    /// Notes in receipts which service was told, by an address without secrets: whoever reads them later can tell whether
    /// he asks the right one.
    #[must_use]
    pub fn with_address(self, address: impl Into<Arc<str>>) -> Self {
        Self {
            address: Some(address.into()),
            ..self
        }
    }

    /// Tells of each source right before a request may name it, such as to a journal.
    #[must_use]
    pub fn with_send_observer(self, observer: Arc<dyn SendObserver>) -> Self {
        Self {
            observer: Some(observer),
            ..self
        }
    }

    /// Limits the whole of [`ingest`](IngestClient::ingest_source), every look-up included.
    ///
    /// If it ends the call before the request was sent, the error is a [`Timeout`](kusto_ingest_core::ErrorKind::Timeout),
    /// and nothing is queued. Afterwards it is an [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown) with the
    /// receipt.
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        Self {
            deadline: Some(limit),
            ..self
        }
    }

    /// Queues blobs that are there already, in as few requests as the service allows, and tells what became of each, in
    /// their order. However many they are, 200 are under way at a time.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) before any request, with one of the codes
    /// `NoBlobs`, `DuplicateBlob`, `MixedFormats` and `MixedRetention`.
    pub async fn ingest_blobs(
        &self,
        blobs: Vec<BlobSource>,
        properties: &IngestionProperties,
    ) -> Result<Vec<Result<Receipt>>> {
        refuse_mixed(&blobs, properties, self.clock.now())?;
        let each = blobs
            .into_iter()
            .map(|blob| self.ingest_source(Source::Blob(blob), properties));
        Ok(stream::iter(each).buffered(BLOBS_AT_A_TIME).collect().await)
    }

    /// What the service offers.
    ///
    /// # Errors
    /// As [`ConfigurationManager::configuration`].
    pub async fn configuration(&self) -> Result<Arc<IngestionConfiguration>> {
        self.configuration.configuration().await
    }

    /// One source, and where it fails, the blob that it has become meanwhile.
    pub(crate) async fn attempt(
        &self,
        source: Source,
        properties: &IngestionProperties,
    ) -> Result<Receipt, Failed> {
        let id = source.id();
        let format = checked_format(&source, properties)?;
        // Pinned here, it is kept once: each future that it is handed to would keep it anew.
        let flow = pin!(self.flow(source, properties, format));
        drive_refresh(&*self.clock, self.configuration.refresh(), flow)
            .instrument(span::ingest("rest", id, properties))
            .await
    }

    async fn flow(
        &self,
        source: Source,
        properties: &IngestionProperties,
        format: DataFormat,
    ) -> Result<Receipt, Failed> {
        let id = source.id();
        let deadline = properties.deadline_within(&*self.clock, self.deadline);
        let prepare = pin!(self.prepare(source, properties, format, deadline));
        let prepared = match deadline {
            None => prepare.await,
            Some(end) => end.run(&*self.clock, "queue the source", prepare).await,
        }?;
        let (blob, sent_bytes) = (prepared.blob, prepared.sent);
        // Others that begin at the same time are to be on their way before this one has arrived.
        let_others_begin().await;
        let receipt = |state| {
            let receipt = Receipt::new(id, properties.database.clone(), properties.table.clone(), state);
            sent_bytes
                .note_in(receipt, blob.raw_size())
                .with_blob(blob.uri().redacted())
        };
        self.tell(&receipt, deadline).await?;
        let seat = prepared
            .ticket
            .arrive(blob.clone(), prepared.most, &self.sender, deadline);
        let sent = seat.outcome(&*self.clock, deadline).await;
        if let Err(error) = &sent.outcome
            && error.kind() == ErrorKind::Unsupported
        {
            self.configuration.forget();
        }
        let concluded = sent.conclude(self.address.as_deref(), receipt);
        concluded.map_err(|error| Failed {
            error,
            blob: Some((blob, sent_bytes)),
        })
    }

    /// Tells whoever wants to know that a source is about to be named.
    async fn tell(
        &self,
        receipt: &(impl Fn(ReceiptState) -> Receipt + Sync),
        deadline: Option<Deadline>,
    ) -> Result<()> {
        let Some(observer) = &self.observer else {
            return Ok(());
        };
        let intent = receipt(ReceiptState::Unknown {
            status: None,
            reason: "it was about to be named to the service".to_owned(),
        });
        let told = observer.before_send(&intent);
        match deadline {
            None => told.await,
            Some(end) => end.run(&*self.clock, "queue the source", told).await,
        }
    }

    /// With another sender, and so with requests of its own.
    fn sending(self, change: impl FnOnce(BatchSender) -> BatchSender) -> Self {
        Self {
            sender: change(self.sender),
            batches: Batches::default(),
            ..self
        }
    }
}

/// Lets everybody else who can be polled be polled once.
async fn let_others_begin() {
    let mut has_yielded = false;
    poll_fn(|context| match std::mem::replace(&mut has_yielded, true) {
        true => Poll::Ready(()),
        false => {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}

#[async_trait]
impl IngestClient for RestIngestClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        let done = self.attempt(source, properties).await;
        done.map_err(|failed| failed.error.with_source_id(id))
    }
}
