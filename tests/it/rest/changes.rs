//! A cluster that changes its mind, or loses one of the ways, while sources are on their way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_fake::RestService;
use kusto_ingest::endpoint::IngestionMethod;
use kusto_ingest::queued::{Protocol, QueuedClient};
use kusto_ingest::retry::{ExponentialRetry, SendObserver};
use kusto_ingest::sources::Sources;
use kusto_ingest::{BlobSource, ErrorKind, IngestClientExt, Kusto, LocalSource, Receipt, Result};
use kusto_ingest_core::ManualClock;
use kusto_ingest_core::testing::now;
use kusto_storage::Operation;

use crate::setup::{client, database, drained_rows, emulator, properties, row, table, with_table};

const POST: Route = Route::Storage(Operation::PutMessage);

const COUNT: usize = 1_000;

fn preferring(method: IngestionMethod) -> RestService {
    RestService::new().with_preferred(Some(method))
}

/// A cluster, and a client that lets it choose, on a clock that stands until it is moved.
async fn world() -> (Emulator, Kusto, ManualClock) {
    let emulator = emulator(with_table("a:string,b:string")).await;
    let clock = ManualClock::new(now());
    let kusto = client(&emulator, |builder| {
        let builder = builder.with_clock(Arc::new(clock.clone()));
        builder.with_protocol(Protocol::Auto)
    });
    (emulator, kusto, clock)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_sources_arrive_once_each_while_the_cluster_changes_its_preference() {
    let (emulator, kusto, clock) = world().await;
    let phases = [
        preferring(IngestionMethod::Queue),
        preferring(IngestionMethod::Rest),
        RestService::off(),
        preferring(IngestionMethod::Rest),
        preferring(IngestionMethod::Queue),
    ];
    let sources =
        (0..COUNT).map(|number| LocalSource::from_bytes(format!("{number},x\n")).with_name("a.csv"));
    let (client, properties) = (kusto.queued(), properties());
    let sources = Sources::new(sources).with_concurrency(40);
    let mut results = std::pin::pin!(sources.ingest_each(&client, &properties));
    let mut done = 0;
    while let Some(result) = results.next().await {
        result.outcome.as_ref().expect("it is taken one way or the other");
        done += 1;
        if done % 150 == 0 {
            emulator
                .fake()
                .set_rest_service(phases[done / 150 % phases.len()].clone());
            // The client asks anew.
            clock.advance(Duration::from_secs(2 * 60 * 60));
        }
    }
    assert_eq!((done, drained_rows(&emulator).await), (COUNT, COUNT));
    let rows = emulator.fake().rows(&database(), &table());
    let numbers: BTreeSet<_> = rows.iter().map(|row| format!("{:?}", row[0])).collect();
    assert_eq!(numbers.len(), COUNT, "each once");
    let (posted, named) = (
        emulator.request_count(POST),
        emulator.request_count(Route::QueuedSubmission),
    );
    assert!(
        posted > 100 && named > 10,
        "both ways were taken: {posted}, {named}"
    );
}

#[tokio::test(start_paused = true)]
async fn while_one_way_is_away_sources_go_the_other_one_and_none_arrives_twice() {
    for (method, away) in [
        (IngestionMethod::Rest, Route::QueuedSubmission),
        (IngestionMethod::Queue, POST),
    ] {
        let emulator = emulator(with_table("a:string,b:string").with_rest_service(preferring(method))).await;
        let fault = HttpFault::Status(503, "ServerBusy".to_owned());
        emulator.plan(HttpFaultPlan::new(fault).on(away).forever());
        let kusto = client(&emulator, |builder| {
            let retry = Arc::new(ExponentialRetry::new(2));
            builder.with_protocol(Protocol::Auto).with_post_retry(retry)
        });
        for _ in 0..10 {
            let receipt = kusto
                .queued()
                .ingest(row(), &properties())
                .await
                .expect("the other way takes it");
            assert!(!receipt.may_be_duplicated(), "{method:?}: {receipt:?}");
        }
        assert_eq!(drained_rows(&emulator).await, 10, "{method:?}");
        let asked = emulator.request_count(away);
        assert!(
            asked <= 4,
            "the way that is away is left alone for a minute: {asked} requests"
        );
    }
}

/// Counts what it is told.
#[derive(Debug, Default)]
struct Told(AtomicUsize);

#[async_trait::async_trait]
impl SendObserver for Told {
    async fn before_send(&self, _: &Receipt) -> Result<()> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_is_told_of_once_whatever_protocol_is_chosen_and_when() {
    type Set = fn(QueuedClient, Arc<Told>) -> QueuedClient;
    let orders: [Set; 3] = [
        |client, told| client.with_protocol(Protocol::Auto).with_send_observer(told),
        |client, told| client.with_send_observer(told).with_protocol(Protocol::Auto),
        |client, told| {
            let client = client.with_protocol(Protocol::Auto).with_send_observer(told);
            client.with_deadline(Duration::from_secs(600))
        },
    ];
    for set in orders {
        let preferring = preferring(IngestionMethod::Rest);
        let emulator = emulator(with_table("a:string,b:string").with_rest_service(preferring)).await;
        let fault = HttpFault::Status(503, "ServerBusy".to_owned());
        emulator.plan(HttpFaultPlan::new(fault).on(Route::QueuedSubmission).forever());
        let retry = Arc::new(ExponentialRetry::new(2));
        let kusto = client(&emulator, |builder| builder.with_post_retry(retry));
        let told = Arc::new(Told::default());
        let observed = set(kusto.queued(), told.clone());
        observed.ingest(row(), &properties()).await.expect("it is taken");
        assert_eq!(told.0.load(Ordering::Relaxed), 1);
        assert_eq!(drained_rows(&emulator).await, 1);
    }
}

#[tokio::test]
async fn a_cluster_without_the_routes_is_an_error_for_who_insists_and_a_queue_for_who_does_not() {
    let emulator = emulator(with_table("a:string,b:string").with_rest_service(RestService::off())).await;
    let kusto = client(&emulator, |builder| builder);
    let insisting = kusto.queued().with_protocol(Protocol::Rest);
    let error = insisting
        .ingest(row(), &properties())
        .await
        .expect_err("they are not there");
    assert_eq!(error.code(), Some("IngestV2NotSupported"));
    assert_eq!(
        emulator.request_count(Route::Storage(Operation::PutBlob)),
        0,
        "nothing was uploaded"
    );
    for _ in 0..3 {
        let easy = kusto.queued().with_protocol(Protocol::Auto);
        easy.ingest(row(), &properties())
            .await
            .expect("the queue takes it");
    }
    assert_eq!(drained_rows(&emulator).await, 3);
    assert_eq!(
        emulator.request_count(Route::IngestionConfiguration),
        1,
        "it is remembered"
    );
}

#[tokio::test]
async fn by_default_nothing_is_asked_over_rest() {
    let emulator = emulator(with_table("a:string,b:string")).await;
    let kusto = client(&emulator, |builder| builder);
    kusto
        .queued()
        .ingest(row(), &properties())
        .await
        .expect("it is taken");
    let rest =
        [Route::IngestionConfiguration, Route::QueuedSubmission].map(|route| emulator.request_count(route));
    assert_eq!(rest, [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn where_the_service_is_gone_by_the_time_of_the_request_nothing_was_done() {
    let emulator = emulator(with_table("a:string,b:string")).await;
    let kusto = client(&emulator, |builder| builder.with_protocol(Protocol::Rest));
    kusto
        .queued()
        .ingest(row(), &properties())
        .await
        .expect("it is there");
    emulator.shutdown().await;
    let blob = BlobSource::parse("https://a.blob.core.windows.net/c/b.csv?sig=S").expect("an address");
    let error = kusto
        .queued()
        .ingest(blob.with_raw_size(4), &properties())
        .await
        .expect_err("nobody is there");
    assert_eq!((error.kind(), error.receipt()), (ErrorKind::Connection, None));
    assert!(
        error.attempts() > Some(3),
        "it is tried for a minute: {}",
        error.chain()
    );
}
