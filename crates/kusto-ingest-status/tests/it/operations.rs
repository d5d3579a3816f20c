//! What became of sources that were queued over REST.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use kusto_endpoint::{
    BlobCounts, BlobState, BlobStatus, Dataset, IngestionConfiguration, OperationDetail, QueuedOperation,
    ScriptedEndpoint, ScriptedQueued, Table,
};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{
    Clock as _, DatabaseName, Error, ErrorKind, ManualClock, OperationLocator, PollSchedule, Receipt,
    ReceiptState, SourceId, TableName,
};
use kusto_ingest_message::OperationStatus;
use kusto_ingest_status::QueuedOperations;

const ADDRESS: &str = "https://ingest-c.kusto.windows.net/";

fn receipt(state: ReceiptState) -> Receipt {
    let (database, table) = (
        DatabaseName::parse("D").expect("a name"),
        TableName::parse("T").expect("a name"),
    );
    Receipt::new(SourceId::random(), database, table, state)
}

fn tracked(operation: &str) -> Receipt {
    receipt(ReceiptState::QueuedOperation(
        OperationLocator::new(operation).with_endpoint(ADDRESS),
    ))
}

fn told(receipts: &[Receipt], states: &[BlobState]) -> QueuedOperation {
    let mut told = QueuedOperation::default();
    for (receipt, state) in receipts.iter().zip(states) {
        told.counts.add(state, 1);
        told.blobs
            .push(BlobStatus::new(Some(receipt.source_id), None, state.clone()));
    }
    told
}

fn world() -> (QueuedOperations, ScriptedQueued, ManualClock) {
    let (endpoint, clock) = (ScriptedQueued::new(IngestionConfiguration::new()), clock());
    let operations = QueuedOperations::new(Arc::new(endpoint.clone()), Arc::new(clock.clone()));
    (operations.with_address(ADDRESS), endpoint, clock)
}

#[test]
fn s03_g49_what_is_not_tracked_is_an_error_before_any_request() {
    let (operations, endpoint, _) = world();
    let untracked = receipt(ReceiptState::Queued);
    for error in [
        block_on(operations.fetch(&untracked)).unwrap_err(),
        block_on(operations.wait_until_final(&untracked, &PollSchedule::interactive())).unwrap_err(),
        block_on(operations.cancel(&untracked)).unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Unsupported, Some("TrackingDisabled"))
        );
    }
    assert!(endpoint.operations_asked().is_empty());
}

#[test]
fn a_receipt_of_another_service_is_refused_before_any_request() {
    let (operations, endpoint, _) = world();
    let of = |address: &str| {
        receipt(ReceiptState::QueuedOperation(
            OperationLocator::new("1").with_endpoint(address),
        ))
    };
    let error = block_on(operations.fetch(&of("https://ingest-other.kusto.windows.net"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(endpoint.operations_asked().is_empty());
    let same = of("https://INGEST-c.kusto.windows.net");
    endpoint.tell_once(Ok(told(std::slice::from_ref(&same), &[BlobState::Succeeded])));
    block_on(operations.fetch(&same)).expect("a slash and the case of letters do not matter");
}

#[test]
fn each_operation_is_asked_once_for_all_its_sources() {
    let (operations, endpoint, _) = world();
    let receipts = [
        tracked("1"),
        tracked("1"),
        tracked("2"),
        receipt(ReceiptState::Queued),
    ];
    let failed = BlobState::Failed;
    endpoint.tell_once(Ok(told(&receipts[..2], &[BlobState::Succeeded, failed])));
    endpoint.tell_once(Ok(told(&receipts[2..3], &[BlobState::InProgress])));
    let records = block_on(operations.fetch_all(&receipts));
    let statuses: Vec<_> = records
        .iter()
        .map(|record| record.as_ref().ok().map(|record| record.status.clone()))
        .collect();
    use OperationStatus::{Failed, Pending, Succeeded};
    assert_eq!(statuses, [Some(Succeeded), Some(Failed), Some(Pending), None]);
    assert_eq!(endpoint.operations_asked().len(), 2);
}

#[test]
fn a_wait_asks_in_numbers_until_all_has_ended_and_then_for_the_blobs() {
    let (operations, endpoint, clock) = world();
    let receipts = [tracked("1"), tracked("1")];
    endpoint.tell_once(Ok(told(&[], &[])));
    endpoint.tell_once(Ok(told(&receipts, &[BlobState::Succeeded, BlobState::Queued])));
    let ended = told(&receipts, &[BlobState::Succeeded, BlobState::Canceled]);
    endpoint.tell_once(Ok(ended.clone()));
    endpoint.tell_once(Ok(ended));
    let records = block_on(operations.wait_all_final(&receipts, &PollSchedule::interactive()));
    let records: Vec<_> = records
        .into_iter()
        .map(|record| record.expect("it has ended"))
        .collect();
    assert_eq!(records[0].status, OperationStatus::Succeeded);
    assert_eq!(records[1].status, OperationStatus::Failed);
    assert!(
        records[1]
            .details
            .as_deref()
            .is_some_and(|why| why.contains("cancelled"))
    );
    let details: Vec<_> = endpoint
        .operations_asked()
        .into_iter()
        .map(|(_, detail)| detail)
        .collect();
    use OperationDetail::{Blobs, Summary};
    assert_eq!(details, [Summary, Summary, Summary, Blobs]);
    assert_eq!(clock.monotonic(), Duration::from_millis(200 + 400));
}

#[test]
fn an_operation_that_is_not_known_may_be_too_new_for_a_minute() {
    let missing = || Error::new(ErrorKind::NotFound, "ask").with_http_status(404);
    let (operations, endpoint, clock) = world();
    (0..1_000).for_each(|_| endpoint.tell_once(Err(missing())));
    let waiting = PollSchedule::interactive();
    let error = block_on(operations.wait_until_final(&tracked("1"), &waiting)).unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, Some("StatusRetrievalFailed"))
    );
    let waited = clock.monotonic().as_secs();
    assert!((60..75).contains(&waited), "{waited}");
}

#[test]
fn a_wait_ends_with_its_limit_and_outlasts_what_passes() {
    let (operations, endpoint, clock) = world();
    endpoint.tell_once(Err(Error::new(ErrorKind::Unavailable, "ask")));
    (0..1_000).for_each(|_| endpoint.tell_once(Ok(told(&[], &[]))));
    let waiting = PollSchedule::interactive().with_limit(Duration::from_secs(90));
    let error = block_on(operations.wait_until_final(&tracked("1"), &waiting)).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, None));
    assert_eq!(clock.monotonic(), Duration::from_secs(90));
}

#[test]
fn blobs_that_cannot_be_read_at_the_end_are_asked_for_again() {
    let busy = || Error::new(ErrorKind::Unavailable, "ask").with_http_status(503);
    let (operations, endpoint, _) = world();
    let receipts = [tracked("1"), tracked("1")];
    let ended = told(&receipts, &[BlobState::Succeeded, BlobState::Failed]);
    endpoint.tell_once(Ok(ended.clone()));
    (0..3).for_each(|_| endpoint.tell_once(Err(busy())));
    endpoint.tell_once(Ok(ended.clone()));
    let records = block_on(operations.wait_all_final(&receipts, &PollSchedule::interactive()));
    let statuses: Vec<_> = records.iter().flatten().map(|record| &record.status).collect();
    assert_eq!(statuses, [&OperationStatus::Succeeded, &OperationStatus::Failed]);

    // As often as the schedule allows.
    endpoint.tell_once(Ok(ended));
    (0..4).for_each(|_| endpoint.tell_once(Err(busy())));
    let waiting = PollSchedule::interactive();
    let error = block_on(operations.wait_until_final(&receipts[0], &waiting)).unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Unavailable, Some("StatusRetrievalFailed"))
    );
}

#[test]
fn blobs_that_cannot_be_read_until_the_end_of_a_wait_end_it_in_time() {
    let (operations, endpoint, clock) = world();
    let receipt = tracked("1");
    endpoint.tell_once(Ok(told(std::slice::from_ref(&receipt), &[BlobState::Succeeded])));
    (0..9).for_each(|_| endpoint.tell_once(Err(Error::new(ErrorKind::Unavailable, "ask"))));
    let waiting = PollSchedule::interactive().with_limit(Duration::from_secs(1));
    let error = block_on(operations.wait_until_final(&receipt, &waiting)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let told = error.chain();
    assert!(told.contains("has ended"), "{told}");
    assert_eq!(clock.monotonic(), Duration::from_secs(1));
}

#[test]
fn a_cancelled_operation_with_numbers_beyond_all_bounds_is_told() {
    let (operations, ..) = world();
    let commands = ScriptedEndpoint::new();
    let row = Table::of("Table_0", &[("InProgress", "long"), ("Pending", "long")]);
    let mut row = row.with_row(["", ""]);
    row.rows[0] = vec![u64::MAX.into(), 1.into()];
    commands.once(".cancel", Ok(Dataset::single(row)));
    let operations = operations.with_commands(Arc::new(commands));
    let counts = block_on(operations.cancel(&tracked("1"))).expect("it is cancelled");
    assert_eq!(counts, BlobCounts::new(0, 0, u64::MAX, 0));
}

#[test]
fn an_operation_is_cancelled_by_a_command_that_only_names_it() {
    let (operations, ..) = world();
    let commands = ScriptedEndpoint::new();
    let columns = [
        ("State", "string"),
        ("InProgress", "long"),
        ("Canceled", "long"),
        ("Ingested", "long"),
        ("Failed", "long"),
    ];
    let row = Table::of("Table_0", &columns);
    let mut row = row.with_row(["Canceled", "", "", "", ""]);
    for (at, count) in [(1, 1), (2, 3), (3, 5), (4, 0)] {
        row.rows[0][at] = serde_json::Value::from(count);
    }
    commands.once(".cancel", Ok(Dataset::single(row)));
    let operations = operations.with_commands(Arc::new(commands.clone()));
    let counts = block_on(operations.cancel(&tracked("00001111;2;ab-cd"))).expect("it is cancelled");
    assert_eq!(counts, BlobCounts::new(5, 0, 1, 3));

    assert_eq!(
        commands.commands()[0].text,
        ".cancel queued ingestion operation '00001111;2;ab-cd'"
    );
    let error = block_on(operations.cancel(&tracked("1' | .drop table T"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(commands.commands().len(), 1);
}
