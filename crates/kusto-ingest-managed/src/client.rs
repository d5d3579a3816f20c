//! The managed client: stream, and queue what streaming does not take.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest_compression::{Compressor, StreamingLimits};
use kusto_ingest_core::{
    Clock, Error, ErrorKind, FallbackReason, IngestClient, IngestionProperties, NoRetry, OnUnknownOutcome,
    Receipt, Result, Retry, Source, span,
};
use tracing::Instrument as _;

use crate::outcome::EndedAttempts;
use crate::{DefaultPolicy, ManagedStreamingPolicy, ManagedStreamingSettings, Route};

/// Streams what can be streamed, and queues the rest.
///
/// Data is gzipped and kept in memory once, up to the limit of a streaming request. Every attempt, and the queue
/// after them, gets these same bytes under the same source id. Of a stream that turns out to be too large, the queue
/// gets what was read already and then the rest. No budget counts this memory: bound the number of sources at a time.
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
    pub(crate) streaming: Arc<dyn IngestClient>,
    pub(crate) queued: Arc<dyn IngestClient>,
    pub(crate) compressor: Arc<dyn Compressor>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: Arc<dyn ManagedStreamingPolicy>,
    pub(crate) limits: StreamingLimits,
    pub(crate) on_unknown: OnUnknownOutcome,
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

    /// Another policy. It belongs to this client, since it remembers the tables of one cluster.
    #[must_use]
    pub fn with_policy(self, policy: impl ManagedStreamingPolicy) -> Self {
        Self {
            policy: Arc::new(policy),
            ..self
        }
    }

    /// The default policy with other settings.
    #[must_use]
    pub fn with_settings(self, settings: ManagedStreamingSettings) -> Self {
        self.with_policy(DefaultPolicy::new(settings))
    }

    /// What to do when nobody knows whether an attempt at streaming was carried out: to go on, as the policy says, which is
    /// the default and may ingest twice, or to report it.
    #[must_use]
    pub fn with_on_unknown_outcome(self, on_unknown: OnUnknownOutcome) -> Self {
        Self { on_unknown, ..self }
    }

    /// The limits of a streaming request. Larger sources are queued.
    #[must_use]
    pub fn with_limits(self, limits: StreamingLimits) -> Self {
        Self { limits, ..self }
    }

    /// Limits the whole of [`ingest`](IngestClient::ingest_source): all attempts, the waits between them, and the queue.
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

    async fn flow(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let format = Self::checked_format(&source, properties)?;
        let attempt = self.first_attempt(&source, properties, format);
        // The engine waits, and the policy says how long.
        let mut attempts = Retry::new(&NoRetry, &*self.clock, attempt.random).start();
        let mut ended = EndedAttempts::none(attempt);
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
            Route::Fail => {
                return Err(Error::new(ErrorKind::Rejected, "ingest the source")
                    .because("the policy of managed streaming refuses it"));
            }
        }
        let prepare = self.prepare(source, format);
        let prepared = self.in_time(properties, "read the source", prepare).await?;
        match prepared.queue_because {
            Some(reason) => self.queue(prepared.source, properties, ended, reason).await,
            None => {
                self.stream(prepared.source, properties, ended, &mut attempts)
                    .await
            }
        }
    }
}

#[async_trait]
impl IngestClient for ManagedStreamingIngestClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        let deadline = properties.deadline_within(&*self.clock, self.deadline);
        let properties = properties.clone().with_deadline(deadline);
        self.flow(source, &properties)
            .instrument(span::ingest("managed", id, &properties))
            .await
            .map_err(|error| error.with_source_id(id))
    }
}
