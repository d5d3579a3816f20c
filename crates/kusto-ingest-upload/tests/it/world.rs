//! Two containers in two accounts, and sources to put there.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use futures::io::Cursor;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use kusto_fake::testing::{issue, storage};
use kusto_fake::{Fault, FaultPlan, MemoryStorage, ResourcePath};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing;
use kusto_ingest_core::testing::{pattern, properties};
use kusto_ingest_core::{Clock as _, DataFormat, LocalSource, ManualClock, Payload, PayloadReader, Result};
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_upload::{BlobNaming, ContainerUploader, Uploaded, Uploader};
use kusto_storage::{BlobStore, Operation, ResourceKind};

pub(crate) const BLOCK: usize = 1_000;

/// Two containers in two accounts, "a" tried first, and an uploader with blocks of 1,000 bytes.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) storage: MemoryStorage,
    pub(crate) resources: FixedResources,
    pub(crate) uploader: ContainerUploader,
}

impl World {
    pub(crate) fn new() -> Self {
        let (storage, clock) = storage();
        let containers = ["a", "b"].map(|account| issue(&storage, ResourceKind::Container, account, "tmp"));
        let resources = FixedResources::issuing(IngestionResources::empty().with_containers(containers));
        let uploader = uploader(Arc::new(storage.clone()), &resources, &clock);
        Self {
            clock,
            storage,
            resources,
            uploader,
        }
    }

    pub(crate) fn upload_as(&self, source: &LocalSource, format: DataFormat) -> Result<Uploaded> {
        let properties = properties();
        block_on(
            self.uploader
                .upload(source, &BlobNaming::new(&properties, format)),
        )
    }

    /// Parquet travels as it is, so that a test knows the length of the body.
    pub(crate) fn upload(&self, source: &LocalSource) -> Result<Uploaded> {
        self.upload_as(source, DataFormat::Parquet)
    }

    /// The bytes of the only blob in the container of an account; none when it holds no readable blob.
    pub(crate) fn blob(&self, account: &str) -> Option<Vec<u8>> {
        let page = self
            .storage
            .list_blobs(&place(account), "", None, 10)
            .expect("the container exists");
        assert!(page.blobs.len() < 2, "one upload makes one blob");
        page.blobs.first().map(|blob| blob.bytes().to_vec())
    }

    pub(crate) fn requests(&self, account: &str) -> [u64; 4] {
        [
            Operation::PutBlob,
            Operation::StageBlock,
            Operation::CommitBlocks,
            Operation::HeadBlob,
        ]
        .map(|operation| self.storage.request_count_at(operation, &place(account)))
    }

    pub(crate) fn fail(&self, operation: Operation, fault: Fault, after: u32) {
        self.storage
            .plan(FaultPlan::new(fault).on(operation).in_account("a").after(after));
    }

    pub(crate) fn fail_for_good(&self, operation: Operation, fault: Fault, after: u32) {
        let plan = FaultPlan::new(fault).on(operation).in_account("a").after(after);
        self.storage.plan(plan.forever());
    }
}

/// An uploader to the containers of a world, by way of another store.
pub(crate) fn uploader_to(blobs: Arc<dyn BlobStore>, world: &World) -> ContainerUploader {
    uploader(blobs, &world.resources, &world.clock)
}

fn uploader(blobs: Arc<dyn BlobStore>, resources: &FixedResources, clock: &ManualClock) -> ContainerUploader {
    let compressor = Arc::new(InlineCompressor::new());
    ContainerUploader::new(
        Arc::new(resources.clone()),
        blobs,
        compressor,
        Arc::new(clock.clone()),
    )
    .with_block_size(BLOCK)
    .with_parallelism(2)
}

pub(crate) fn place(account: &str) -> ResourcePath {
    ResourcePath::new(account, "tmp")
}

pub(crate) fn replayable(length: usize) -> LocalSource {
    LocalSource::new(testing::replayable(pattern(length)))
}

pub(crate) fn flowing(length: usize) -> LocalSource {
    LocalSource::from_reader(Cursor::new(pattern(length)))
}

/// A stream whose writer takes so long before the second half.
pub(crate) fn slow(length: usize, clock: &ManualClock, pause: Duration) -> LocalSource {
    let clock = clock.clone();
    LocalSource::new(Payload::replayable(Some(length as u64), move |_| {
        let clock = clock.clone();
        async move {
            let all = pattern(length);
            let first = all[..length / 2].to_vec();
            let second = all[length / 2..].to_vec();
            let later = stream::once(async move {
                clock.sleep(pause).await;
                Ok(second)
            });
            let chunks = stream::once(async { Ok(first) }).chain(later);
            Ok(Box::pin(chunks.boxed().into_async_read()) as PayloadReader)
        }
    }))
}
