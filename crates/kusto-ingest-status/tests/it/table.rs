//! Status records in the table that Kusto issues.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use kusto_fake::testing::storage;
use kusto_fake::{Fault, FaultPlan, IfMatch, MemoryStorage, ResourcePath};
use kusto_ingest_core::testing::{SOURCE_ID, source_id};
use kusto_ingest_core::{
    BlobUri, Clock, Error, ErrorKind, IngestionProperties, ManualClock, StatusLocator, Timestamp,
};
use kusto_ingest_message::{FailureStatus, IngestionErrorCode, OperationStatus, StatusRecord};
use kusto_ingest_resources::{FixedResources, IngestionResources, MockResourceProvider, Outcome};
use kusto_ingest_status::{NewStatusRecord, OpenedStatus, StatusTracker, TableStatusTracker};
use kusto_storage::{Entity, EntityKey, Operation, ResourceKind, ResourceUri};

struct World {
    clock: ManualClock,
    storage: MemoryStorage,
    tracker: TableStatusTracker,
}

fn uri(text: &str) -> ResourceUri {
    ResourceUri::parse(text).expect("the test's address is one")
}

fn issued(tables: &[&str]) -> IngestionResources {
    IngestionResources::empty().with_status_tables(tables.iter().map(|table| uri(table)))
}

/// A world in which Kusto issues these tables.
fn world(tables: &[&str]) -> World {
    let (storage, clock) = storage();
    for table in tables {
        storage
            .issue(ResourceKind::Table, &uri(table))
            .expect("each is issued once");
    }
    let resources = Arc::new(FixedResources::issuing(issued(tables)));
    let tracker = TableStatusTracker::new(Arc::new(storage.clone()), resources, Arc::new(clock.clone()));
    World {
        clock,
        storage,
        tracker,
    }
}

const TABLE: &str = "https://acct9.table.core.windows.net/status?sv=1&sig=SECRET";
const OTHER: &str = "https://acct8.table.core.windows.net/status?sv=1&sig=SECRET";

fn new_record() -> NewStatusRecord {
    let properties = IngestionProperties::into_table("Logs", "Events").expect("the names are not blank");
    let blob = BlobUri::parse("https://h/c/b.csv?sig=SECRET").expect("it is an address");
    NewStatusRecord::new(&properties, &blob)
}

impl World {
    fn open(&self) -> kusto_ingest_core::Result<OpenedStatus> {
        block_on(self.tracker.open(source_id(), &new_record()))
    }

    fn status(&self, locator: &StatusLocator) -> OperationStatus {
        block_on(self.tracker.fetch(locator))
            .expect("the record is there")
            .status
    }

    /// What the service does to the row of the source.
    fn service_says(&self, record: &StatusRecord) {
        let entity = Entity {
            key: EntityKey::new(SOURCE_ID, SOURCE_ID),
            properties: record.to_properties(),
        };
        self.storage
            .merge_entity(&ResourcePath::from(&uri(TABLE)), &entity, &IfMatch::Any)
            .expect("the row is there");
    }
}

#[test]
fn s02_c02_the_row_is_pending_under_the_source_id_before_anything_else_happens() {
    let world = world(&[TABLE]);
    let opened = world.open().unwrap();
    let stored = world
        .storage
        .entity(
            &ResourcePath::from(&uri(TABLE)),
            &EntityKey::new(SOURCE_ID, SOURCE_ID),
        )
        .unwrap();
    assert_eq!(stored.entity.properties["Status"], "Pending");
    assert_eq!(
        stored.entity.properties["IngestionSourcePath"],
        "https://h/c/b.csv"
    );
    assert_eq!(world.status(&opened.locator), OperationStatus::Pending);
    assert_eq!(
        (opened.location.partition_key(), opened.location.row_key()),
        (SOURCE_ID, SOURCE_ID)
    );
    assert_eq!(opened.location.expose_table(), TABLE);
    assert!(!format!("{opened:?}").contains("SECRET"));
}

#[test]
fn a_locator_is_data_that_another_process_can_ask_about() {
    let world = world(&[OTHER, TABLE]);
    let opened = world.open().unwrap();
    let written = serde_json::to_string(&opened.locator).unwrap();
    assert!(!written.contains("SECRET"), "{written}");
    let read: StatusLocator = serde_json::from_str(&written).unwrap();
    assert_eq!(world.status(&read), OperationStatus::Pending);
}

#[test]
fn s02_c82_a_row_whose_answer_was_lost_is_taken_as_inserted() {
    let world = world(&[TABLE]);
    world
        .storage
        .plan(FaultPlan::new(Fault::ResponseLost).on(Operation::InsertEntity));
    world.open().unwrap();
    assert_eq!(world.storage.request_count(Operation::InsertEntity), 2);
    assert_eq!(
        world.storage.request_count(Operation::MergeEntity),
        1,
        "it is set to what it is already"
    );
}

#[test]
fn a_source_queued_again_whose_first_insert_fails_does_not_keep_the_outcome_of_the_first_run() {
    let world = world(&[TABLE]);
    let opened = world.open().unwrap();
    world.service_says(&StatusRecord::new(OperationStatus::Succeeded));
    world
        .storage
        .plan(FaultPlan::new(Fault::Refused(ErrorKind::Unavailable)).on(Operation::InsertEntity));
    world.open().unwrap();
    assert_eq!(world.status(&opened.locator), OperationStatus::Pending);
}

#[test]
fn a_row_that_is_set_back_tells_nothing_of_the_failure_before() {
    let world = world(&[TABLE]);
    let opened = world.open().unwrap();
    let mut failed = StatusRecord::new(OperationStatus::Failed);
    failed.error_code = IngestionErrorCode::read("BadRequest_EmptyBlob");
    failed.failure_status = Some(FailureStatus::Permanent);
    failed.details = Some("the blob is empty".to_owned());
    failed.operation_id = Some(source_id().as_uuid());
    failed.originates_from_update_policy = Some(true);
    world.service_says(&failed);
    world.open().unwrap();
    let record = block_on(world.tracker.fetch(&opened.locator)).unwrap();
    assert_eq!(record.status, OperationStatus::Pending);
    assert_eq!(
        (
            record.error_code,
            record.failure_status,
            record.details,
            record.operation_id
        ),
        (None, None, None, None)
    );
    assert_eq!(record.originates_from_update_policy, Some(false));
}

#[test]
fn a_source_that_is_queued_again_is_pending_again() {
    let world = world(&[TABLE]);
    let opened = world.open().unwrap();
    world.service_says(&StatusRecord::new(OperationStatus::Failed));
    assert_eq!(world.status(&opened.locator), OperationStatus::Failed);
    world.open().unwrap();
    assert_eq!(world.status(&opened.locator), OperationStatus::Pending);
}

#[test]
fn blobs_of_one_source_may_have_rows_of_their_own() {
    let world = world(&[TABLE]);
    let first = world.open().unwrap();
    let second = block_on(
        world
            .tracker
            .open(source_id(), &new_record().with_row_key("second")),
    )
    .unwrap();
    world.service_says(&StatusRecord::new(OperationStatus::Succeeded));
    assert_eq!(world.status(&first.locator), OperationStatus::Succeeded);
    assert_eq!(world.status(&second.locator), OperationStatus::Pending);
    assert_eq!(second.location.row_key(), "second");
}

#[test]
fn another_table_is_tried_when_one_is_down() {
    let world = world(&[TABLE, OTHER]);
    for account in ["acct8", "acct9"] {
        let down = Fault::Refused(ErrorKind::Connection);
        world
            .storage
            .plan(FaultPlan::new(down).in_account(account).forever());
        let opened = world.open().unwrap();
        assert!(!opened.locator.table.contains(account), "{opened:?}");
        world.storage.clear_faults();
    }
}

#[test]
fn it_is_tried_for_a_minute_and_the_error_shows_no_sas() {
    let world = world(&[TABLE]);
    let down = Fault::Refused(ErrorKind::Unavailable);
    world.storage.plan(FaultPlan::new(down).forever());
    let error = world.open().unwrap_err();
    assert_eq!(world.clock.monotonic(), Duration::from_secs(60));
    let attempts = u64::from(error.attempts().expect("it was tried again"));
    assert_eq!(world.storage.request_count(Operation::InsertEntity), attempts);
    assert_eq!(
        (error.kind(), error.source_id()),
        (ErrorKind::Unavailable, Some(source_id()))
    );
    assert!(!error.is_permanent());
    assert!(!format!("{error:?} {}", error.chain()).contains("SECRET"));
}

#[test]
fn what_will_not_pass_is_attempted_once() {
    let world = world(&[TABLE]);
    let refused = Fault::Refused(ErrorKind::Rejected);
    world.storage.plan(FaultPlan::new(refused).forever());
    assert_eq!(world.open().unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!(world.storage.request_count(Operation::InsertEntity), 1);
    assert_eq!(world.clock.now(), Timestamp::UNIX_EPOCH);
}

#[test]
fn without_a_table_there_is_no_record() {
    let world = world(&[]);
    assert_eq!(world.open().unwrap_err().kind(), ErrorKind::NoResources);
}

#[test]
fn an_abandoned_record_says_so_and_may_be_tried_again() {
    let world = world(&[TABLE]);
    let opened = world.open().unwrap();
    let reason = Error::new(ErrorKind::Unavailable, "put the message");
    block_on(world.tracker.abandon(&opened.locator, &reason)).unwrap();
    let record = block_on(world.tracker.fetch(&opened.locator)).unwrap();
    assert_eq!(record.status, OperationStatus::Failed);
    assert_eq!(record.failure_status, Some(FailureStatus::Transient));
    assert_eq!(record.details.as_deref(), Some("failed to put the message"));
    assert_eq!(record.database.as_deref(), Some("Logs"));
}

#[test]
fn places_that_do_not_exist_are_not_found() {
    let world = world(&[TABLE]);
    let elsewhere = StatusLocator::new("https://gone.table.core.windows.net/status", source_id());
    let nobody = StatusLocator::new(uri(TABLE).redacted(), source_id());
    for locator in [elsewhere, nobody] {
        let error = block_on(world.tracker.fetch(&locator)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{locator:?}");
        assert!(error.is_permanent());
    }
}

#[test]
fn a_sas_that_is_over_is_replaced_and_the_read_repeated() {
    let world = world(&[TABLE]);
    let opened = world.open().unwrap();
    let stale = "https://acct9.table.core.windows.net/status?sv=1&sig=STALE";
    let mut provider = MockResourceProvider::new();
    provider
        .expect_resources()
        .times(1)
        .returning(move || Ok(Arc::new(issued(&[stale]))));
    provider
        .expect_renew()
        .times(1)
        .returning(|| Ok(Arc::new(issued(&[TABLE]))));
    provider
        .expect_report()
        .times(1)
        .withf(|_, outcome| *outcome == Outcome::Refused)
        .return_const(());
    let tracker = TableStatusTracker::new(
        Arc::new(world.storage.clone()),
        Arc::new(provider),
        Arc::new(world.clock),
    );
    let record = block_on(tracker.fetch(&opened.locator)).unwrap();
    assert_eq!(record.status, OperationStatus::Pending);
}
