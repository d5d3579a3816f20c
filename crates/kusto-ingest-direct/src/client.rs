//! The direct flow: source, command, engine.

mod many;
mod options;

pub use options::CommandMode;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use kusto_endpoint::{ManagementEndpoint, RequestProperties};
use kusto_ingest_core::{
    BlobUri, Clock, DatabaseName, ExponentialRetry, IngestClient, IngestionProperties, OnUnknownOutcome,
    PollSchedule, Receipt, ReceiptState, Result, RetryPolicy, Source, within,
};
use kusto_ingest_upload::Uploader;
use uuid::Uuid;

use crate::batching::{Batch, Member};
use crate::failures::Failures;
use crate::operations::LOOK_LIMIT;
use crate::run::{Ended, Ran, Runner, Wait, is_skipped};
use crate::scrub::Scrub;
use crate::settle::{Subject, failed_operation, settle};
use crate::staging::{Staged, Staging};
use crate::standing::{Line, Notes};
use crate::{Batching, IngestCommand, Operation, Operations, Standings};

/// The most bytes that a command carries, where nobody says.
const INLINE_LIMIT: u64 = 1024 * 1024;

/// How many commands run at a time, where nobody says.
const PARALLELISM: usize = 4;

/// Ingests by the engine's own commands, without Data Management service, queue or batching.
///
/// A blob goes into a command by its address, small text by itself, and other local data through the [`Uploader`],
/// where the client has one. The receipt names the extents, or the operation that is still at it.
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
    engine: Arc<dyn ManagementEndpoint>,
    clock: Arc<dyn Clock>,
    retry: Arc<dyn RetryPolicy>,
    on_unknown: OnUnknownOutcome,
    uploader: Option<Arc<dyn Uploader>>,
    inline_limit: u64,
    mode: CommandMode,
    schedule: PollSchedule,
    batching: Batching,
    parallelism: usize,
    request: RequestProperties,
    standings: Option<Standings>,
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
            schedule: Operations::schedule(),
            batching: Batching::default(),
            parallelism: PARALLELISM,
            request: RequestProperties::new(),
            standings: None,
        }
    }

    /// Looks at the operations of this client's engine.
    #[must_use]
    pub fn operations(&self) -> Operations {
        Operations::new(Arc::clone(&self.engine), Arc::clone(&self.clock))
    }

    /// Waits for the end of the operation that a receipt names, and gives the receipt of what it came to. A receipt
    /// of anything else is given back.
    ///
    /// It is a loop, not a task: dropping the future changes nothing for the operation. The receipt may come from
    /// another process.
    ///
    /// # Errors
    /// Why the operation failed, in the engine's words on this source where it has any; and those of
    /// [`Operations::until_done`], after which the operation may still end well.
    pub async fn until_done(&self, receipt: &Receipt) -> Result<Receipt> {
        let ReceiptState::Operation { id } = receipt.state else {
            return Ok(receipt.clone());
        };
        let operation = self
            .operations()
            .until_done(&receipt.database, id, &self.schedule)
            .await?;
        self.conclude(receipt, &operation).await
    }

    /// What an operation that was looked at came to for the source of a receipt, which names the operation. The
    /// receipt is given back while the operation goes on.
    ///
    /// The engine is asked once more only where it failed: why this source did.
    ///
    /// # Errors
    /// Why the operation failed, in the engine's words on this source where it has any.
    pub async fn conclude(&self, receipt: &Receipt, operation: &Operation) -> Result<Receipt> {
        let mut done = receipt.clone();
        if !operation.state.is_final() {
            return Ok(done);
        }
        let id = operation.id;
        let Some(error) = operation.failure() else {
            done.state = match is_skipped(operation) {
                true => ReceiptState::Skipped,
                false => ReceiptState::Loaded {
                    extents: Vec::new(),
                    operation: Some(id),
                },
            };
            return Ok(done);
        };
        let failures = self.failures(&receipt.database, id, &Scrub::default()).await;
        let detail = receipt.blob.as_deref().and_then(|path| failures.about(path));
        Err(detail.cloned().unwrap_or(error).with_source_id(receipt.source_id))
    }

    async fn stage(&self, source: Source, properties: &IngestionProperties) -> Result<Staged> {
        let staging = Staging {
            uploader: self.uploader.as_deref(),
            inline_limit: self.inline_limit,
        };
        let id = source.id();
        let staged = staging.stage(source, properties).await;
        staged.map_err(|error| error.with_source_id(id))
    }

    /// Runs the command whose data is in it.
    async fn run_inline(
        &self,
        staged: &Staged,
        data: &str,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        let subject = Subject {
            id: staged.id,
            chunk: staged.chunk,
            blob: None,
            raw_bytes: staged.raw_bytes,
            sent_bytes: staged.sent_bytes,
        };
        let command = IngestCommand::inline(data, properties, staged.format)?;
        let scrub = Scrub::default();
        let subjects = [subject];
        let notes = self.notes(&subjects, properties);
        let ended = self.run(&command, Wait::Data, &scrub, &notes).await;
        // One subject, one outcome.
        self.settle(&ended, &subjects, properties, &scrub)
            .await
            .swap_remove(0)
    }

    /// Runs the command of a batch, and tells what became of each of its blobs.
    async fn run_batch(&self, batch: &Batch<'_>) -> Vec<Result<Receipt>> {
        let subjects: Vec<Subject<'_>> = batch.members.iter().map(subject).collect();
        let scrub = Scrub::of(batch.members.iter().map(|blob| blob.uri.expose()));
        let wait = self.mode.wait(batch, &self.schedule);
        let command = match command(batch, wait) {
            Ok(command) => command,
            Err(error) => {
                let ran = Ran::Failed(error, None);
                return settle(&ran, &subjects, batch.properties, &Failures::default());
            }
        };
        let notes = self.notes(&subjects, batch.properties);
        let ended = self.run(&command, wait, &scrub, &notes).await;
        self.settle(&ended, &subjects, batch.properties, &scrub).await
    }

    fn notes<'a>(&'a self, subjects: &'a [Subject<'a>], properties: &'a IngestionProperties) -> Notes<'a> {
        Notes {
            standings: self.standings.as_ref(),
            subjects,
            properties,
        }
    }

    /// The caller learns what became of a source: nobody needs to ask how far it is.
    fn told(&self, line: Line) {
        if let Some(standings) = &self.standings {
            standings.drop_line(line);
        }
    }

    async fn run(&self, command: &IngestCommand, wait: Wait<'_>, scrub: &Scrub, notes: &Notes<'_>) -> Ended {
        let database = &notes.properties.database;
        tracing::debug!(%command, %database, "ingesting directly");
        let first = notes.subjects.first();
        let (_, random) = first.map_or((0, 0), |subject| subject.id.as_uuid().as_u64_pair());
        let runner = Runner {
            engine: &self.engine,
            clock: &self.clock,
            retry: &*self.retry,
            on_unknown: self.on_unknown,
            properties: &self.request,
            database,
            scrub,
            random,
            notes,
        };
        runner.run(command, wait).await
    }

    /// What became of each source. The engine is asked why single ones failed, where it keeps that.
    async fn settle(
        &self,
        ended: &Ended,
        subjects: &[Subject<'_>],
        properties: &IngestionProperties,
        scrub: &Scrub,
    ) -> Vec<Result<Receipt>> {
        let failures = match failed_operation(&ended.ran) {
            Some(operation) => self.failures(&properties.database, operation, scrub).await,
            None => Failures::default(),
        };
        let results = settle(&ended.ran, subjects, properties, &failures);
        let results = results.into_iter().zip(subjects).map(|(result, subject)| {
            let receipt = |state| subject.receipt(properties, state);
            let told = ended.ambiguous.conclude(result, receipt);
            told.map_err(|error| error.with_source_id(subject.id))
        });
        results.collect()
    }

    /// Why single sources of an operation failed. It is told without where the engine takes too long to say.
    async fn failures(&self, database: &DatabaseName, operation: Uuid, scrub: &Scrub) -> Failures {
        let asked = async { Ok(Failures::of(&*self.engine, database, operation, scrub).await) };
        let told = within(&*self.clock, LOOK_LIMIT, "ask why single sources failed", asked).await;
        told.unwrap_or_else(|error| {
            tracing::debug!(error = %error.chain(), %operation, "the engine does not say why single sources failed");
            Failures::default()
        })
    }
}

#[async_trait]
impl IngestClient for DirectIngestClient {
    async fn ingest(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let line = Line::of(&source);
        let staged = self.stage(source, properties).await?;
        let outcome = self.ingest_staged(&staged, properties).await;
        self.told(line);
        outcome
    }
}

fn subject<'a>(blob: &'a Member<'_>) -> Subject<'a> {
    Subject {
        id: blob.id,
        chunk: blob.chunk,
        blob: Some(&blob.uri),
        raw_bytes: blob.raw_bytes,
        sent_bytes: blob.sent_bytes,
    }
}

fn command(batch: &Batch<'_>, wait: Wait<'_>) -> Result<IngestCommand> {
    let blobs = batch.members.iter().map(|blob| &blob.uri);
    match wait {
        Wait::Data => IngestCommand::of_blobs(blobs, batch.properties, batch.format),
        Wait::Operation | Wait::End(_) => {
            IngestCommand::of_blobs_async(blobs, batch.properties, batch.format)
        }
    }
}

fn member<'a>(
    place: usize,
    staged: &Staged,
    uri: &BlobUri,
    properties: &'a IngestionProperties,
) -> Member<'a> {
    Member {
        place,
        id: staged.id,
        chunk: staged.chunk,
        uri: uri.clone(),
        format: staged.format,
        properties,
        raw_bytes: staged.raw_bytes,
        sent_bytes: staged.sent_bytes,
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
