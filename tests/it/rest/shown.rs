//! Queued operations as commands show them, and the limits and faults of the routes.

use kusto_emulator::{FaultPreset, Route};
use kusto_fake::RestService;
use kusto_ingest::queued::Protocol;
use kusto_ingest::retry::NoRetry;
use kusto_ingest::{BlobSource, ErrorKind, IngestClientExt};
use serde_json::json;
use std::sync::Arc;

use super::start;
use crate::setup::{client, drained_rows, properties, row};

#[tokio::test]
async fn commands_show_operations_in_short_and_blob_by_blob() {
    let (emulator, kusto) = start(Protocol::Rest, |builder| builder).await;
    let receipt = kusto
        .queued()
        .ingest(row(), &properties())
        .await
        .expect("it is taken");
    assert_eq!(drained_rows(&emulator).await, 1);
    let id = &receipt.queued_operation().expect("it is tracked").operation;
    let show = |text: String| {
        let kusto = &kusto;
        async move {
            let answer = kusto.command("db", &text).await.expect("it is known");
            answer.primary().expect("a table").clone()
        }
    };
    for text in [
        format!(".show queued ingestion operations '{id}'"),
        format!(".show queued ingestion operations (\"{id}\", \"missing\")"),
    ] {
        let table = show(text).await;
        assert_eq!(table.rows.len(), 1);
        for (name, value) in [
            ("State", json!("Completed")),
            ("Discovered", json!(1)),
            ("Ingested", json!(1)),
            ("Failed", json!(0)),
            ("Database", json!("db")),
            ("Table", json!("t")),
        ] {
            assert_eq!(table.value(0, name), Some(&value), "{name}");
        }
    }
    let blobs = show(format!(".show queued ingestion operations '{id}' details")).await;
    assert_eq!(blobs.value(0, "IngestionStatus"), Some(&json!("Succeeded")));
    let address = blobs
        .value(0, "BlobUrl")
        .and_then(|url| url.as_str())
        .expect("it is named");
    assert!(!address.contains("sig="), "{address}");
}

#[tokio::test]
async fn the_service_refuses_more_blobs_and_larger_ones_than_it_takes() {
    let service = RestService::new().with_max_blobs(2).with_max_raw_bytes(10);
    let (emulator, kusto) = start(Protocol::Rest, |builder| builder.with_rest_service(service)).await;
    let client = kusto.queued();
    let rest = client.by_rest().expect("there is somebody to ask");
    let blob =
        |number| BlobSource::parse(format!("http://127.0.0.1:1/a/c/{number}.csv?sig=S")).expect("an address");
    let five = (0..5).map(blob).collect();
    let receipts = rest
        .ingest_blobs(five, &properties())
        .await
        .expect("they go together");
    assert!(receipts.iter().all(Result::is_ok));
    assert_eq!(
        emulator.request_count(Route::QueuedSubmission),
        3,
        "two, two and one"
    );
    let large = blob(9).with_raw_size(11);
    let error = rest
        .ingest(large, &properties())
        .await
        .expect_err("it is too large");
    assert_eq!(error.kind(), ErrorKind::SizeLimitExceeded);
    assert_eq!(
        emulator.request_count(Route::QueuedSubmission),
        3,
        "it is not asked for that"
    );
}

#[tokio::test]
async fn a_data_management_service_that_is_down_answers_none_of_the_routes() {
    let (emulator, _) = start(Protocol::Rest, |builder| builder).await;
    let kusto = client(&emulator, |builder| {
        let never = Arc::new(NoRetry);
        builder
            .with_protocol(Protocol::Rest)
            .with_command_retry(never.clone())
            .with_post_retry(never)
    });
    kusto
        .queued()
        .ingest(row(), &properties())
        .await
        .expect("it is up");
    emulator.inject(FaultPreset::DmDown).expect("it is a preset");
    let error = kusto
        .queued()
        .ingest(row(), &properties())
        .await
        .expect_err("it is down");
    assert_eq!(
        (error.kind(), error.http_status()),
        (ErrorKind::Unavailable, Some(503))
    );
}
