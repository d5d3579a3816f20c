//! Asynchronous commands and the operations behind them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties, ScriptedEndpoint};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{
    Clock, DatabaseName, ErrorKind, IngestClient as _, ManualClock, PollSchedule, ReceiptState, Result,
    Timestamp,
};
use kusto_ingest_direct::{CommandMode, DirectIngestClient, Operations};
use uuid::Uuid;

use crate::world::{OPERATION, World, begun, blob, failures, operation, properties};

fn world(mode: CommandMode) -> World {
    let world = World::new();
    let schedule = Operations::default_schedule().with_limit(Duration::from_secs(120));
    let client: DirectIngestClient = world.client.clone().with_mode(mode).with_poll_schedule(schedule);
    World { client, ..world }
}

fn id() -> Uuid {
    OPERATION.parse().expect("a guid")
}

#[test]
fn an_asynchronous_command_ends_with_its_operation_which_can_be_followed_later() {
    let world = world(CommandMode::Async);
    world
        .engine
        .once(".ingest async into table ['T'] (h@'", Ok(begun()));
    let receipt = world.ingest(blob("f.csv")).expect("begun");
    assert_eq!(receipt.state, ReceiptState::Operation { id: id() });
    assert_eq!(world.sent().len(), 1);
    world
        .engine
        .once(".show operations", Ok(operation("Completed", "")));
    let done = block_on(world.client.wait_for_operation(&receipt)).expect("done");
    assert_eq!(done.operation(), Some(id()));
    assert!(matches!(done.state, ReceiptState::Ingested { .. }), "{done:?}");
    assert_eq!(done.source_id, receipt.source_id);
}

#[test]
fn s03_g12_an_operation_is_followed_until_it_is_final() {
    let world = world(CommandMode::Followed);
    world.engine.once(".ingest async", Ok(begun()));
    for state in ["InProgress", "Scheduled", "Completed"] {
        world.engine.once(".show operations", Ok(operation(state, "")));
    }
    let receipt = world.ingest(blob("f.csv")).expect("loaded");
    let state = ReceiptState::Ingested {
        extents: Vec::new(),
        operation: Some(id()),
    };
    assert_eq!(receipt.state, state);
    assert_eq!(
        world
            .engine
            .command_count(&format!(".show operations {OPERATION}")),
        3
    );
    assert_eq!(
        world.clock.now(),
        Timestamp::UNIX_EPOCH + Duration::from_secs(1 + 2 + 4)
    );
}

#[test]
fn a_first_look_at_once_is_followed_by_waits_all_the_same() {
    for (longest, waited) in [(1000, 100 + 200 + 400), (0, 3 * 100)] {
        let world = world(CommandMode::Async);
        for state in ["InProgress", "InProgress", "InProgress", "Completed"] {
            world.engine.once(".show operations", Ok(operation(state, "")));
        }
        let [first, interval, longest] = [0, 100, longest].map(Duration::from_millis);
        let schedule = PollSchedule::standard().with_intervals(first, interval, longest);
        let operations = world.client.operations();
        let database = "D".try_into().expect("it is a name");
        block_on(operations.wait_for_operation(&database, id(), &schedule)).expect("done");
        assert_eq!(
            world.clock.now(),
            Timestamp::UNIX_EPOCH + Duration::from_millis(waited)
        );
    }
}

#[test]
fn an_operation_that_was_looked_at_already_is_not_looked_at_again() {
    let world = world(CommandMode::Async);
    world.engine.once(".ingest async", Ok(begun()));
    let receipt = world.ingest(blob("f.csv")).expect("begun");
    for (state, ends) in [("InProgress", false), ("Completed", true)] {
        world.engine.once(".show operations", Ok(operation(state, "")));
        let looked = block_on(world.client.operations().fetch(&receipt.database, id()));
        let looked = looked.expect("it answers").expect("it is known");
        let sent = world.sent().len();
        let told = block_on(world.client.conclude(&receipt, &looked)).expect("no failure");
        assert_eq!(
            matches!(told.state, ReceiptState::Ingested { .. }),
            ends,
            "{told:?}"
        );
        assert_eq!(world.sent().len(), sent);
    }
}

#[test]
fn s03_g13_a_throttled_operation_is_begun_again_up_to_three_times() {
    let world = world(CommandMode::Followed);
    for _ in 0..4 {
        world.engine.once(".ingest async", Ok(begun()));
        world
            .engine
            .once(".show operations", Ok(operation("Throttled", "no capacity")));
    }
    world.engine.once(".show ingestion failures", Ok(failures(&[])));
    let error = world.ingest(blob("f.csv")).expect_err("throttled");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Throttled, false)
    );
    assert_eq!(world.engine.command_count(".ingest async"), 3);
}

#[test]
fn final_states_have_one_meaning_each_and_are_not_begun_again() {
    for (state, kind, permanent) in [
        ("Failed", ErrorKind::Rejected, true),
        ("PartiallySucceeded", ErrorKind::Rejected, true),
        ("Abandoned", ErrorKind::Unavailable, false),
        ("BadInput", ErrorKind::Rejected, true),
        ("Canceled", ErrorKind::Rejected, true),
    ] {
        let world = world(CommandMode::Followed);
        world.engine.once(".ingest async", Ok(begun()));
        let status = "bad blob 'https://a.blob.core.windows.net/c/f.csv?sv=1&sig=SECRET'";
        world
            .engine
            .once(".show operations", Ok(operation(state, status)));
        let error = world.ingest(blob("f.csv")).expect_err(state);
        assert_eq!((error.kind(), error.is_permanent()), (kind, permanent), "{state}");
        let shown = format!("{} {error:?}", error.chain());
        assert!(shown.contains("c/f.csv") && !shown.contains("SECRET"), "{shown}");
        assert_eq!(world.engine.command_count(".ingest"), 1);
    }
    let world = world(CommandMode::Followed);
    world.engine.once(".ingest async", Ok(begun()));
    world
        .engine
        .once(".show operations", Ok(operation("Skipped", "")));
    assert_eq!(
        world.ingest(blob("f.csv")).expect("skipped").state,
        ReceiptState::Skipped
    );
}

#[test]
fn an_operation_that_does_not_end_in_time_stays_in_the_receipt() {
    let world = world(CommandMode::Followed);
    world.always(".show operations", operation("Dreaming", ""));
    world.engine.once(".ingest async", Ok(begun()));
    let receipt = world.ingest(blob("f.csv")).expect("it goes on");
    assert_eq!(receipt.state, ReceiptState::Operation { id: id() });
    let error = block_on(world.client.wait_for_operation(&receipt)).expect_err("still not done");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("Dreaming"), "{error}");
    assert_eq!(
        world.clock.now(),
        Timestamp::UNIX_EPOCH + Duration::from_secs(240)
    );
}

/// Turns its time of day back by an hour with every wait, and lets all other time pass.
#[derive(Debug)]
struct TurnedBack(ManualClock);

#[async_trait]
impl Clock for TurnedBack {
    fn now(&self) -> Timestamp {
        let hours = self.0.monotonic().as_secs() * 3_600;
        Timestamp::parse("2026-01-01").expect("a date") - Duration::from_secs(hours)
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}

#[test]
fn a_clock_that_is_set_back_does_not_make_anybody_wait_longer() {
    let world = world(CommandMode::Followed);
    let schedule = Operations::default_schedule().with_limit(Duration::from_secs(120));
    let clock = TurnedBack(world.clock.clone());
    let operations = Operations::new(Arc::new(world.engine.clone()), Arc::new(clock));
    // It would end some time, and after the limit.
    for _ in 0..20 {
        world
            .engine
            .once(".show operations", Ok(operation("InProgress", "")));
    }
    world.always(".show operations", operation("Completed", ""));
    let database = "D".try_into().expect("it is a name");
    let error = block_on(operations.wait_for_operation(&database, id(), &schedule)).expect_err("it goes on");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(world.clock.monotonic(), Duration::from_secs(120));
}

/// An engine that never answers a look.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl ManagementEndpoint for Silent {
    async fn execute(&self, _: &DatabaseName, _: &str, _: &RequestProperties) -> Result<Dataset> {
        std::future::pending().await
    }
}

#[test]
fn a_look_ends_after_a_minute_and_the_last_one_after_five_seconds() {
    let clock = clock();
    let operations = Operations::new(Arc::new(Silent), Arc::new(clock.clone()));
    let database = "D".try_into().expect("it is a name");
    let second = Duration::from_secs(1);
    for (limit, ended) in [(61, 61), (62, 67), (3, 6)] {
        let schedule = PollSchedule::standard()
            .with_intervals(second, second, second)
            .with_limit(limit * second);
        let begun = clock.monotonic();
        let error = block_on(operations.wait_for_operation(&database, id(), &schedule)).expect_err("silence");
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(clock.monotonic() - begun, ended * second, "of {limit} s");
    }
}

#[test]
fn an_engine_that_does_not_say_why_a_source_failed_is_not_waited_for_for_long() {
    #[derive(Debug)]
    struct NoFailures(ScriptedEndpoint);

    #[async_trait]
    impl ManagementEndpoint for NoFailures {
        async fn execute(
            &self,
            database: &DatabaseName,
            text: &str,
            properties: &RequestProperties,
        ) -> Result<Dataset> {
            if text.starts_with(".show ingestion failures") {
                return std::future::pending().await;
            }
            self.0.execute(database, text, properties).await
        }
    }

    let world = world(CommandMode::Followed);
    world.engine.once(".ingest async", Ok(begun()));
    world
        .engine
        .once(".show operations", Ok(operation("Failed", "bad data")));
    let engine = Arc::new(NoFailures(world.engine.clone()));
    let client =
        DirectIngestClient::new(engine, Arc::new(world.clock.clone())).with_mode(CommandMode::Followed);
    let error = block_on(client.ingest_source(blob("f.csv").into(), &properties())).expect_err("it failed");
    assert!(error.to_string().contains("bad data"), "{error}");
    assert_eq!(world.clock.monotonic(), Duration::from_secs(1 + 60));
}

#[test]
fn an_operation_that_the_engine_does_not_know_for_a_minute_is_not_found() {
    let world = world(CommandMode::Async);
    world.engine.once(".ingest async", Ok(begun()));
    let receipt = world.ingest(blob("f.csv")).expect("begun");
    let none = || {
        let mut none: Dataset = operation("", "");
        none.tables[0].rows.clear();
        none
    };
    world.engine.once(".show operations", Ok(none()));
    world
        .engine
        .once(".show operations", Ok(operation("Completed", "")));
    assert!(block_on(world.client.wait_for_operation(&receipt)).is_ok());
    world.always(".show operations", none());
    let error = block_on(world.client.wait_for_operation(&receipt)).expect_err("nobody knows it");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn a_look_that_fails_in_passing_is_made_again_and_a_refused_one_is_not() {
    let world = world(CommandMode::Async);
    world.engine.once(".ingest async", Ok(begun()));
    let receipt = world.ingest(blob("f.csv")).expect("begun");
    world.engine.once(
        ".show operations",
        Err(crate::world::error(ErrorKind::Unavailable, 503)),
    );
    world
        .engine
        .once(".show operations", Ok(operation("Completed", "")));
    assert!(block_on(world.client.wait_for_operation(&receipt)).is_ok());
    world.engine.once(
        ".show operations",
        Err(crate::world::error(ErrorKind::Forbidden, 403)),
    );
    let error = block_on(world.client.wait_for_operation(&receipt)).expect_err("forbidden");
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[test]
fn looks_that_fail_again_and_again_end_the_polling_as_the_schedule_says() {
    let world = world(CommandMode::Async);
    for _ in 0..3 {
        let error = crate::world::error(ErrorKind::Unavailable, 503);
        world.engine.once(".show operations", Err(error));
    }
    let second = Duration::from_secs(1);
    let schedule = Operations::default_schedule()
        .with_failure_waits([10, 60].map(|waits| waits * second), Duration::ZERO);
    let database = "D".try_into().expect("it is a name");
    let error = block_on(
        world
            .client
            .operations()
            .wait_for_operation(&database, id(), &schedule),
    )
    .expect_err("it is away");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(world.engine.command_count(".show operations"), 3);
    assert_eq!(world.clock.monotonic(), (1 + (2 + 10) + (4 + 60)) * second);
}

#[test]
fn without_any_time_there_is_one_look_at_once() {
    let world = world(CommandMode::Async);
    world
        .engine
        .once(".show operations", Ok(operation("InProgress", "")));
    world
        .engine
        .once(".show operations", Ok(operation("Completed", "")));
    let database = "D".try_into().expect("it is a name");
    let schedule = PollSchedule::interactive().with_limit(Duration::ZERO);
    let operations = world.client.operations();
    let looking = || block_on(operations.wait_for_operation(&database, id(), &schedule));
    assert_eq!(looking().expect_err("it goes on").kind(), ErrorKind::Timeout);
    assert!(looking().expect("it is done").state.is_final());
    assert_eq!(world.clock.monotonic(), Duration::ZERO);
}

#[test]
fn a_blob_of_unknown_size_is_followed_without_being_asked_to() {
    let world = World::new();
    world.engine.once(".ingest async", Ok(begun()));
    world
        .engine
        .once(".show operations", Ok(operation("Completed", "")));
    let unknown = kusto_ingest_core::BlobSource::new(blob("f.csv").uri().clone());
    assert!(world.ingest(unknown).is_ok());
}
