//! The direct client: source, command, engine.

mod flow;
mod many;
mod options;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use kusto_endpoint::{ManagementEndpoint, RequestProperties};
use kusto_ingest_core::{
    Clock, ExponentialRetry, IngestClient, IngestionProperties, OnUnknownOutcome, PollSchedule, Receipt,
    Result, RetryPolicy, Source, span,
};
use kusto_ingest_upload::Uploader;
use tracing::Instrument as _;

use crate::source::SourceKey;
use crate::{Batching, CommandMode, Operations, SubmissionTracker};

/// The most bytes of data in a command, by default.
const INLINE_LIMIT: u64 = 1024 * 1024;

/// How many commands run at a time, by default.
const PARALLELISM: usize = 4;

/// Ingests by the engine's own commands, without Data Management service, queue or batching.
///
/// A blob goes into a command by its address, small text by itself, and other local data through the [`Uploader`],
/// where the client has one. The receipt names the extents, or the operation that still runs.
///
/// Everything that can be wrong with a command is found before anything is uploaded. A command that may have done
/// something is not run again, unless [asked for](Self::with_on_unknown_outcome). What the service reports of the blobs,
/// it reports here: the properties' report level and method mean nothing to the engine.
///
/// # Errors
/// [`ErrorKind::OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown), carrying the receipt, when the command was
/// sent in full and nobody knows what it did. After any other error the source was not ingested, or only the part of it
/// that the engine's operation says.
///
/// # Cancel safety
/// Dropping the future gives up on the answer; a command under way may still load the data.
#[doc(alias = "KustoDirectIngestClient")]
#[doc(alias = "CreateDirectIngestClient")]
#[derive(Clone)]
pub struct DirectIngestClient {
    pub(crate) engine: Arc<dyn ManagementEndpoint>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) on_unknown: OnUnknownOutcome,
    pub(crate) uploader: Option<Arc<dyn Uploader>>,
    pub(crate) inline_limit: u64,
    pub(crate) mode: CommandMode,
    pub(crate) schedule: PollSchedule,
    pub(crate) batching: Batching,
    pub(crate) parallelism: usize,
    pub(crate) request: RequestProperties,
    pub(crate) tracker: Option<SubmissionTracker>,
}

impl DirectIngestClient {
    /// A client of the engine behind an endpoint, which must not be the Data Management service's. It makes up to
    /// three attempts where the engine certainly did nothing.
    #[must_use]
    pub fn new(engine: Arc<dyn ManagementEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self {
            engine,
            clock,
            retry: Arc::new(ExponentialRetry::new(3)),
            on_unknown: OnUnknownOutcome::default(),
            uploader: None,
            inline_limit: INLINE_LIMIT,
            mode: CommandMode::default(),
            schedule: Operations::default_schedule(),
            batching: Batching::default(),
            parallelism: PARALLELISM,
            request: RequestProperties::new(),
            tracker: None,
        }
    }

    /// Looks at the operations of this client's engine.
    #[must_use]
    pub fn operations(&self) -> Operations {
        Operations::new(Arc::clone(&self.engine), Arc::clone(&self.clock))
    }

    /// The caller learns what became of a source: nobody needs to ask how far it is.
    fn told(&self, key: SourceKey) {
        if let Some(tracker) = &self.tracker {
            tracker.remove_chunk(key);
        }
    }
}

#[async_trait]
impl IngestClient for DirectIngestClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let key = SourceKey::of(&source);
        let span = span::ingest("direct", source.id(), properties);
        let flow = async {
            let staged = self.stage(source, properties).await?;
            let outcome = self.ingest_staged(&staged, properties).await;
            self.told(key);
            outcome
        };
        flow.instrument(span).await
    }
}

impl fmt::Debug for DirectIngestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectIngestClient")
            .field("engine", &self.engine)
            .field("uploader", &self.uploader)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
