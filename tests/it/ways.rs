//! The other ways in, through the facade and over HTTP: direct, streaming, and managed streaming with its fallback.

use std::sync::Arc;
use std::time::Duration;

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_fake::RequestKind;
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::managed::ManagedStreamingSettings;
use kusto_ingest::retry::{ExponentialRetry, OnUnknownOutcome};
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{ErrorKind, IngestClient, IngestionProperties, Kusto, LocalSource, Receipt};

use crate::setup::{database, properties, start, with_table};

async fn world() -> (Emulator, Kusto) {
    start(with_table("a:long, b:string")).await
}

fn row() -> LocalSource {
    LocalSource::from_bytes("7,seven\n").with_name("a.csv")
}

async fn count(kusto: &Kusto) -> i64 {
    let answer = kusto
        .query_endpoint()
        .query(&database(), "t | count", &RequestProperties::new())
        .await;
    answer
        .expect("it answers")
        .primary()
        .expect("it has a table")
        .rows[0][0]
        .as_i64()
        .expect("a number")
}

async fn ingest(client: &dyn IngestClient) -> Receipt {
    client
        .ingest_source(row().into(), &properties())
        .await
        .unwrap_or_else(|error| panic!("{}", error.chain()))
}

#[tokio::test]
async fn every_way_in_ends_in_the_table() {
    let (_emulator, kusto) = world().await;
    let direct = ingest(&kusto.direct()).await;
    assert!(
        matches!(direct.state, ReceiptState::Ingested { .. }),
        "{direct:?}"
    );
    assert_eq!(count(&kusto).await, 1);
    ingest(&kusto.streaming()).await;
    assert_eq!(count(&kusto).await, 2, "streamed rows are there at once");
    ingest(&kusto.managed()).await;
    assert_eq!(count(&kusto).await, 3);
}

#[tokio::test]
async fn direct_ingestion_uploads_into_what_the_engine_issues_and_asks_nobody_else() {
    let (emulator, kusto) = world().await;
    let direct = kusto
        .direct()
        .with_uploader(kusto.engine_uploader())
        .with_inline_limit(0);
    for _ in 0..2 {
        let receipt = ingest(&direct).await;
        assert!(
            matches!(receipt.state, ReceiptState::Ingested { .. }),
            "{receipt:?}"
        );
    }
    assert_eq!(count(&kusto).await, 2);
    let asked = |kind| emulator.fake().request_count(kind);
    assert_eq!(asked(RequestKind::TempStorage), 1, "once for both");
    assert_eq!(asked(RequestKind::IngestionResources), 0);
}

#[tokio::test]
async fn managed_streaming_takes_the_queue_when_the_engine_is_gone() {
    let (emulator, kusto) = world().await;
    let busy = HttpFault::Status(503, "ServiceUnavailable".to_owned());
    emulator.plan(HttpFaultPlan::new(busy).on(Route::Streaming).forever());
    let receipt = ingest(&kusto.managed()).await;
    assert!(matches!(receipt.state, ReceiptState::Queued), "{receipt:?}");
    emulator.drained().await;
    assert_eq!(count(&kusto).await, 1);
}

#[tokio::test]
async fn managed_streaming_takes_the_queue_where_the_engine_asks_to_wait_beyond_the_deadline() {
    let (emulator, kusto) = world().await;
    let busy = HttpFault::Throttled(Duration::from_secs(20));
    emulator.plan(HttpFaultPlan::new(busy).on(Route::Streaming).forever());
    let managed = kusto.managed().with_deadline(Duration::from_secs(15));
    let receipt = ingest(&managed).await;
    assert!(matches!(receipt.state, ReceiptState::Queued), "{receipt:?}");
    assert_eq!(emulator.request_count(Route::Streaming), 1);
}

#[tokio::test]
async fn a_deadline_that_ends_the_sign_in_is_a_timeout_of_what_was_never_sent() {
    let (emulator, _) = world().await;
    let cluster = emulator.cluster();
    let address = cluster.split(';').next().expect("it begins with the address");
    let kusto = Kusto::builder(address)
        .expect("a good address")
        .with_token_callback(|_| std::future::pending())
        .connect()
        .expect("it is whole");
    let streaming = kusto.streaming().with_deadline(Duration::from_millis(150));
    let error = streaming
        .ingest_source(row().into(), &properties())
        .await
        .expect_err("there is no token");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{}", error.chain());
    assert!(
        error.chain().contains("before anything was sent"),
        "{}",
        error.chain()
    );
    assert_eq!(emulator.request_count(Route::Streaming), 0);
}

#[tokio::test]
async fn what_the_builder_says_of_unknown_outcomes_holds_for_every_way_in() {
    use OnUnknownOutcome::{Report, Retry};
    let at_once = || Arc::new(ExponentialRetry::new(3).with_backoff(Duration::ZERO, Duration::ZERO));
    for (choice, sent_again) in [
        (None, [false, true, false]),
        (Some(Report), [false, false, false]),
        (Some(Retry), [true, true, true]),
    ] {
        let (emulator, kusto) = world().await;
        let builder = Kusto::builder(&emulator.cluster()).expect("a good address");
        let kusto = match choice {
            Some(choice) => builder
                .with_on_unknown_outcome(choice)
                .connect()
                .expect("it is whole"),
            None => kusto,
        };
        let clients: [Arc<dyn IngestClient>; 3] = [
            Arc::new(kusto.streaming().with_retry(at_once())),
            Arc::new(
                kusto
                    .managed()
                    .with_settings(ManagedStreamingSettings::new().with_retry(at_once())),
            ),
            Arc::new(kusto.direct().with_retry(at_once())),
        ];
        let routes = [Route::Streaming, Route::Streaming, Route::Management];
        for ((client, route), again) in clients.into_iter().zip(routes).zip(sent_again) {
            emulator.plan(HttpFaultPlan::new(HttpFault::ResponseLost).on(route).times(1));
            let given = client.ingest_source(row().into(), &properties()).await;
            let receipt = match &given {
                Ok(receipt) => receipt,
                Err(error) => error.receipt().expect("it carries one"),
            };
            assert_eq!(
                (
                    given.is_ok(),
                    receipt.ambiguous_sends,
                    receipt.may_be_duplicated()
                ),
                (again, 1, again),
                "{choice:?} {client:?}"
            );
        }
    }
}

#[tokio::test]
async fn streaming_says_what_it_cannot_carry() {
    let (emulator, kusto) = world().await;
    let tagged = properties().with_drop_by_tags(["x"]);
    let error = kusto
        .streaming()
        .ingest_source(row().into(), &tagged)
        .await
        .expect_err("streaming has no tags");
    assert!(
        error.is_permanent() && error.chain().contains("tags"),
        "{}",
        error.chain()
    );
    let missing = IngestionProperties::into_table("db", "missing").expect("good names");
    let error = kusto
        .streaming()
        .ingest_source(row().into(), &missing)
        .await
        .expect_err("there is no such table");
    assert_ne!(error.kind(), ErrorKind::Protocol, "{}", error.chain());
    assert_eq!(
        emulator.request_count(Route::Streaming),
        1,
        "the first was refused here"
    );
}
