//! The streaming walk: source, one request, answer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_endpoint::{StreamingEndpoint, StreamingOutcome, StreamingRequest};
use kusto_ingest_compression::{Compressor, StreamingLimits};
use kusto_ingest_core::{
    Clock, Error, ErrorKind, IngestClient, IngestionProperties, NoRetry, OnUnknownOutcome, Receipt,
    ReceiptState, Result, Retry, RetryPolicy, Source,
};

use crate::preparation::Preparation;

/// Ingests through one request to the engine.
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
    retry: Arc<dyn RetryPolicy>,
    ambiguity: OnUnknownOutcome,
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
            retry: Arc::new(NoRetry),
            ambiguity: OnUnknownOutcome::default(),
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

    /// Tries again what was refused for a reason that passes. A request that was answered by an error was not
    /// carried out, so this does not ingest twice.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// What to do when nobody knows whether a request was carried out. [`OnUnknownOutcome::Retry`] makes it a failure that
    /// the retry policy decides on, and that a caller may take as one.
    #[must_use]
    pub fn with_on_unknown_outcome(self, ambiguity: OnUnknownOutcome) -> Self {
        Self { ambiguity, ..self }
    }

    async fn send(
        &self,
        properties: &IngestionProperties,
        request: &StreamingRequest,
        random: u64,
    ) -> Result<StreamingOutcome> {
        let (database, table) = (&properties.database, &properties.table);
        let ask = || async {
            let sent = self.endpoint.ingest(database, table, request).await;
            sent.map_err(|error| self.weigh(error))
        };
        Retry::new(&*self.retry, &*self.clock, random)
            .run(|_| ask())
            .await
    }

    fn weigh(&self, error: Error) -> Error {
        match (error.kind(), self.ambiguity) {
            (ErrorKind::OutcomeUnknown, OnUnknownOutcome::Retry) => {
                Error::new(ErrorKind::Io, "stream the source")
                    .because("its outcome is unknown, and it may be ingested twice")
                    .caused_by(error)
            }
            _ => error,
        }
    }
}

#[async_trait]
impl IngestClient for StreamingIngestClient {
    async fn ingest(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        let about = |error: Error| error.with_source_id(id);
        let prepared = Preparation {
            limits: self.limits,
            time_limit: self.time_limit,
            compressor: &*self.compressor,
        }
        .of(&source, properties)
        .await
        .map_err(about)?;

        let (_, chance) = id.as_uuid().as_u64_pair();
        let state = match self.send(properties, &prepared.request, chance).await {
            Ok(outcome) => {
                let (records, activity) = (outcome.consumed_records, outcome.activity_id);
                tracing::debug!(source = %id, ?records, ?activity, "streamed");
                ReceiptState::Streamed
            }
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => ReceiptState::Unknown {
                status: None,
                reason: error.chain(),
            },
            Err(error) => return Err(about(error)),
        };
        let receipt = Receipt::new(id, properties.database.clone(), properties.table.clone(), state)
            .with_sizes(prepared.raw_bytes, prepared.sent_bytes);
        Ok(match &source {
            Source::Local(_) => receipt,
            Source::Blob(blob) => receipt.with_blob(blob.uri().redacted()),
        })
    }
}
