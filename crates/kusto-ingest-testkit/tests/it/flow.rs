//! The whole flow of queued ingestion in memory: no socket, and no runtime but a thread that polls.
//!
//! It proves that floors 0 to 5 need no tokio.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use kusto_endpoint::{ManagementEndpoint, QueryEndpoint, RequestProperties};
use kusto_fake::{FakeKusto, Fault, FaultPlan, RequestKind, testing};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::now;
use kusto_ingest_core::{
    Clock, DatabaseName, IngestClientExt, IngestionProperties, LocalSource, ManualClock, PollSchedule,
    Receipt, ReportLevel, ReportMethod,
};
use kusto_ingest_message::{IngestionErrorCode, OperationStatus};
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_resources::ResourceManager;
use kusto_ingest_status::{Notifications, StatusRouter, TableStatusTracker, wait_until_final};
use kusto_ingest_upload::ContainerUploader;
use kusto_storage::Operation;

const CSV: &str = "2012/01/01,4.7,drizzle\n2012/01/02,4.5,rain\n2012/01/03,2.3,\"rain, then sun\"\n";

struct World {
    clock: ManualClock,
    kusto: FakeKusto,
    client: QueuedIngestClient,
    tracker: Arc<TableStatusTracker>,
    notifications: Notifications,
    router: StatusRouter,
    database: DatabaseName,
}

impl World {
    fn new() -> Self {
        let (kusto, clock) = testing::kusto_at(ManualClock::advancing(now()));
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let database = DatabaseName::parse("Samples").expect("a good name");
        kusto.create_database(&database);

        let resources =
            Arc::new(ResourceManager::new(Arc::new(kusto.clone()), shared.clone()).with_random(|| 7));
        let storage = Arc::new(kusto.storage().clone());
        let gzip = Arc::new(InlineCompressor::new());
        let uploader = ContainerUploader::new(resources.clone(), storage.clone(), gzip, shared.clone());
        let tables = Arc::new(kusto.tables());
        let tracker = Arc::new(TableStatusTracker::new(tables, resources.clone(), shared.clone()));
        let client = QueuedIngestClient::new(resources.clone(), Arc::new(uploader), storage.clone(), shared)
            .with_status(tracker.clone());
        let notifications = Notifications::new(storage.clone(), resources.clone());
        let router = StatusRouter::new(storage, resources, Arc::new(clock.clone()));
        Self {
            clock,
            kusto,
            client,
            tracker,
            notifications,
            router,
            database,
        }
    }

    fn create_table(&self) {
        let command = ".create table Weather (at:datetime, wind:real, sky:string)";
        block_on(
            self.kusto
                .execute(&self.database, command, &RequestProperties::new()),
        )
        .expect("it is created");
    }

    fn queue(&self, csv: &'static str) -> Receipt {
        let properties = IngestionProperties::into_table(&self.database, "Weather")
            .expect("good names")
            .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::QueueAndTable);
        let source = LocalSource::from_bytes(csv).with_name("weather.csv");
        block_on(self.client.ingest(source, &properties)).expect("it is queued")
    }

    fn status(&self, receipt: &Receipt) -> (OperationStatus, Option<IngestionErrorCode>) {
        let row = receipt.status_locator().expect("it reports to the table");
        let record = block_on(wait_until_final(
            &self.clock,
            &*self.tracker,
            row,
            &PollSchedule::standard(),
        ))
        .expect("it ends");
        (record.status, record.error_code)
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let answer = block_on(
            self.kusto
                .query(&self.database, "Weather", &RequestProperties::new()),
        )
        .expect("it answers");
        let table = answer.primary().expect("it has a table");
        table
            .rows
            .iter()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect()
    }
}

#[test]
fn bytes_become_rows_and_the_status_tells() {
    let world = World::new();
    world.create_table();
    let receipt = world.queue(CSV);
    assert!(world.rows().is_empty(), "queued is not ingested");

    assert_eq!(world.status(&receipt).0, OperationStatus::Succeeded);
    assert_eq!(
        world.rows(),
        [
            ["\"2012-01-01T00:00:00.0000000Z\"", "4.7", "\"drizzle\""],
            ["\"2012-01-02T00:00:00.0000000Z\"", "4.5", "\"rain\""],
            ["\"2012-01-03T00:00:00.0000000Z\"", "2.3", "\"rain, then sun\""],
        ]
    );
    let reports = block_on(world.notifications.peek_successes(5)).expect("the queue answers");
    let ids: Vec<_> = reports
        .iter()
        .filter_map(|report| report.notification()?.source_id)
        .collect();
    assert_eq!(ids, [receipt.source_id]);
}

#[test]
fn a_router_tells_what_became_of_receipts_without_the_status_table() {
    let world = World::new();
    let missing = world.queue(CSV);
    world.kusto.drain();
    let failed = block_on(world.router.watch(missing.source_id).outcome()).expect("it is reported");
    assert_eq!(
        failed.error_code,
        Some(IngestionErrorCode::BadRequestTableNotExist)
    );
    let why = failed.failure().expect("it failed").chain();
    assert!(why.contains("; create the table, or check its name"), "{why}");

    world.create_table();
    let (theirs, ours) = (world.queue(CSV), world.queue(CSV));
    world.kusto.drain();
    let done = block_on(world.router.watch(ours.source_id).outcome()).expect("it is reported");
    assert_eq!(
        (done.status, done.source_id),
        (OperationStatus::Succeeded, Some(ours.source_id))
    );
    world.clock.advance(Duration::from_secs(5));
    let left = block_on(world.notifications.take_successes(9)).expect("the queue answers");
    let left: Vec<_> = left
        .iter()
        .filter_map(|report| report.notification()?.source_id)
        .collect();
    assert_eq!(left, [theirs.source_id], "what nobody watched is still there");
}

#[test]
fn a_receipt_read_back_from_text_is_as_good_as_new() {
    let world = World::new();
    world.create_table();
    let text = serde_json::to_string(&world.queue(CSV)).expect("a receipt is data");
    let receipt: Receipt = serde_json::from_str(&text).expect("it reads back");
    assert_eq!(world.status(&receipt).0, OperationStatus::Succeeded);
}

#[test]
fn a_missing_table_fails_for_good_and_says_why() {
    let world = World::new();
    let receipt = world.queue(CSV);
    let missing = Some(IngestionErrorCode::BadRequestTableNotExist);
    assert_eq!(world.status(&receipt), (OperationStatus::Failed, missing));
}

#[test]
fn the_walk_survives_a_broken_account_a_lost_answer_and_a_slow_service() {
    let world = World::new();
    world.create_table();
    let storage = world.kusto.storage();
    let busy = kusto_ingest_core::Error::new(kusto_ingest_core::ErrorKind::Throttled, "ask");
    let busy = FaultPlan::new(Fault::Error(busy)).on(RequestKind::IngestionResources);
    world.kusto.plan(busy.times(2));
    storage.plan(
        FaultPlan::new(Fault::Refused(kusto_ingest_core::ErrorKind::Unavailable)).on(Operation::PutBlob),
    );
    storage.plan(
        FaultPlan::new(Fault::Refused(kusto_ingest_core::ErrorKind::Connection)).on(Operation::PutMessage),
    );
    storage.plan(FaultPlan::new(Fault::ResponseLost).on(Operation::InsertEntity));
    let receipt = world.queue(CSV);
    assert_eq!(world.status(&receipt).0, OperationStatus::Succeeded);
    assert_eq!(world.rows().len(), 3, "once, in spite of all");
}

#[test]
fn the_service_is_asked_for_its_resources_once() {
    let world = World::new();
    world.create_table();
    for _ in 0..20 {
        world.queue(CSV);
    }
    assert_eq!(world.kusto.request_count(RequestKind::IngestionResources), 1);
    assert_eq!(world.kusto.request_count(RequestKind::IdentityToken), 1);
    assert_eq!(world.kusto.queued_message_count(), 20);
}
