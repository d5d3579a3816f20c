//! Uploads into the containers that Kusto lends.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::FutureExt;
use kusto_ingest_compression::{Compressor, estimate, identity, should_compress, verified};
use kusto_ingest_core::{
    Clock, Compression, Error, ErrorKind, ExponentialRetry, LocalSource, Outage, Payload, Result, RetryPolicy,
};
use kusto_ingest_resources::{IngestionResources, ResourceProvider, Rounds};
use kusto_storage::{BlobName, BlobStore, ResourceUri};

use crate::blocks::{Block, BlockCutter, too_large};
use crate::budget::Share;
use crate::cut::Cut;
use crate::transfer::Destination;
use crate::{BlobNaming, MemoryBudget, Uploaded, Uploader};

/// Uploads into the containers that Kusto lends: compressed on the way, in blocks, the healthiest account first.
///
/// Memory is bounded by block size × (blocks in flight + 2) for one source, whatever its size, and by the
/// [`MemoryBudget`] for all together. What fits one block is one request, and is sent again from memory; a longer
/// source is read again from its start for every attempt. A signature that expires in the middle of an upload is
/// renewed, and the blocks that were sent stay sent.
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
    /// The default size of a block: 8 MiB.
    pub const BLOCK_SIZE: usize = 8 * 1024 * 1024;

    /// The default number of blocks in flight.
    pub const PARALLEL: usize = 4;

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
            parallel: Self::PARALLEL,
            memory: MemoryBudget::default(),
            max_raw: Self::MAX_RAW_BYTES,
        }
    }

    /// Another size of blocks in bytes; at least one.
    #[must_use]
    pub fn with_block_size(self, bytes: usize) -> Self {
        Self {
            block_size: bytes.max(1),
            ..self
        }
    }

    /// Another number of blocks in flight; at least one.
    #[must_use]
    pub fn with_parallelism(self, blocks: usize) -> Self {
        Self {
            parallel: blocks.max(1),
            ..self
        }
    }

    /// A budget of memory that is shared with whoever else has it.
    #[must_use]
    pub fn with_memory(self, budget: MemoryBudget) -> Self {
        Self {
            memory: budget,
            ..self
        }
    }

    /// Another limit of the uncompressed size in bytes.
    #[must_use]
    pub fn with_max_raw_bytes(self, bytes: u64) -> Self {
        Self {
            max_raw: bytes,
            ..self
        }
    }

    /// Another policy for trying again.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// Brings a source into the first container that takes it. The source is read before a container is chosen,
    /// so that a bad one costs no request.
    async fn carry(&self, plan: &Plan<'_>) -> Result<Done> {
        if let Some(given) = plan.source.raw_size().filter(|given| *given > plan.max_raw) {
            return Err(too_large(given, plan.max_raw));
        }
        let mut share = self.memory.share(plan.cut.first_share()).await;
        let mut begun = Some(self.begin(plan).await?);
        let parallel = begun
            .as_ref()
            .map_or(1, |begun| begun.settle(&mut share, &plan.cut));
        let (_, chance) = plan.source.id().as_uuid().as_u64_pair();
        let rounds = Rounds::new(
            "upload the source",
            &*self.resources,
            &*self.retry,
            &self.clock,
            &self.outage,
        );
        let upload = |container| {
            let ready = begun.take();
            begun = ready.as_ref().and_then(Begun::kept);
            self.transfer(plan, ready, container, parallel).boxed()
        };
        rounds
            .with_random(chance)
            .run(IngestionResources::containers, upload)
            .await
    }

    /// One attempt: with what is ready, else from the first byte of the source.
    async fn transfer(
        &self,
        plan: &Plan<'_>,
        ready: Option<Begun>,
        container: ResourceUri,
        parallel: usize,
    ) -> Result<Done> {
        let ready = match ready {
            Some(ready) => ready,
            None => self.begin(plan).await?,
        };
        let to = Destination::new(&*self.blobs, &*self.resources, container, &plan.name);
        let (raw, sent) = match ready {
            Begun::Whole { body, raw } => (raw, to.put(body).await?),
            Begun::Flowing { first, rest } => {
                let sizes = rest.sizes();
                let sent = to.put_blocks(first, rest, parallel).await?;
                (sizes.raw(), sent)
            }
        };
        let container = to.container();
        Ok(Done { container, raw, sent })
    }

    /// Opens the source and reads as far as the first block, which tells whether one request is enough.
    async fn begin(&self, plan: &Plan<'_>) -> Result<Begun> {
        let encoded = if plan.compress {
            self.compressor.gzip(&plan.payload).await?
        } else {
            identity(&plan.payload).await?
        };
        let mut rest = BlockCutter::new(encoded, plan.cut.block, plan.max_raw);
        let first = rest.next().await?;
        let raw = rest.sizes().raw();
        match first {
            Some(Block { body, last: true }) if raw > 0 => Ok(Begun::Whole { body, raw }),
            Some(first @ Block { last: false, .. }) => Ok(Begun::Flowing { first, rest }),
            _ => Err(Error::new(ErrorKind::EmptySource, "upload the source").because("it has no bytes")),
        }
    }

    /// The uncompressed size: the caller's word, else what was counted, else an estimate.
    async fn raw_bytes(&self, source: &LocalSource, counted: u64) -> Option<u64> {
        match (source.raw_size(), source.compression()) {
            (Some(given), _) => Some(given),
            (None, Compression::None) => Some(counted),
            (None, compression) => Some(estimate(source.payload(), compression, counted).await),
        }
    }
}

/// One source on its way: what stays the same from attempt to attempt.
struct Plan<'a> {
    source: &'a LocalSource,
    /// Its bytes, which are as compressed as they are said to be.
    payload: Payload,
    name: BlobName,
    compress: bool,
    cut: Cut,
    max_raw: u64,
}

/// A source whose first block is read.
enum Begun {
    Whole { body: Bytes, raw: u64 },
    Flowing { first: Block, rest: BlockCutter },
}

impl Begun {
    /// Gives back the memory that is not needed after all, or takes what is free for more blocks in flight. How many
    /// may be in flight then.
    fn settle(&self, share: &mut Share, cut: &Cut) -> usize {
        match self {
            Self::Whole { body, .. } => {
                share.shrink_to(cut.weight_of(body.len()));
                1
            }
            Self::Flowing { .. } => 1 + share.grow(cut.weight_of(cut.block), cut.parallel - 1),
        }
    }

    /// What the next attempt can start from: a whole body stays in memory, a flowing one is gone.
    fn kept(&self) -> Option<Self> {
        match self {
            Self::Whole { body, raw } => Some(Self::Whole {
                body: body.clone(),
                raw: *raw,
            }),
            Self::Flowing { .. } => None,
        }
    }
}

/// What one successful attempt brought where.
struct Done {
    container: ResourceUri,
    raw: u64,
    sent: u64,
}

#[async_trait]
impl Uploader for ContainerUploader {
    async fn upload(&self, source: &LocalSource, naming: &BlobNaming) -> Result<Uploaded> {
        let max_raw = if naming.ignores_size_limit() {
            u64::MAX
        } else {
            self.max_raw
        };
        let about = |error: Error| error.with_source_id(source.id());
        let compress = should_compress(naming.format(), source.compression());
        let payload = verified(source).await.map_err(about)?;
        let set = (self.block_size, self.parallel);
        let plan = Plan {
            source,
            name: naming.blob_name(source)?,
            cut: Cut::of(&payload, compress, set, self.memory.bytes()),
            payload,
            compress,
            max_raw,
        };
        let done = self.carry(&plan).await.map_err(about)?;
        let raw = self.raw_bytes(source, done.raw).await;
        Ok(Uploaded::new(done.container.blob(&plan.name)?, raw, done.sent))
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
