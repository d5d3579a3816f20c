//! What uploads hold together never exceeds the budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::executor::block_on;
use futures::future::{join_all, poll_fn};
use futures::io::Cursor;
use kusto_fake::testing::address;
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::{clock, properties, replayable};
use kusto_ingest_core::{DataFormat, LocalSource, Result};
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_upload::{BlobNaming, ContainerUploader, MemoryBudget, Uploader};
use kusto_storage::{BlobName, BlobStore, BlockId, ResourceKind, ResourceUri};

const MIB: usize = 1024 * 1024;

/// A store that takes its time, and knows how many bytes were in its hands at most.
#[derive(Clone, Debug, Default)]
struct Slow {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Slow {
    async fn hold(&self, bytes: usize) {
        let now = self.now.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.most.fetch_max(now, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut polls = 0;
        poll_fn(|context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls > 20 {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
        self.now.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[async_trait]
impl BlobStore for Slow {
    async fn put(&self, _: &ResourceUri, _: &BlobName, body: Bytes) -> Result<()> {
        self.hold(body.len()).await;
        Ok(())
    }

    async fn stage(&self, _: &ResourceUri, _: &BlobName, _: BlockId, body: Bytes) -> Result<()> {
        self.hold(body.len()).await;
        Ok(())
    }

    async fn commit(&self, _: &ResourceUri, _: &BlobName, _: &[BlockId]) -> Result<()> {
        Ok(())
    }

    async fn length(&self, _: &ResourceUri, _: &BlobName) -> Result<Option<u64>> {
        Ok(None)
    }
}

fn uploader(store: &Slow, budget: &MemoryBudget) -> ContainerUploader {
    let container = address(ResourceKind::Container, "a", "tmp");
    let issued = IngestionResources::empty().with_containers([container]);
    ContainerUploader::new(
        Arc::new(FixedResources::issuing(issued)),
        Arc::new(store.clone()),
        Arc::new(InlineCompressor::new()),
        Arc::new(clock()),
    )
    .with_memory(budget.clone())
}

fn upload_all(uploader: &ContainerUploader, sources: &[LocalSource]) {
    let properties = properties();
    let naming = BlobNaming::new(&properties, DataFormat::Parquet);
    let uploads = sources.iter().map(|source| uploader.upload(source, &naming));
    for uploaded in block_on(join_all(uploads)) {
        uploaded.expect("the store takes everything");
    }
}

fn streams(count: usize, length: usize) -> Vec<LocalSource> {
    let stream = |_| LocalSource::from_reader(Cursor::new(vec![1; length]));
    (0..count).map(stream).collect()
}

#[test]
fn many_small_uploads_hold_no_more_than_the_budget_and_all_arrive() {
    let (store, budget) = (Slow::default(), MemoryBudget::new(16 * MIB));
    let sources = streams(60, MIB);
    upload_all(&uploader(&store, &budget), &sources);
    assert_eq!(store.requests.load(Ordering::Relaxed), 60);
    let most = store.most.load(Ordering::Relaxed);
    assert!(most <= 16 * MIB, "{most} bytes were in flight");
    assert!(
        most > 2 * MIB,
        "they did not wait for each other without need: {most}"
    );
    assert_eq!(budget.available(), budget.bytes(), "everything was given back");
}

#[test]
fn long_uploads_share_a_budget_that_is_too_small_for_all_and_none_waits_forever() {
    let (store, budget) = (Slow::default(), MemoryBudget::new(8 * MIB));
    let uploader = uploader(&store, &budget);
    upload_all(&uploader, &streams(5, 9 * MIB));
    let most = store.most.load(Ordering::Relaxed);
    assert!(most <= 8 * MIB, "{most} bytes were in flight");
    assert_eq!(budget.available(), budget.bytes());
}

#[test]
fn an_upload_that_fails_gives_its_share_back() {
    let (store, budget) = (Slow::default(), MemoryBudget::new(8 * MIB));
    let uploader = uploader(&store, &budget);
    let properties = properties();
    let naming = BlobNaming::new(&properties, DataFormat::Parquet);
    let empty = LocalSource::from_reader(Cursor::new(Vec::new()));
    block_on(uploader.upload(&empty, &naming)).expect_err("it is empty");
    assert_eq!(budget.available(), budget.bytes());
}

#[test]
fn what_the_caller_holds_in_memory_needs_no_share() {
    // So many blocks of the caller's own memory are in flight at once, as without a budget: four where nothing is said.
    for (parallel, most) in [(None, 4 * MIB), (Some(2), 2 * MIB), (Some(0), MIB)] {
        let (store, budget) = (Slow::default(), MemoryBudget::new(4 * MIB));
        let mut uploader = uploader(&store, &budget).with_block_size(MIB);
        if let Some(blocks) = parallel {
            uploader = uploader.with_parallelism(blocks);
        }
        upload_all(&uploader, &[LocalSource::from_bytes(vec![1; 9 * MIB])]);
        assert_eq!(store.most.load(Ordering::Relaxed), most, "{parallel:?}");
    }
}

#[test]
fn a_long_file_has_as_many_blocks_in_flight_as_memory_allows() {
    let file = || LocalSource::new(replayable(vec![1_u8; 9 * MIB]));
    for (budget, most) in [(256 * MIB, 4 * MIB), (4 * MIB, 2 * MIB), (5 * MIB, 3 * MIB)] {
        let (store, budget) = (Slow::default(), MemoryBudget::new(budget));
        upload_all(&uploader(&store, &budget).with_block_size(MIB), &[file()]);
        assert_eq!(store.most.load(Ordering::Relaxed), most);
        assert_eq!(budget.available(), budget.bytes());
    }
}

#[test]
fn the_defaults_are_as_documented() {
    assert_eq!(MemoryBudget::default().bytes(), 268_435_456);
    assert_eq!(ContainerUploader::BLOCK_SIZE, 4_194_304);
    for (length, requests) in [(4_194_304, 1), (4_194_305, 2)] {
        let store = Slow::default();
        let defaults = uploader(&store, &MemoryBudget::default());
        upload_all(&defaults, &[LocalSource::from_bytes(vec![1; length])]);
        assert_eq!(store.requests.load(Ordering::Relaxed), requests, "{length} bytes");
    }
}
