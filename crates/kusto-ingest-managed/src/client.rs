//! The managed flow: stream, and queue what streaming does not take.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest_compression::{Compressor, StreamingBody, StreamingLimits, ingested_bytes, streaming_body};
use kusto_ingest_core::{
    Attempts, Clock, Compression, DataFormat, Error, ErrorKind, FallbackReason, IngestClient,
    IngestionProperties, NoRetry, OnUnknownOutcome, Receipt, Result, Retry, Source,
};

use crate::ended::{Ended, settled};
use crate::{Attempt, DefaultPolicy, ManagedStreamingPolicy, Outcome, PolicySettings, Route};

/// Streams what can be streamed, and queues the rest.
///
/// Data is gzipped and kept in memory once, up to the limit of a streaming request. Every attempt, and the queue
/// after them, gets these same bytes under the same source id. Of a stream that turns out to be too large, the queue
/// gets what was read already and then the rest.
///
/// # Cancel safety
/// Dropping the future ends everything, also a wait between attempts; nothing is queued then.
///
/// # Errors
/// [`ErrorKind::OutcomeUnknown`], carrying the receipt, when an attempt may have worked and no other did: with
/// [`OnUnknownOutcome::Report`] after the first such attempt, else when the queue has not taken the source either, or
/// nobody knows whether it has. After any other error the source was not ingested.
///
/// # Duplicates
/// Streaming is not idempotent. An attempt that may have worked is followed by another, or by the queue; the receipt then
/// tells how many such attempts there were, and that the rows
/// [may be there more than once](Receipt::may_be_duplicated). With [`OnUnknownOutcome::Report`] a source is ingested once.
#[doc(alias = "KustoManagedStreamingIngestClient")]
#[derive(Clone, Debug)]
pub struct ManagedStreamingIngestClient {
    streaming: Arc<dyn IngestClient>,
    queued: Arc<dyn IngestClient>,
    compressor: Arc<dyn Compressor>,
    clock: Arc<dyn Clock>,
    policy: Arc<dyn ManagedStreamingPolicy>,
    limits: StreamingLimits,
    on_unknown: OnUnknownOutcome,
    deadline: Option<Duration>,
}

impl ManagedStreamingIngestClient {
    /// A client of the default policy over one that is fast and one that takes everything.
    ///
    /// The first should make one attempt only, since this client makes more, and have limits no lower than this one's.
    #[must_use]
    pub fn new(
        streaming: Arc<dyn IngestClient>,
        queued: Arc<dyn IngestClient>,
        compressor: Arc<dyn Compressor>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            streaming,
            queued,
            compressor,
            clock,
            policy: Arc::new(DefaultPolicy::default()),
            limits: StreamingLimits::new(),
            on_unknown: OnUnknownOutcome::Retry,
            deadline: None,
        }
    }

    /// Another policy. It becomes this client's own, since what it remembers is about one cluster.
    #[must_use]
    pub fn with_policy(self, policy: impl ManagedStreamingPolicy) -> Self {
        Self {
            policy: Arc::new(policy),
            ..self
        }
    }

    /// The default policy with other settings.
    #[must_use]
    pub fn with_settings(self, settings: PolicySettings) -> Self {
        self.with_policy(DefaultPolicy::new(settings))
    }

    /// What to do when nobody knows whether an attempt at streaming was carried out: to go on, as the policy says, which is
    /// the default and may ingest twice, or to report it.
    #[must_use]
    pub fn with_on_unknown_outcome(self, on_unknown: OnUnknownOutcome) -> Self {
        Self { on_unknown, ..self }
    }

    /// Limits the whole of [`ingest`](IngestClient::ingest): all attempts, the waits between them, and the queue.
    ///
    /// Both clients are told how much of it is left, by the properties' [deadline](IngestionProperties::deadline). What
    /// ends by it before anything was sent in full is a [`Timeout`](ErrorKind::Timeout).
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        Self {
            deadline: Some(limit),
            ..self
        }
    }

    /// What is too large for streaming.
    #[must_use]
    pub fn with_limits(self, limits: StreamingLimits) -> Self {
        Self { limits, ..self }
    }

    /// The way of a source: its bytes as both clients get them, or why it goes to the queue at once.
    async fn fit(&self, source: Source, format: DataFormat) -> Result<Fit> {
        let local = match source {
            Source::Local(local) => local,
            Source::Blob(blob) => {
                let reason = match data_bytes(&Source::Blob(blob.clone()), format) {
                    None => Some(FallbackReason::UnknownSize),
                    Some(data) if data > self.limits.data_bytes => Some(FallbackReason::TooLarge),
                    Some(_) => None,
                };
                return Ok(Fit {
                    source: blob.into(),
                    reason,
                });
            }
        };
        let (source, reason) = match streaming_body(&local, format, self.limits, &*self.compressor).await? {
            StreamingBody::Fits(body) if body.compression() == Compression::Zip => {
                let names = vec!["zip archives".to_owned()];
                (body, Some(FallbackReason::Properties { names }))
            }
            StreamingBody::Fits(body) => (body, None),
            StreamingBody::TooLarge(whole) => (whole, Some(FallbackReason::TooLarge)),
        };
        Ok(Fit {
            source: source.into(),
            reason,
        })
    }

    /// Attempts until the policy has it otherwise.
    async fn stream(
        &self,
        source: Source,
        properties: &IngestionProperties,
        mut ended: Ended,
        attempts: &mut Attempts<'_>,
    ) -> Result<Receipt> {
        let name = match &properties.client_request_id {
            Some(name) => name.clone(),
            None => format!("KRC.executeManagedStreamingIngest;{}", source.id()),
        };
        loop {
            let named = properties
                .clone()
                .with_client_request_id(format!("{name};{}", ended.attempt.number));
            let given = settled(self.streaming.ingest(source.clone(), &named).await);
            ended.attempt = ended.attempt.at(&*self.clock);
            let error = match given {
                Ok(receipt) => {
                    self.policy.after(&ended.attempt, &Outcome::Streamed);
                    return ended.streamed(receipt);
                }
                Err(error) => error,
            };
            self.policy.after(&ended.attempt, &Outcome::Failed(error.clone()));
            match self.route_after(&error, &mut ended) {
                Route::Stream { after } => {
                    let (source, attempt) = (source.id(), ended.attempt.number);
                    tracing::debug!(%source, attempt, ?after, error = %error.chain(), "retrying streaming ingestion");
                    if let Err(late) = self.wait(attempts, after, properties).await {
                        return ended.failed(late.caused_by(error));
                    }
                }
                Route::Queue(reason) => return self.queue(source, properties, ended, reason).await,
                Route::GiveUp => {
                    let (made, elapsed) = (ended.attempt.number, attempts.elapsed());
                    return ended.failed(error.with_attempts(made, elapsed));
                }
            }
        }
    }

    /// Waits before an attempt, but no longer than there is time.
    async fn wait(
        &self,
        attempts: &mut Attempts<'_>,
        after: Duration,
        properties: &IngestionProperties,
    ) -> Result<()> {
        let wait = async {
            attempts.wait_for(after).await;
            Ok(())
        };
        self.in_time(properties, "wait before the next attempt", wait)
            .await
    }

    async fn in_time<T>(
        &self,
        properties: &IngestionProperties,
        operation: &'static str,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        match properties.deadline {
            None => work.await,
            Some(deadline) => deadline.run(&*self.clock, operation, work).await,
        }
    }

    /// The way of a source after an attempt that failed.
    fn route_after(&self, error: &Error, ended: &mut Ended) -> Route {
        ended.count(error, &*self.clock);
        match (error.kind(), self.on_unknown) {
            (ErrorKind::OutcomeUnknown, OnUnknownOutcome::Report) => Route::GiveUp,
            _ => self.policy.before(&ended.attempt),
        }
    }

    /// Gives a source to the queue, for a reason, after the attempts that were made.
    async fn queue(
        &self,
        source: Source,
        properties: &IngestionProperties,
        ended: Ended,
        reason: FallbackReason,
    ) -> Result<Receipt> {
        let attempts = ended.attempt.number;
        tracing::info!(source = %source.id(), attempts, %reason, "falling back to queued ingestion");
        let given = settled(self.queued.ingest(source, properties).await);
        ended.queued(given, &reason)
    }

    async fn flow(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        // What is wrong with the input is told alike, whichever way would be taken.
        let format = properties.format_for(&source)?.unwrap_or(DataFormat::Csv);
        properties.check(format)?;
        refuse_empty(&source)?;

        let mut attempt = Attempt::first(source.id(), properties, &*self.clock);
        attempt.data_bytes = data_bytes(&source, format);
        // The engine waits, and the policy says how long.
        let mut attempts = Retry::new(&NoRetry, &*self.clock, attempt.random).start();
        let mut ended = Ended::none(attempt);
        let names = properties.not_streamable(&source);
        if !names.is_empty() {
            let names = names.into_iter().map(ToOwned::to_owned).collect();
            let reason = FallbackReason::Properties { names };
            return self.queue(source, properties, ended, reason).await;
        }
        match self.policy.before(&ended.attempt) {
            Route::Stream { after } if after.is_zero() => {}
            Route::Stream { after } => {
                self.wait(&mut attempts, after, properties).await?;
                ended.attempt = ended.attempt.at(&*self.clock);
            }
            Route::Queue(reason) => return self.queue(source, properties, ended, reason).await,
            Route::GiveUp => {
                return Err(Error::new(ErrorKind::Rejected, "ingest the source")
                    .because("the policy of managed streaming refuses it"));
            }
        }
        let fit = self.fit(source, format);
        match self.in_time(properties, "read the source", fit).await? {
            Fit {
                source,
                reason: Some(reason),
            } => self.queue(source, properties, ended, reason).await,
            Fit { source, reason: None } => self.stream(source, properties, ended, &mut attempts).await,
        }
    }
}

/// A source as both clients get it, and why it is not for streaming, if it is not.
struct Fit {
    source: Source,
    reason: Option<FallbackReason>,
}

#[async_trait]
impl IngestClient for ManagedStreamingIngestClient {
    async fn ingest(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        let deadline = properties.deadline_within(&*self.clock, self.deadline);
        let properties = properties.clone().with_deadline(deadline);
        self.flow(source, &properties)
            .await
            .map_err(|error| error.with_source_id(id))
    }
}

/// How many bytes Kusto will count for a source, as far as that can be told without reading it.
fn data_bytes(source: &Source, format: DataFormat) -> Option<u64> {
    let plain = |bytes| ingested_bytes(format, Compression::None, bytes);
    match source {
        Source::Blob(blob) => blob.raw_size().map(plain),
        Source::Local(local) => local.raw_size().map(plain).or_else(|| {
            let len = local.payload().len()?;
            Some(ingested_bytes(format, local.compression(), len))
        }),
    }
}

fn refuse_empty(source: &Source) -> Result<()> {
    match source {
        Source::Local(local) if local.payload().len() == Some(0) => {
            Err(Error::new(ErrorKind::EmptySource, "read the source").because("it has no bytes"))
        }
        _ => Ok(()),
    }
}
