//! The number of sources under way, by a clock that stands still until it is told.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::executor::block_on;
use futures::{FutureExt as _, StreamExt as _, stream};
use kusto_ingest::clock::Timestamp;
use kusto_ingest::retry::ExponentialRetry;
use kusto_ingest::sources::{LazySource, LocalSource, SourceStream};
use kusto_ingest::status::ReceiptState;
use kusto_ingest::testing::ManualClock;
use kusto_ingest::{IngestClient, IngestionProperties, Source};

use super::*;

fn throttled(seconds: Option<u64>) -> Error {
    let error = Error::new(ErrorKind::Throttled, "put the blob");
    seconds.map_or(error.clone(), |wait| {
        error.with_retry_after(Duration::from_secs(wait))
    })
}

/// How many may be under way now; none is, before and afterwards.
fn room(in_flight: &InFlight) -> usize {
    let begun: Vec<SourceId> = begun(in_flight);
    begun.iter().for_each(|source| gone(in_flight, *source));
    begun.len()
}

fn source(number: u32) -> SourceId {
    let id = format!("{number:08x}-0000-4000-8000-000000000000");
    id.parse().expect("a good identity")
}

/// Begins as many as may be under way.
fn begun(in_flight: &InFlight) -> Vec<SourceId> {
    let begin = |number| {
        let source = source(number);
        in_flight.begin(source).now_or_never().map(|()| source)
    };
    (1..).map_while(begin).collect()
}

/// Ends a source in a way that tells nothing of the service.
fn gone(in_flight: &InFlight, source: SourceId) {
    in_flight.end(source, &Err(Error::new(ErrorKind::Connection, "put the blob")));
}

#[test]
fn the_number_is_halved_once_a_pause_and_rises_by_one_when_as_many_were_accepted() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let in_flight = InFlight::new(clock.clone());
    in_flight.limit_to(16);
    let all = begun(&in_flight);
    assert_eq!(all.len(), 16);
    // All sixteen are told the same at once: that is one pause, and no more.
    all.iter().for_each(|_| in_flight.failed(&throttled(Some(10))));
    all.iter().for_each(|source| gone(&in_flight, *source));
    assert_eq!(room(&in_flight), 8);
    // What is accepted during the pause was under way before.
    (0..100).for_each(|_| in_flight.accepted());
    assert_eq!(room(&in_flight), 8);
    clock.advance(Duration::from_secs(10));
    (0..8).for_each(|_| in_flight.accepted());
    assert_eq!(room(&in_flight), 9);
    (0..9).for_each(|_| in_flight.accepted());
    assert_eq!(room(&in_flight), 10);
    (0..1_000).for_each(|_| in_flight.accepted());
    assert_eq!(room(&in_flight), 16, "no more than were asked for");
}

#[test]
fn one_is_always_under_way_and_who_waits_is_let_in_when_there_is_room() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let in_flight = InFlight::new(clock.clone());
    in_flight.limit_to(2);
    for _ in 0..5 {
        in_flight.failed(&throttled(None));
        clock.advance(PAUSE);
    }
    let all = begun(&in_flight);
    assert_eq!(all.len(), 1);
    let mut next = pin!(in_flight.begin(source(99)));
    assert!(next.as_mut().now_or_never().is_none());
    gone(&in_flight, all[0]);
    assert!(next.now_or_never().is_some());
}

#[test]
fn only_throttling_counts_and_a_policy_that_watches_waits_as_before() {
    let in_flight = InFlight::new(Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)));
    in_flight.limit_to(8);
    let policy = ExponentialRetry::new(3);
    let watching = in_flight.watching(Arc::new(ExponentialRetry::new(3)));
    let unavailable = Error::new(ErrorKind::Unavailable, "put the blob");
    for (error, limit) in [
        (Error::new(ErrorKind::Connection, "put the blob"), 8),
        (unavailable.clone(), 8),
        (unavailable.with_retry_after(Duration::from_secs(1)), 4),
    ] {
        let all = begun(&in_flight);
        let failed = FailedAttempt::new(1, &error);
        assert_eq!(watching.backoff(&failed), policy.backoff(&failed));
        all.iter().for_each(|source| gone(&in_flight, *source));
        assert_eq!(room(&in_flight), limit, "{error:?}");
    }
}

/// A client of which the first sources are throttled. It counts how many it has at a time, from then on.
#[derive(Debug, Default)]
struct Throttling {
    left: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait]
impl IngestClient for Throttling {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        // The others get their turns meanwhile.
        for _ in 0..3 {
            let mut is_second = false;
            std::future::poll_fn(|context| {
                context.waker().wake_by_ref();
                match std::mem::replace(&mut is_second, true) {
                    true => std::task::Poll::Ready(()),
                    false => std::task::Poll::Pending,
                }
            })
            .await;
        }
        self.now.fetch_sub(1, Ordering::Relaxed);
        let throttles = |left: usize| left.checked_sub(1);
        if self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, throttles)
            .is_ok()
        {
            return Err(throttled(Some(60)));
        }
        self.most.fetch_max(now, Ordering::Relaxed);
        let (database, table) = (properties.database.clone(), properties.table.clone());
        Ok(Receipt::new(source.id(), database, table, ReceiptState::Queued))
    }
}

#[test]
fn behind_what_was_throttled_half_as_many_sources_are_under_way() {
    let in_flight = InFlight::new(Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)));
    in_flight.limit_to(8);
    let client = Throttling::default();
    client.left.store(8, Ordering::Relaxed);
    let properties = IngestionProperties::into_table("D", "T").unwrap();
    let sources = (0..64).map(|_| {
        let source = LocalSource::from_bytes("1\n").with_name("a.csv");
        let (id, in_flight) = (source.id(), in_flight.clone());
        let open = async move {
            in_flight.begin(id).await;
            Ok(source.into())
        };
        LazySource::new(id, open)
    });
    let sources = SourceStream::new(stream::iter(sources)).with_concurrency(8);
    let accepted = block_on(async {
        let mut told = pin!(sources.ingest_each(&client, &properties));
        let mut accepted = 0;
        while let Some(result) = told.next().await {
            in_flight.end(result.source_id, &result.outcome);
            accepted += usize::from(result.outcome.is_ok());
        }
        accepted
    });
    assert_eq!((accepted, client.most.load(Ordering::Relaxed)), (56, 4));
}
