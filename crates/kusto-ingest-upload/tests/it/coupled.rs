//! Sources that depend on one another: none goes on before all have begun, as behind bounded channels filled in turn.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt as _;
use futures::executor::block_on;
use futures::future::{Either, join_all, pending, select};
use futures::io::Cursor;
use futures::task::noop_waker;
use kusto_ingest_core::testing::reader;
use kusto_ingest_core::{
    Clock as _, DataFormat, Deadline, Error, ErrorKind, IngestionProperties, LocalSource, Payload,
    PayloadReader, Result,
};
use kusto_ingest_upload::{BlobNaming, MemoryBudget, Uploader};
use kusto_storage::{BlobName, BlobStore, BlockId, ResourceUri};

use crate::world::{World, uploader_to};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Who has been asked for a first byte, and who waits for the others.
#[derive(Default)]
struct Feed {
    asked: AtomicUsize,
    waiting: Mutex<Vec<Waker>>,
}

/// One of several streams of a feed, which gives so much before all have been asked.
fn stream(feed: Arc<Feed>, streams: usize, early: usize, length: usize) -> LocalSource {
    let (mut early, mut left, mut was_asked) = (early, length, false);
    LocalSource::from_reader(reader(move |context, buffer| {
        let mut waiting = feed.waiting.lock().expect("no test panics with it");
        if !std::mem::replace(&mut was_asked, true) {
            feed.asked.fetch_add(1, Ordering::Relaxed);
            waiting.drain(..).for_each(Waker::wake);
        }
        let all_have_begun = feed.asked.load(Ordering::Relaxed) == streams;
        let most = if all_have_begun { left } else { early };
        if most == 0 && left > 0 {
            waiting.push(context.waker().clone());
            return Poll::Pending;
        }
        let given = most.min(buffer.len());
        buffer[..given].fill(1);
        left -= given;
        early = early.saturating_sub(given);
        Poll::Ready(Ok(given))
    }))
}

/// How many streams of these lengths arrive, each of which gives so much before all have begun.
fn arrived(lengths: &[usize], early: usize, budget: MemoryBudget) -> usize {
    let world = World::new();
    let uploader = world.uploader.with_block_size(8 * MIB).with_memory(budget);
    let feed = Arc::<Feed>::default();
    let of_length = |length: &usize| stream(feed.clone(), lengths.len(), early, *length);
    let sources: Vec<LocalSource> = lengths.iter().map(of_length).collect();
    let naming = naming();
    let arrived = AtomicUsize::new(0);
    let upload = async |source| {
        let uploaded = uploader.upload(source, &naming).await;
        uploaded.expect("nothing fails");
        arrived.fetch_add(1, Ordering::Relaxed);
    };
    let mut all = Box::pin(join_all(sources.iter().map(upload)));
    // Nobody but themselves would wake them, so that this often is for ever.
    for _ in 0..10_000 {
        if all
            .as_mut()
            .poll(&mut Context::from_waker(&noop_waker()))
            .is_ready()
        {
            break;
        }
    }
    arrived.load(Ordering::Relaxed)
}

fn naming() -> BlobNaming {
    let properties = IngestionProperties::into_table("db", "t").expect("good names");
    BlobNaming::new(&properties, DataFormat::Parquet)
}

#[test]
fn a_thousand_short_and_a_hundred_longer_streams_of_one_feed_arrive_under_the_default_budget() {
    let mut lengths = vec![KIB; 1_000];
    lengths.extend([2 * MIB; 100]);
    assert_eq!(arrived(&lengths, 0, MemoryBudget::default()), 1_100);
}

#[test]
fn streams_that_stop_with_more_than_the_budget_read_do_not_keep_others_from_beginning() {
    // 30 MiB come before all have begun, and uploads hold 16 MiB at most.
    assert_eq!(arrived(&[2 * MIB; 30], MIB, MemoryBudget::new(16 * MIB)), 30);
}

/// A store that never answers.
#[derive(Clone, Debug)]
struct Mute;

#[async_trait]
impl BlobStore for Mute {
    async fn put(&self, _: &ResourceUri, _: &BlobName, _: Bytes) -> Result<()> {
        pending().await
    }

    async fn stage(&self, _: &ResourceUri, _: &BlobName, _: BlockId, _: Bytes) -> Result<()> {
        pending().await
    }

    async fn commit(&self, _: &ResourceUri, _: &BlobName, _: &[BlockId]) -> Result<()> {
        pending().await
    }

    async fn length(&self, _: &ResourceUri, _: &BlobName) -> Result<Option<u64>> {
        pending().await
    }
}

fn in_five_seconds(upload_before: bool) -> Error {
    let world = World::new();
    let uploader = uploader_to(Arc::new(Mute), &world)
        .with_memory(MemoryBudget::new(0))
        .with_block_size(MIB);
    let file = || {
        let reader = || Box::pin(Cursor::new(vec![1_u8; 9 * MIB])) as PayloadReader;
        LocalSource::new(Payload::replayable(Some(9 * MIB as u64), move |_| async move {
            Ok(reader())
        }))
    };
    let deadline = Deadline::after(&world.clock, Duration::from_secs(5));
    let (unlimited, limited) = (naming(), naming().with_deadline(Some(deadline)));
    let (first, second) = (file(), file());
    let before = async {
        match upload_before {
            true => uploader.upload(&first, &unlimited).await,
            false => pending().await,
        }
    };
    let after = uploader.upload(&second, &limited);
    let uploaded = match block_on(select(before.boxed(), after)) {
        Either::Left((uploaded, _)) | Either::Right((uploaded, _)) => uploaded,
    };
    assert_eq!(world.clock.monotonic(), Duration::from_secs(5));
    uploaded.expect_err("nobody answers")
}

#[test]
fn a_wait_for_memory_ends_with_the_deadline_and_names_the_budget() {
    let error = in_five_seconds(true);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let chain = error.chain();
    assert!(
        chain.contains("upload the source: the deadline of 5s is over"),
        "{chain}"
    );
    assert!(chain.contains("other uploads hold the memory budget"), "{chain}");
    assert!(chain.contains("memory budget in bytes 4194304"), "{chain}");
}

#[test]
fn an_upload_that_has_its_memory_does_not_blame_the_budget() {
    let error = in_five_seconds(false);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!error.chain().contains("budget"), "{}", error.chain());
}
