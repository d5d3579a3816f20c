//! Receipts of all ways are followed alike, and what has not begun is cancelled.

use std::time::Duration;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::queued::Protocol;
use kusto_ingest::status::{OperationStatus, PollSchedule, Receipt};
use kusto_ingest::{DataFormat, ErrorKind, IngestClientExt, IngestionProperties, ReportLevel, ReportMethod};

use super::start;
use crate::setup::{drained_rows, properties, row, tracked};

#[tokio::test]
async fn one_call_reads_what_became_of_a_source_whichever_way_it_went() {
    let (_emulator, kusto) = start(Protocol::Rest, |builder| builder).await;
    let by_queue = kusto.queued().with_protocol(Protocol::Queue);
    let receipts = [
        kusto.queued().ingest(row(), &properties()).await,
        by_queue.ingest(row(), &tracked()).await,
        kusto
            .streaming()
            .ingest(row(), &properties().with_format(DataFormat::Csv))
            .await,
        kusto.direct().ingest(row(), &properties()).await,
    ];
    for receipt in receipts {
        let receipt = receipt.expect("it is taken");
        // Another process has it from a file.
        let json = serde_json::to_string(&receipt).expect("a receipt is data");
        assert!(!json.contains("sig="), "{json}");
        let receipt: Receipt = serde_json::from_str(&json).expect("it reads back");
        let record = kusto
            .wait_for(&receipt, &PollSchedule::interactive())
            .await
            .expect("it ends");
        assert_eq!(record.status, OperationStatus::Succeeded, "{receipt:?}");
        let record = kusto.status_of(&receipt).await.expect("it is known");
        assert_eq!(record.status, OperationStatus::Succeeded, "{receipt:?}");
    }
}

#[tokio::test]
async fn receipts_of_several_ways_are_waited_for_in_one_call_and_told_in_their_order() {
    let (_emulator, kusto) = start(Protocol::Rest, |builder| builder).await;
    let by_queue = kusto.queued().with_protocol(Protocol::Queue);
    let missing = IngestionProperties::into_table("db", "Missing")
        .expect("names")
        .with_format(DataFormat::Csv);
    let csv = properties().with_format(DataFormat::Csv);
    let receipts = [
        by_queue.ingest(row(), &tracked()).await,
        kusto.queued().ingest(row(), &properties()).await,
        kusto.streaming().ingest(row(), &csv).await,
        kusto.queued().ingest(row(), &missing).await,
        by_queue.ingest(row(), &properties()).await,
    ]
    .map(|receipt| receipt.expect("it is taken"));
    let records = kusto.wait_for_all(&receipts, &PollSchedule::interactive()).await;
    let told: Vec<_> = records
        .iter()
        .map(|record| record.as_ref().ok().map(|it| it.status.clone()))
        .collect();
    let succeeded = Some(OperationStatus::Succeeded);
    let failed = Some(OperationStatus::Failed);
    assert_eq!(
        told,
        [succeeded.clone(), succeeded.clone(), succeeded, failed, None]
    );
    let untracked = records[4].as_ref().expect_err("it reports to nobody");
    assert_eq!(untracked.code(), Some("TrackingDisabled"));

    // As a task as well, which wants futures that may go to another thread.
    let operations = kusto.queued_operations().expect("there is somebody to ask");
    let task = tokio::spawn(async move { operations.fetch_all(&receipts[1..2]).await });
    let records = task.await.expect("it does not panic");
    assert!(records[0].is_ok(), "{records:?}");
}

#[tokio::test]
async fn what_nobody_can_be_asked_about_is_an_error_before_any_request() {
    let (emulator, kusto) = start(Protocol::Rest, |builder| builder).await;
    let silent = properties().with_reporting(ReportLevel::None, ReportMethod::Queue);
    let untracked = kusto.queued().ingest(row(), &silent).await.expect("it is taken");
    let by_queue = kusto.queued().with_protocol(Protocol::Queue);
    let queued = by_queue.ingest(row(), &properties()).await.expect("it is taken");
    let before = emulator.requests().len();
    for receipt in [untracked, queued] {
        let error = kusto.status_of(&receipt).await.expect_err("nobody knows");
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Unsupported, Some("TrackingDisabled"))
        );
    }
    assert_eq!(emulator.requests().len(), before);
    let (other, elsewhere) = start(Protocol::Rest, |builder| builder).await;
    let receipt = kusto
        .queued()
        .ingest(row(), &properties())
        .await
        .expect("it is taken");
    let error = elsewhere
        .status_of(&receipt)
        .await
        .expect_err("it is of another cluster");
    assert_eq!(
        (error.kind(), other.requests().len()),
        (ErrorKind::InvalidInput, 0)
    );
}

#[tokio::test]
async fn a_source_that_fails_is_told_with_the_services_code() {
    let (_emulator, kusto) = start(Protocol::Rest, |builder| builder).await;
    let missing = IngestionProperties::into_table("db", "Missing")
        .expect("names")
        .with_format(DataFormat::Csv);
    let receipt = kusto.queued().ingest(row(), &missing).await.expect("it is taken");
    let record = kusto
        .wait_for(&receipt, &PollSchedule::interactive())
        .await
        .expect("it ends");
    assert_eq!(record.status, OperationStatus::Failed);
    assert_eq!(
        record.error_code.map(|code| code.to_string()).as_deref(),
        Some("BadRequest_TableNotExist")
    );
}

#[tokio::test]
async fn an_operation_is_cancelled_before_the_service_begins_with_it() {
    let (emulator, kusto) = start(Protocol::Rest, |builder| builder.with_ingestion_paused()).await;
    let receipt = kusto
        .queued()
        .ingest(row(), &properties())
        .await
        .expect("it is taken");
    let operations = kusto.queued_operations().expect("there is somebody to ask");
    let counts = operations.cancel(&receipt).await.expect("it has not begun");
    assert_eq!((counts.canceled, counts.in_progress), (1, 0));
    emulator.resume_ingestion();
    assert_eq!(drained_rows(&emulator).await, 0);
    let record = kusto.status_of(&receipt).await.expect("it is known");
    assert_eq!(record.status, OperationStatus::Failed);
    assert!(record.details.is_some_and(|why| why.contains("cancelled")));
    assert_eq!(emulator.request_count(Route::QueuedOperation), 1);
}

#[tokio::test]
async fn cancelling_one_source_cancels_all_that_share_its_operation() {
    let (emulator, kusto) = start(Protocol::Rest, |builder| builder.with_ingestion_paused()).await;
    // While the first request is under way, the others gather.
    let slow = HttpFault::ResponseDelayed(Duration::from_millis(200));
    emulator.plan(HttpFaultPlan::new(slow).on(Route::QueuedSubmission).times(1));
    let taken = kusto
        .queued()
        .ingest_all((0..20).map(|_| row()), &properties())
        .await;
    let receipts = taken.into_result().expect("all are taken");
    let shared = |one: &Receipt| {
        let same = |other: &&Receipt| other.queued_operation() == one.queued_operation();
        receipts.iter().filter(same).count()
    };
    let cancelled = receipts
        .iter()
        .max_by_key(|one| shared(one))
        .expect("there are receipts");
    let together = shared(cancelled);
    assert!(together > 1, "none shared a request");
    let operations = kusto.queued_operations().expect("there is somebody to ask");
    let counts = operations.cancel(cancelled).await.expect("it has not begun");
    assert_eq!(counts.canceled, together as u64);
    emulator.resume_ingestion();
    assert_eq!(drained_rows(&emulator).await, receipts.len() - together);
}
