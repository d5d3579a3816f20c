//! Sources that are under way together share requests.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures::executor::block_on;
use futures::future::{join, join_all, poll_fn};
use futures::stream::{self, StreamExt as _};
use kusto_ingest_core::{BlobSource, BlobUri, Clock as _, ErrorKind, IngestClient, Receipt, Result, Sources};
use kusto_ingest_core::{Error, LocalSource, Payload};
use kusto_storage::{BlobProbe, BlobSize};

use super::world::{World, properties, row};

fn operations(results: &[Result<Receipt>]) -> BTreeSet<String> {
    let receipts = results.iter().map(|result| result.as_ref().expect("it is taken"));
    receipts
        .filter_map(|receipt| receipt.queued_operation())
        .map(|operation| operation.operation.clone())
        .collect()
}

#[test]
fn s03_g48_forty_five_blobs_go_in_three_requests_and_their_receipts_name_three_operations() {
    let world = World::new();
    let blob = |number| BlobSource::parse(format!("https://a.blob.core.windows.net/c/{number}.csv?sig=S"));
    let blobs: Vec<_> = (0..45).map(|number| blob(number).expect("an address")).collect();
    let results = block_on(world.client.ingest_blobs(blobs, &properties())).expect("they go together");
    assert_eq!(world.sizes(), [20, 20, 5]);
    assert_eq!(operations(&results).len(), 3);
    assert_eq!(world.endpoint.configurations_asked(), 1);
}

#[test]
fn of_many_blobs_a_few_hundred_are_asked_for_their_size_at_a_time_and_their_requests_are_full() {
    let (world, probe) = (World::new(), Arc::new(CountingProbe::default()));
    let client = world.client.clone().with_blob_probe(probe.clone());
    let blob = |number| BlobSource::parse(format!("https://a.blob.core.windows.net/c/{number}.csv?sig=S"));
    let blobs: Vec<_> = (0..1_000)
        .map(|number| blob(number).expect("an address"))
        .collect();
    let ids: Vec<_> = blobs.iter().map(BlobSource::id).collect();
    let results = block_on(client.ingest_blobs(blobs, &properties())).expect("they go together");
    let receipts = results.iter().map(|result| result.as_ref().expect("it is taken"));
    assert!(
        receipts.map(|receipt| receipt.source_id).eq(ids),
        "in their order"
    );
    let most = probe.most.load(Ordering::Relaxed);
    assert!((20..=200).contains(&most), "{most} at a time");
    assert_eq!(world.sizes(), [20; 50]);
}

#[test]
fn a_single_source_waits_for_nobody() {
    let world = World::new();
    let begun = world.clock.monotonic();
    world.ingest(row()).expect("it is taken");
    assert_eq!((world.sizes(), world.clock.monotonic()), (vec![1], begun));
}

#[test]
fn small_sources_take_at_most_a_tenth_of_a_request_each() {
    let world = World::new();
    let sources: Vec<LocalSource> = (0..1_000).map(|_| row()).collect();
    let properties = properties();
    let many = Sources::new(sources).with_concurrency(40);
    let result = block_on(many.ingest_with(&world.client, &properties));
    assert_eq!(result.receipts().count(), 1_000);
    assert!(world.sizes().len() <= 60, "{:?}", world.sizes());
    assert_eq!(world.sizes().iter().sum::<usize>(), 1_000);
}

#[test]
fn the_service_says_how_many_blobs_a_request_may_name() {
    let world = World::offering(|offered| offered.with_max_blobs(7));
    assert!(world.ingest_many(15).iter().all(Result::is_ok));
    assert_eq!(world.sizes(), [7, 7, 1]);
}

#[test]
fn sources_of_other_properties_go_apart() {
    let world = World::new();
    let tagged = properties().with_additional_tags(["t"]);
    let plain = properties();
    let each = (0..6).map(|number| {
        let properties = if number % 2 == 0 { &plain } else { &tagged };
        world.client.ingest_source(row().into(), properties)
    });
    assert!(block_on(join_all(each)).iter().all(Result::is_ok));
    assert_eq!(world.sizes(), [3, 3]);
}

#[test]
fn a_request_waits_half_a_second_for_a_source_that_is_slow_and_no_longer() {
    let world = World::new();
    let properties = properties();
    // It is never read to its end.
    let stuck = LocalSource::new(Payload::from_reader(Stuck));
    let slow = world.client.ingest_source(stuck.into(), &properties);
    let quick = world.client.ingest_source(row().into(), &properties);
    block_on(async {
        let mut slow = pin!(slow);
        let mut quick = pin!(quick);
        let done = poll_fn(|context| {
            assert!(slow.as_mut().poll(context).is_pending(), "it hangs");
            quick.as_mut().poll(context)
        });
        done.await.expect("it is taken");
    });
    assert_eq!(world.sizes(), [1]);
    assert_eq!(world.clock.monotonic().as_millis(), 500);
}

#[test]
fn who_gives_up_while_the_others_are_on_their_way_is_not_named() {
    let world = World::new();
    let properties = properties();
    let first = world.client.ingest_source(row().into(), &properties);
    let stuck = LocalSource::new(Payload::from_reader(Stuck));
    let stuck = world.client.ingest_source(stuck.into(), &properties);
    let last = world.client.ingest_source(row().into(), &properties);
    block_on(async {
        let mut stuck = Box::pin(stuck);
        let mut first = Box::pin(first);
        // Both are on their way, and one has arrived.
        poll_fn(|context| {
            assert!(stuck.as_mut().poll(context).is_pending());
            assert!(first.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(first);
        let done = join(last, async { drop(stuck) });
        done.await.0.expect("it is taken");
    });
    assert_eq!(world.sizes(), [1], "the one that was dropped is not named");
}

fn refused() -> Error {
    Error::new(ErrorKind::Rejected, "queue the blobs")
        .with_code("BadRequest_InvalidBlobUri")
        .with_http_status(400)
        .with_permanence(true)
}

#[test]
fn one_bad_source_fails_alone() {
    let world = World::new();
    // Eight, the first four, the first two, the first alone; then all that are left are taken.
    (0..4).for_each(|_| world.endpoint.submit_once(Err(refused())));
    let results = world.ingest_many(8);
    assert_eq!(world.sizes(), [8, 4, 2, 1, 1, 2, 4]);
    let failed: Vec<usize> = (0..8).filter(|place| results[*place].is_err()).collect();
    assert_eq!(failed, [0]);
}

#[test]
fn two_bad_neighbours_fail_alone() {
    let world = World::new();
    // Twenty, the first ten, five and two, and both of these alone; then the far ten are taken, and so is the rest.
    (0..6).for_each(|_| world.endpoint.submit_once(Err(refused())));
    let results = world.ingest_many(20);
    assert_eq!(world.sizes(), [20, 10, 5, 2, 1, 1, 10, 3, 5]);
    let failed: Vec<usize> = (0..20).filter(|place| results[*place].is_err()).collect();
    assert_eq!(failed, [0, 1]);
}

#[test]
fn a_request_that_no_source_is_to_blame_for_is_not_sent_once_for_each() {
    let world = World::new();
    (0..100).for_each(|_| world.endpoint.submit_once(Err(refused())));
    let results = world.ingest_many(20);
    assert!(results.iter().all(Result::is_err));
    assert!(world.sizes().len() < 8, "{:?}", world.sizes());
}

#[test]
fn what_is_refused_for_its_name_or_for_a_right_is_asked_once() {
    for (kind, status) in [(ErrorKind::Forbidden, 403), (ErrorKind::NotFound, 404)] {
        let world = World::new();
        let refused = Error::new(kind, "queue the blobs").with_http_status(status);
        world.endpoint.submit_once(Err(refused));
        let results = world.ingest_many(20);
        assert!(
            results
                .iter()
                .all(|result| result.as_ref().is_err_and(|error| error.kind() == kind))
        );
        assert_eq!(world.sizes(), [20]);
    }
}

#[test]
fn clones_share_requests_and_clients_of_other_settings_do_not() {
    let world = World::new();
    let (properties, clone) = (properties(), world.client.clone());
    let other = world
        .client
        .clone()
        .with_time_limit(std::time::Duration::from_secs(1));
    let both = |other| async {
        stream::iter([world.client.clone(), other])
            .map(|client| {
                let properties = properties.clone();
                async move { client.ingest_source(row().into(), &properties).await }
            })
            .buffer_unordered(2)
            .collect::<Vec<_>>()
            .await
    };
    assert!(block_on(both(clone)).iter().all(Result::is_ok));
    assert!(block_on(both(other)).iter().all(Result::is_ok));
    assert_eq!(world.sizes(), [2, 1, 1]);
}

/// A stream that never gives a byte.
struct Stuck;

impl futures::io::AsyncRead for Stuck {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        _: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Pending
    }
}

/// Knows the size of every blob, after a while, and how many were asked for at a time.
#[derive(Debug, Default)]
struct CountingProbe {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait::async_trait]
impl BlobProbe for CountingProbe {
    async fn size_of(&self, _: &BlobUri) -> Result<BlobSize> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        let mut has_waited = false;
        poll_fn(|context| {
            context.waker().wake_by_ref();
            match std::mem::replace(&mut has_waited, true) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
        self.now.fetch_sub(1, Ordering::Relaxed);
        Ok(BlobSize::new(4))
    }
}
