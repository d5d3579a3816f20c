//! The managed walk: stream, and queue what streaming does not take.

use std::sync::Arc;

use async_trait::async_trait;
use kusto_ingest_compression::{Compressor, StreamingBody, StreamingLimits, ingested_bytes, streaming_body};
use kusto_ingest_core::{
    Clock, Compression, DataFormat, Error, ErrorKind, FallbackReason, IngestClient, IngestionProperties,
    Receipt, ReceiptState, Result, Source,
};

use crate::{Attempt, BothFailed, DefaultPolicy, ManagedStreamingPolicy, Outcome, Route};

/// Streams what can be streamed, and queues the rest.
///
/// Data is gzipped and kept in memory once, up to the limit of a streaming request. Every attempt, and the queue
/// after them, gets these same bytes under the same source id. Of a stream that turns out to be too large, the queue
/// gets what was read already and then the rest.
///
/// # Cancel safety
/// Dropping the future ends everything, also a wait between attempts; nothing is queued then.
///
/// # Duplicates
/// Streaming is not idempotent. A source is ingested once, unless an answer was lost and the policy was told to
/// repeat then.
#[doc(alias = "KustoManagedStreamingIngestClient")]
#[derive(Clone, Debug)]
pub struct ManagedStreamingIngestClient {
    streaming: Arc<dyn IngestClient>,
    queued: Arc<dyn IngestClient>,
    compressor: Arc<dyn Compressor>,
    clock: Arc<dyn Clock>,
    policy: Arc<dyn ManagedStreamingPolicy>,
    limits: StreamingLimits,
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
        mut attempt: Attempt,
    ) -> Result<Receipt> {
        let name = match &properties.client_request_id {
            Some(name) => name.clone(),
            None => format!("KRC.executeManagedStreamingIngest;{}", source.id()),
        };
        loop {
            let named = properties
                .clone()
                .with_client_request_id(format!("{name};{}", attempt.number));
            let given = self.streaming.ingest(source.clone(), &named).await;
            let made = attempt.number + 1;
            attempt.now = self.clock.now();
            let outcome = outcome_of(&given);
            self.policy.after(&attempt, &outcome);
            let error = match outcome {
                Outcome::Streamed => return given.map(|receipt| receipt.with_managed(made, None)),
                Outcome::Failed(error) => error,
            };
            attempt = attempt.next(error, self.clock.now());
            match self.policy.before(&attempt) {
                Route::Stream { after } => self.clock.sleep(after).await,
                Route::Queue(reason) => return self.queue(source, properties, attempt, reason).await,
                Route::GiveUp => {
                    return given
                        .map(|receipt| receipt.with_managed(made, None))
                        .map_err(|error| error.with("streaming attempts", made));
                }
            }
        }
    }

    /// Gives a source to the queue, for a reason, after the attempts that were made.
    async fn queue(
        &self,
        source: Source,
        properties: &IngestionProperties,
        attempt: Attempt,
        reason: FallbackReason,
    ) -> Result<Receipt> {
        let attempts = attempt.number;
        tracing::info!(source = %source.id(), attempts, %reason, "managed streaming takes the queue");
        match (self.queued.ingest(source, properties).await, attempt.failure) {
            (Ok(receipt), _) => Ok(receipt.with_managed(attempts, Some(reason))),
            (Err(queued), Some(streaming)) => Err(BothFailed::error(streaming, queued)),
            (Err(queued), None) => Err(queued),
        }
    }

    async fn walk(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        // What is wrong with the input is told alike, whichever way would be taken.
        let format = properties.format_for(&source)?.unwrap_or(DataFormat::Csv);
        properties.check(format)?;
        refuse_empty(&source)?;

        let mut attempt = Attempt::first(source.id(), properties, self.clock.now());
        attempt.data_bytes = data_bytes(&source, format);
        let names = properties.not_streamable(&source);
        if !names.is_empty() {
            let names = names.into_iter().map(ToOwned::to_owned).collect();
            let reason = FallbackReason::Properties { names };
            return self.queue(source, properties, attempt, reason).await;
        }
        match self.policy.before(&attempt) {
            Route::Stream { after } if after.is_zero() => {}
            Route::Stream { after } => self.clock.sleep(after).await,
            Route::Queue(reason) => return self.queue(source, properties, attempt, reason).await,
            Route::GiveUp => {
                return Err(Error::new(ErrorKind::Rejected, "ingest the source")
                    .because("the policy of managed streaming refuses it"));
            }
        }
        match self.fit(source, format).await? {
            Fit {
                source,
                reason: Some(reason),
            } => self.queue(source, properties, attempt, reason).await,
            Fit { source, reason: None } => self.stream(source, properties, attempt).await,
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
        self.walk(source, properties)
            .await
            .map_err(|error| error.with_source_id(id))
    }
}

/// A receipt that knows nothing is a failure of its own kind: the policy decides about it.
fn outcome_of(given: &Result<Receipt>) -> Outcome {
    match given {
        Err(error) => Outcome::Failed(error.clone()),
        Ok(receipt) => match &receipt.state {
            ReceiptState::Unknown { reason, .. } => {
                let error = Error::new(ErrorKind::OutcomeUnknown, "stream the source");
                Outcome::Failed(error.because(reason.clone()))
            }
            _ => Outcome::Streamed,
        },
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
