//! Uploads into the containers that Kusto issues.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::FutureExt;
use kusto_ingest_compression::internal::archived_raw_size;
use kusto_ingest_compression::{Compressor, estimate, passthrough, should_compress, verify_compression};
use kusto_ingest_core::{
    Clock, Compression, Error, ErrorKind, ExponentialRetry, FaultScope, LocalSource, Outage, Payload, Result,
    RetryPolicy, span,
};
use kusto_ingest_resources::internal::is_refusal;
use kusto_ingest_resources::{IngestionResources, Outcome, ResourceProvider, Rounds};
use kusto_storage::{BlobName, BlobStore, ResourceUri};
use tracing::Instrument as _;

use crate::block_plan::BlockPlan;
use crate::blocks::{BlockCutter, too_large};
use crate::in_place::InPlacePolicy;
use crate::opened::{OpenedSource, TimeoutCause, UploadOutcome, UploadPlan};
use crate::random::random_word;
use crate::transfer::Destination;
use crate::{BlobNaming, MemoryBudget, Uploaded, Uploader};

/// Uploads into the containers that Kusto issues: compressed on the way, in blocks, the healthiest account first.
///
/// Memory is bounded by block size × (blocks in flight + 2) for one source, whatever its size, and by the
/// [`MemoryBudget`] for all together.
///
/// A block whose request fails in passing is sent again from memory, to the same container. The container is given up
/// after 3 tries or 5 s; then the next one gets the source from its first byte. A stream that cannot be replayed has only
/// the one container once its first block is there, and tries as long as the retry policy does. What fits one block is
/// one request, which goes to the next container at once. A SAS that expires in the middle of an upload is renewed,
/// and the blocks that were sent stay sent.
///
/// Every attempt at a container makes a blob of another name, so that after a lost answer a blob that is there is known
/// to be the right one. A blob whose answer was lost for good may stay behind without being named by a message.
#[derive(Clone)]
pub struct ContainerUploader {
    resources: Arc<dyn ResourceProvider>,
    blobs: Arc<dyn BlobStore>,
    compressor: Arc<dyn Compressor>,
    clock: Arc<dyn Clock>,
    retry: Arc<dyn RetryPolicy>,
    outage: Outage,
    block_size: usize,
    parallel: usize,
    memory: MemoryBudget,
    max_raw: u64,
}

impl ContainerUploader {
    /// The default size of a block: 4 MiB.
    pub const BLOCK_SIZE: usize = 4 * 1024 * 1024;

    /// The default number of blocks in flight.
    pub const PARALLELISM: usize = 4;

    /// The default limit of the uncompressed size: 6 GiB, what the service takes.
    pub const MAX_RAW_BYTES: u64 = 6 * 1024 * 1024 * 1024;

    /// An uploader with the default sizes, which tries for up to a minute.
    #[must_use]
    pub fn new(
        resources: Arc<dyn ResourceProvider>,
        blobs: Arc<dyn BlobStore>,
        compressor: Arc<dyn Compressor>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            resources,
            blobs,
            compressor,
            clock,
            retry: Arc::new(ExponentialRetry::default()),
            outage: Outage::new(),
            block_size: Self::BLOCK_SIZE,
            parallel: Self::PARALLELISM,
            memory: MemoryBudget::default(),
            max_raw: Self::MAX_RAW_BYTES,
        }
    }

    /// Sets the size of blocks, in bytes; at least 1.
    #[must_use]
    pub fn with_block_size(self, bytes: usize) -> Self {
        Self {
            block_size: bytes.max(1),
            ..self
        }
    }

    /// Sets the number of blocks in flight; at least 1.
    #[must_use]
    pub fn with_parallelism(self, blocks: usize) -> Self {
        Self {
            parallel: blocks.max(1),
            ..self
        }
    }

    /// Sets the memory budget, which is shared with its other holders.
    #[must_use]
    pub fn with_memory(self, budget: MemoryBudget) -> Self {
        Self {
            memory: budget,
            ..self
        }
    }

    /// Sets the limit of the uncompressed size, in bytes.
    #[must_use]
    pub fn with_max_raw_bytes(self, bytes: u64) -> Self {
        Self {
            max_raw: bytes,
            ..self
        }
    }

    /// Sets the retry policy.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// What is known of a source before a block of it is read. One that is known to be too large ends here.
    async fn plan<'a>(
        &self,
        source: &'a LocalSource,
        naming: &'a BlobNaming,
        timeout_cause: &'a TimeoutCause,
    ) -> Result<UploadPlan<'a>> {
        let max_raw = if naming.ignores_size_limit() {
            u64::MAX
        } else {
            self.max_raw
        };
        let refuse_above = |size: Option<u64>| match size {
            Some(size) if size > max_raw => Err(too_large(size, max_raw)),
            _ => Ok(()),
        };
        refuse_above(source.raw_size())?;
        refuse_above(source.payload().len())?;
        let payload = verify_compression(source).await?;
        let known_raw = known_raw_size(source, &payload).await;
        refuse_above(known_raw)?;
        let compress = should_compress(naming.format(), source.compression());
        let set = (self.block_size, self.parallel);
        Ok(UploadPlan {
            source,
            naming,
            blocks: BlockPlan::of(&payload, compress, set, self.memory.bytes()),
            payload,
            compress,
            max_raw,
            known_raw,
            timeout_cause,
        })
    }

    /// Brings a source into the first container that takes it. The source is read before a container is chosen,
    /// so that a bad one costs no request.
    async fn upload_with_retry(&self, plan: &UploadPlan<'_>) -> Result<UploadOutcome> {
        let begun = self.clock.monotonic();
        let opened = &Mutex::new(Some(self.open(plan).await?));
        let attempts = AtomicU32::new(0);
        let rounds = Rounds::new(
            "upload the source",
            &*self.resources,
            &*self.retry,
            &self.clock,
            &self.outage,
        );
        rounds
            .with_random(jitter_of(plan.source))
            .with_deadline(plan.deadline())
            .run(IngestionResources::containers, |container| {
                let attempt = attempts.fetch_add(1, Ordering::Relaxed) + 1;
                let span = span::upload(plan.source.id(), container.account(), attempt);
                self.transfer(plan, opened, begun, container)
                    .instrument(span)
                    .boxed()
            })
            .await
    }

    /// One attempt: with what is opened, else from the first byte of the source.
    async fn transfer(
        &self,
        plan: &UploadPlan<'_>,
        opened: &Mutex<Option<OpenedSource>>,
        begun: Duration,
        container: ResourceUri,
    ) -> Result<UploadOutcome> {
        let ready = opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut ready = match ready {
            Some(ready) => ready,
            None => self.open(plan).await?,
        };
        let name = plan.naming.attempt_blob_name(plan.source, random_word())?;
        let to = self.destination(plan, begun, container.clone(), &name);
        let sent = match &mut ready {
            OpenedSource::Whole { body, .. } => to.put(body.clone()).await,
            OpenedSource::Flowing(source) => to.put_blocks(source, plan.blocks.parallel).await,
        };
        match sent {
            Ok(sent) => {
                let sizes = ready.sizes();
                let container = self.longest_lived(&container, to.container());
                Ok(UploadOutcome {
                    container,
                    name,
                    raw: sizes.raw(),
                    stored: sizes.stored(),
                    sent,
                })
            }
            Err(error) => {
                plan.timeout_cause.set(error.clone());
                let kept = ready.kept();
                let error = match kept.is_none() && !plan.payload.is_replayable() {
                    true => self.cannot_be_replayed(&container, error),
                    false => error,
                };
                *opened.lock().unwrap_or_else(PoisonError::into_inner) = kept;
                Err(error)
            }
        }
    }

    fn destination<'a>(
        &'a self,
        plan: &'a UploadPlan<'_>,
        begun: Duration,
        container: ResourceUri,
        name: &'a BlobName,
    ) -> Destination<'a> {
        let rounds_end = || {
            let limit = self.retry.max_elapsed().unwrap_or(Duration::MAX);
            begun.saturating_add(limit)
        };
        Destination {
            blobs: &*self.blobs,
            resources: &*self.resources,
            clock: &*self.clock,
            policy: InPlacePolicy::new(self.retry.clone(), self.clock.clone(), self.outage.clone()),
            deadline: plan.deadline(),
            random: jitter_of(plan.source),
            name,
            timeout_cause: plan.timeout_cause,
            replayable_until: match plan.payload.is_replayable() {
                true => rounds_end(),
                false => Duration::ZERO,
            },
            container: Mutex::new(container),
        }
    }

    /// Opens the source and reads as far as the first block, which tells whether one request is enough.
    async fn open(&self, plan: &UploadPlan<'_>) -> Result<OpenedSource> {
        let bytes = plan.blocks.first_permit();
        plan.timeout_cause.set_memory(bytes, self.memory.bytes());
        let read =
            |memory| async {
                plan.timeout_cause.clear();
                let turn = plan.blocks.may_stall().then(|| self.memory.reading_turn());
                let limited = turn.as_ref().map(|turn| turn.limit(&plan.payload));
                let payload = limited.as_ref().unwrap_or(&plan.payload);
                let encoded = if plan.compress {
                    self.compressor.gzip(payload).await?
                } else {
                    passthrough(payload).await?
                };
                let mut rest = BlockCutter::new(encoded, plan.blocks, plan.max_raw, memory).with_turn(turn);
                match rest.next().await? {
                    Some(first) if rest.sizes().raw() > 0 => Ok(OpenedSource::new(first, rest)),
                    _ => Err(Error::new(ErrorKind::EmptySource, "upload the source")
                        .because("the source is empty")),
                }
            };
        self.memory.begin(bytes, read).await
    }

    /// A stream has failed behind its beginning: what happened to the block, and that this is the end of it.
    fn cannot_be_replayed(&self, container: &ResourceUri, error: Error) -> Error {
        if error.scope() == FaultScope::Request {
            return error;
        }
        let outcome = if is_refusal(error.kind()) {
            Outcome::Refused
        } else {
            Outcome::Failure
        };
        self.resources.report(container, outcome);
        Error::new(ErrorKind::SourceNotReplayable, "upload the source")
            .because("a block could not be sent, and the source is a stream that cannot be replayed for another container")
            .caused_by(error)
    }

    /// The container that took a blob, under the SAS by which Kusto can read it longest. One that was renewed in
    /// the middle stays: there is a reason for it.
    fn longest_lived(&self, chosen: &ResourceUri, used: ResourceUri) -> ResourceUri {
        if *chosen != used {
            return used;
        }
        // What is at hand is enough: nothing is fetched for it.
        match self.resources.peek() {
            Some(issued) => issued.longest_lived(&used),
            None => used,
        }
    }

    /// The uncompressed size: what was counted where it could be, else the caller's word, else what the archive says or
    /// an estimate.
    async fn raw_bytes(&self, plan: &UploadPlan<'_>, counted: u64) -> u64 {
        let compression = plan.source.compression();
        match plan.source.raw_size().or(plan.known_raw) {
            _ if compression == Compression::None => counted,
            Some(known) => known,
            None => estimate(plan.source.payload(), compression, counted).await,
        }
    }

    async fn upload_source(
        &self,
        source: &LocalSource,
        naming: &BlobNaming,
        timeout_cause: &TimeoutCause,
    ) -> Result<Uploaded> {
        let plan = self.plan(source, naming, timeout_cause).await?;
        let outcome = self.upload_with_retry(&plan).await?;
        let raw = self.raw_bytes(&plan, outcome.raw).await;
        let blob = outcome.container.blob(&outcome.name)?;
        Ok(Uploaded::new(blob, Some(raw), outcome.sent).with_stored_bytes(outcome.stored))
    }
}

/// A number for jitter. The identity of a source is random, so that no other needs to be drawn.
fn jitter_of(source: &LocalSource) -> u64 {
    source.id().as_uuid().as_u64_pair().1
}

/// What an archive says of its uncompressed size, where it can be read before the upload and nobody has told already.
async fn known_raw_size(source: &LocalSource, payload: &Payload) -> Option<u64> {
    let compression = source.compression();
    if compression == Compression::None || source.raw_size().is_some() {
        return None;
    }
    archived_raw_size(payload, compression, payload.len()?).await
}

#[async_trait]
impl Uploader for ContainerUploader {
    async fn upload(&self, source: &LocalSource, naming: &BlobNaming) -> Result<Uploaded> {
        let timeout_cause = TimeoutCause::default();
        let upload = pin!(self.upload_source(source, naming, &timeout_cause));
        let uploaded = match naming.deadline() {
            None => upload.await,
            Some(deadline) => deadline
                .run(&*self.clock, "upload the source", upload.map(Ok))
                .await
                .unwrap_or_else(|timeout| Err(timeout_cause.explain(timeout))),
        };
        uploaded.map_err(|error| error.with_source_id(source.id()))
    }
}

impl fmt::Debug for ContainerUploader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContainerUploader")
            .field("block_size", &self.block_size)
            .field("parallel", &self.parallel)
            .field("memory", &self.memory)
            .field("max_raw", &self.max_raw)
            .finish_non_exhaustive()
    }
}
