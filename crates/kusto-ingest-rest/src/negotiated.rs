//! This way or the queues, as the service wants it, and the other one while that fails.

use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use kusto_endpoint::{IngestionConfiguration, IngestionMethod};
use kusto_ingest_core::{
    AmbiguousSends, Deadline, Error, ErrorKind, FaultScope, IngestClient, IngestionProperties,
    OnUnknownOutcome, Receipt, Result, Source, drive_refresh,
};
use kusto_ingest_resources::ResourceProvider as _;

use crate::RestIngestClient;
use crate::outcome::Failed;

/// Ingests through storage queues or over REST: as the service prefers, and by the other way while the preferred one fails.
///
/// - Where the service does not offer REST, does not say what it prefers, or cannot be asked, sources go through the queues.
/// - A source that one way certainly did not take goes the other one, under the same identity. What has become a blob already
///   is not uploaded again. The way that failed is not tried first for a minute.
/// - After an unknown outcome a source goes no other way, unless the caller chose [`OnUnknownOutcome::Retry`]; then the
///   receipt counts the ambiguous sends of both ways.
///
/// # Errors
/// As [`RestIngestClient`]. Where both ways failed, the error is that of the second and tells of the first.
///
/// # Cancel safety
/// As [`RestIngestClient`].
#[derive(Clone, Debug)]
pub struct NegotiatedIngestClient {
    queue: Arc<dyn IngestClient>,
    rest: RestIngestClient,
}

impl NegotiatedIngestClient {
    /// A client of both ways. What `rest` knows of the service decides, and what it is to do about unknown outcomes is done
    /// between the ways, too. Clones of one `rest` share what was learned of the ways.
    #[must_use]
    pub fn new(queue: Arc<dyn IngestClient>, rest: RestIngestClient) -> Self {
        Self { queue, rest }
    }

    async fn flow(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let (clock, configuration) = (&*self.rest.clock, &self.rest.configuration);
        let deadline = properties.deadline;
        match self.rest.preference.method(clock, configuration, deadline).await {
            IngestionMethod::Queue => {
                let queued = self.queue.ingest_source(source.clone(), properties).await;
                let Err(error) = queued else { return queued };
                if !self.may_go_on(&error, deadline) {
                    return Err(error);
                }
                self.turn_away(IngestionMethod::Queue, &error);
                let second = self.rest.attempt(source.clone(), properties).await;
                let second = second.map_err(|failed| failed.error);
                self.conclude(&source, properties, &error, second)
            }
            IngestionMethod::Rest => {
                let Failed { error, blob } = match self.rest.attempt(source.clone(), properties).await {
                    Ok(receipt) => return Ok(receipt),
                    Err(failed) => failed,
                };
                if !self.may_go_on(&error, deadline) {
                    return Err(error);
                }
                self.turn_away(IngestionMethod::Rest, &error);
                let second = match blob {
                    None => self.queue.ingest_source(source.clone(), properties).await,
                    Some((blob, sent_bytes)) => {
                        let raw_bytes = blob.raw_size();
                        let queued = self.queue.ingest_source(Source::Blob(blob), properties).await;
                        queued.map(|receipt| sent_bytes.note_in(receipt, raw_bytes))
                    }
                };
                self.conclude(&source, properties, &error, second)
            }
        }
    }

    /// Whether the other way may help, and nothing is doubled by it, or the caller has accepted that.
    fn may_go_on(&self, error: &Error, deadline: Option<Deadline>) -> bool {
        let is_over = deadline.is_some_and(|end| end.remaining(&*self.rest.clock).is_zero());
        let is_not_offered = error.code() == Some(IngestionConfiguration::NOT_SUPPORTED);
        let helps = match error.kind() {
            ErrorKind::OutcomeUnknown => self.rest.sender.on_unknown == OnUnknownOutcome::Retry,
            ErrorKind::Unsupported => is_not_offered,
            _ => error.scope() == FaultScope::Transient,
        };
        helps && !is_over
    }

    fn turn_away(&self, from: IngestionMethod, error: &Error) {
        tracing::warn!(%from, error = %error.chain(), "queued ingestion goes the other way");
        self.rest.preference.avoid(from, &*self.rest.clock);
    }

    /// What both ways came to.
    fn conclude(
        &self,
        source: &Source,
        properties: &IngestionProperties,
        first: &Error,
        second: Result<Receipt>,
    ) -> Result<Receipt> {
        let mut ambiguous = AmbiguousSends::none();
        ambiguous.count_in(first);
        let second = second.map_err(|second| match second.kind() {
            // It says less than the first: there is no other way, or none for what is left of the source.
            ErrorKind::Unsupported | ErrorKind::SourceNotReplayable => first.clone(),
            ErrorKind::OutcomeUnknown => {
                ambiguous.count_in(&second);
                second
            }
            _ => second.with("the other way", first.chain()),
        });
        let receipt = |state| {
            let (database, table) = (properties.database.clone(), properties.table.clone());
            let known = first.receipt();
            let blob = known.and_then(|receipt| receipt.blob.clone());
            let (raw, sent, stored) = known.map_or((None, None, 0), |known| {
                (known.raw_bytes, known.sent_bytes, known.stored_bytes)
            });
            let receipt = Receipt::new(source.id(), database, table, state)
                .with_sizes(raw, sent)
                .with_stored_bytes(stored);
            match blob {
                Some(blob) => receipt.with_blob(blob),
                None => receipt,
            }
        };
        ambiguous.conclude(second, receipt)
    }
}

#[async_trait]
impl IngestClient for NegotiatedIngestClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        let clock = &*self.rest.clock;
        // One limit for both ways.
        let deadline = properties.deadline_within(clock, self.rest.deadline);
        let properties = properties.clone().with_deadline(deadline);
        let flow = pin!(self.flow(source, &properties));
        let done = drive_refresh(clock, self.rest.configuration.refresh(), flow).await;
        done.map_err(|error| error.with_source_id(id))
    }
}
