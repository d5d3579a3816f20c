//! What ends by the deadline: before a put has begun nothing is queued, afterwards nobody knows.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::pending;
use kusto_fake::Fault;
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{
    Clock, Error, ErrorKind, LocalSource, OnUnknownOutcome, ReportLevel, ReportMethod, Result, SourceId,
    StatusLocator,
};
use kusto_ingest_message::{OperationStatus, StatusRecord};
use kusto_ingest_status::{MemoryStatusTracker, NewStatusRecord, OpenedStatus, StatusTracker};
use kusto_storage::{MessageHandle, Operation, PeekedMessage, QueueStore, ReceivedMessage, ResourceUri};

use super::world::World;

const LIMIT: Duration = Duration::from_secs(20);

/// Queues that take a message and never say so.
#[derive(Debug)]
struct SilentQueues;

#[async_trait]
impl QueueStore for SilentQueues {
    async fn put(&self, _queue: &ResourceUri, _text: &str) -> Result<()> {
        pending().await
    }

    async fn peek(&self, _queue: &ResourceUri, _max: u8) -> Result<Vec<PeekedMessage>> {
        pending().await
    }

    async fn receive(&self, _: &ResourceUri, _: u8, _: Duration) -> Result<Vec<ReceivedMessage>> {
        pending().await
    }

    async fn delete(&self, _queue: &ResourceUri, _message: &MessageHandle) -> Result<()> {
        pending().await
    }

    async fn clear(&self, _queue: &ResourceUri) -> Result<()> {
        pending().await
    }
}

fn source() -> LocalSource {
    LocalSource::from_bytes("1\n").with_name("a.csv")
}

#[test]
fn a_put_under_way_at_the_deadline_is_unknown_and_the_receipt_names_the_status_row() {
    for choice in [OnUnknownOutcome::Report, OnUnknownOutcome::Retry] {
        let mut world = World::over_queues(Arc::new(SilentQueues));
        world.client = world
            .client
            .clone()
            .with_deadline(LIMIT)
            .with_on_unknown_outcome(choice);
        let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
        let error = world.ingest(source(), &tracked).expect_err("no queue answers");
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        let receipt = error.receipt().expect("it tells what is known");
        assert!(receipt.status_locator().is_some(), "{receipt:?}");
        assert_eq!(
            (receipt.ambiguous_sends, receipt.source_id),
            (1, error.source_id().expect("it is known"))
        );
        assert_eq!(
            world.only_row().status,
            OperationStatus::Pending,
            "it may be ingested yet"
        );
        assert_eq!(world.clock.monotonic(), LIMIT);
    }
}

#[test]
fn a_deadline_between_puts_that_were_refused_is_a_timeout_and_the_row_says_failed() {
    let mut world = World::new();
    world.client = world.client.clone().with_deadline(LIMIT);
    world.fail_posts(Fault::Refused(ErrorKind::Throttled), u32::MAX);
    let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let error = world.ingest(source(), &tracked).expect_err("no queue takes it");
    assert_eq!(
        (error.kind(), error.receipt()),
        (ErrorKind::Throttled, None),
        "{error:?}"
    );
    assert!(
        world.request_count(Operation::PutMessage) > 2,
        "it was tried again while there was time"
    );
    assert!(world.clock.monotonic() <= LIMIT);
}

/// A status table that takes for ever.
#[derive(Debug)]
struct SilentTable(MemoryStatusTracker);

#[async_trait]
impl StatusTracker for SilentTable {
    async fn open(&self, _: SourceId, _: &NewStatusRecord) -> Result<OpenedStatus> {
        pending().await
    }

    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        self.0.fetch(locator).await
    }

    async fn abandon(&self, _: &StatusLocator, _: &Error) -> Result<()> {
        pending().await
    }
}

#[test]
fn before_a_put_has_begun_the_deadline_is_a_timeout_and_nothing_is_queued() {
    let mut world = World::new();
    let table = SilentTable(MemoryStatusTracker::new());
    world.client = world
        .client
        .clone()
        .with_status(Arc::new(table))
        .with_deadline(LIMIT);
    let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let error = world
        .ingest(source(), &tracked)
        .expect_err("the row is never there");
    assert_eq!((error.kind(), error.receipt()), (ErrorKind::Timeout, None));
    assert_eq!(world.request_count(Operation::PutMessage), 0);
    assert_eq!(world.clock.monotonic(), LIMIT);
}

/// A status table that opens rows, and cannot be reached any more when one is to be closed.
#[derive(Debug)]
struct LostTable;

#[async_trait]
impl StatusTracker for LostTable {
    async fn open(&self, id: SourceId, new_record: &NewStatusRecord) -> Result<OpenedStatus> {
        Ok(OpenedStatus::new(
            "https://a.table.core.windows.net/t?sig=S",
            id,
            new_record,
        ))
    }

    async fn fetch(&self, _: &StatusLocator) -> Result<StatusRecord> {
        pending().await
    }

    async fn abandon(&self, _: &StatusLocator, _: &Error) -> Result<()> {
        pending().await
    }
}

#[test]
fn a_row_that_cannot_be_marked_holds_up_the_error_for_five_seconds_at_most() {
    let mut world = World::new();
    world.client = world.client.clone().with_status(Arc::new(LostTable));
    world.fail_posts(Fault::Refused(ErrorKind::Rejected), u32::MAX);
    let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let error = world.ingest(source(), &tracked).expect_err("no queue takes it");
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert_eq!(world.clock.monotonic(), Duration::from_secs(5));
}
