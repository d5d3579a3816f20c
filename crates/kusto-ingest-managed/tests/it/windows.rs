//! What is remembered of a table: that it is not to be streamed to, and for how long.

use std::time::Duration;

use futures::executor::block_on;
use kusto_ingest_core::{
    Error, ErrorKind, FallbackReason, IngestClient, ReceiptState, StreamingErrorCategory, Timestamp,
};
use kusto_ingest_managed::{DefaultPolicy, ManagedStreamingSettings, OnUnavailable};

use crate::world::{World, answered, bytes, csv};

fn off() -> Error {
    answered(
        400,
        "BadRequest_StreamingIngestionPolicyNotEnabled",
        Some(true),
        None,
    )
}

fn throttled() -> Error {
    answered(429, "TooManyRequests", Some(false), None)
}

#[test]
fn s03_g35_where_streaming_is_off_every_source_makes_one_attempt() {
    let world = World::refusing(2, &off());
    for _ in 0..2 {
        let error = world.some_bytes_into("D", "T").expect_err("it is off");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(world.asked(), (1, 0));
    }
    let receipt = world
        .some_bytes_into("D", "T")
        .expect("it is on again, and needs no quarter of an hour to be seen");
    assert_eq!(receipt.state, ReceiptState::Streamed);
}

#[test]
fn s03_g36_where_streaming_is_off_and_that_is_fine_the_queue_is_taken_for_a_while() {
    let world =
        World::new(ManagedStreamingSettings::new().with_when_streaming_disabled(OnUnavailable::FallBack));
    world.engine.refuse(1, &off());
    let receipt = world.some_bytes_into("D", "T").expect("the queue takes it");
    assert!(matches!(
        receipt.fallback,
        Some(FallbackReason::Refused {
            category: StreamingErrorCategory::StreamingOff,
            ..
        })
    ));
    assert_eq!(world.asked(), (1, 1));

    world.advance(15 * 60 - 1);
    let receipt = world.some_bytes_into("D", "T").expect("the queue takes it");
    let until = Timestamp::UNIX_EPOCH + Duration::from_secs(15 * 60);
    let category = StreamingErrorCategory::StreamingOff;
    assert_eq!(
        receipt.fallback,
        Some(FallbackReason::Backoff { category, until })
    );
    assert_eq!((receipt.streaming_attempts, world.asked()), (Some(0), (0, 1)));

    world.advance(2);
    world.some_bytes_into("D", "T").expect("it streams again");
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn s03_g37_a_throttled_table_is_queued_for_ten_seconds() {
    let world = World::refusing(3, &throttled());
    world.some_bytes_into("D", "T").expect("the queue takes it");
    let calls = world.engine.take();
    assert_eq!(calls.iter().map(|call| call.at).collect::<Vec<_>>(), [0, 1, 3]);
    assert_eq!(world.queue.take().len(), 1);
    world.advance(9);
    let receipt = world.some_bytes_into("D", "T").expect("the queue takes it");
    assert!(matches!(
        receipt.fallback,
        Some(FallbackReason::Backoff {
            category: StreamingErrorCategory::Throttled,
            ..
        })
    ));
    assert_eq!(world.asked(), (0, 1));
    world.advance(2);
    world.some_bytes_into("D", "T").expect("it streams again");
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn a_longer_wait_than_allowed_closes_the_table_for_that_long() {
    let world = World::refusing(1, &answered(429, "TooManyRequests", None, Some("60")));
    world.some_bytes_into("D", "T").expect("the queue takes it");
    assert_eq!(world.asked(), (1, 1));
    world.advance(59);
    world.some_bytes_into("D", "T").expect("the queue takes it");
    assert_eq!(world.asked(), (0, 1));
    world.advance(1);
    world.some_bytes_into("D", "T").expect("it streams again");
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn s03_g39_a_table_that_does_not_suit_streaming_is_queued_and_others_are_not() {
    let world = World::refusing(
        1,
        &answered(
            400,
            "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema",
            Some(true),
            None,
        ),
    );
    world.some_bytes_into("D", "T").expect("the queue takes it");
    assert_eq!(world.asked(), (1, 1));
    world.some_bytes_into("D", "T2").expect("it is another table");
    assert_eq!(world.asked(), (1, 0));
    world.advance(15 * 60 - 1);
    world
        .some_bytes_into("d", "T")
        .expect("the same table: names of databases have no case");
    assert_eq!(world.asked(), (0, 1));
    world.advance(1);
    world.some_bytes_into("D", "T").expect("it streams again");
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn s03_g40_tables_whose_names_read_alike_are_apart() {
    let world = World::refusing(3, &throttled());
    world.some_bytes_into("a-b", "c").expect("the queue takes it");
    assert_eq!(world.asked(), (3, 1));
    world.some_bytes_into("a", "b-c").expect("it is another table");
    assert_eq!(world.asked(), (1, 0));
    world
        .some_bytes_into("a-b", "C")
        .expect("names of tables have case");
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn a_policy_remembers_for_one_client_only() {
    let world =
        World::new(ManagedStreamingSettings::new().with_when_streaming_disabled(OnUnavailable::FallBack));
    world.engine.refuse(1, &off());
    world.some_bytes_into("D", "T").expect("the queue takes it");
    let other = world.client.clone().with_policy(DefaultPolicy::default());
    block_on(IngestClient::ingest_source(&other, bytes().into(), &csv())).expect("it streams");
    assert_eq!(world.asked(), (2, 1));
}

#[test]
fn a_success_opens_a_closed_table() {
    let code = "ServiceUnavailable_StreamingIngestionDatabaseUnderMaintenance";
    let world = World::refusing(1, &answered(503, code, Some(false), None));
    world
        .some_bytes_into("D", "T")
        .expect("the second attempt is taken");
    assert_eq!(world.asked(), (2, 0));
    world.some_bytes_into("D", "T").expect("the maintenance is over");
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn maintenance_is_waited_for_and_those_who_come_meanwhile_are_queued() {
    let code = "ServiceUnavailable_StreamingIngestionDatabaseUnderMaintenance";
    let world = World::refusing(3, &answered(503, code, Some(false), None));
    let receipt = world.some_bytes_into("D", "T").expect("the queue takes it");
    assert!(matches!(receipt.fallback, Some(FallbackReason::Exhausted { .. })));
    assert_eq!(world.asked(), (3, 1));
    let receipt = world.some_bytes_into("D", "T").expect("the queue takes it");
    assert!(matches!(
        receipt.fallback,
        Some(FallbackReason::Backoff {
            category: StreamingErrorCategory::Maintenance,
            ..
        })
    ));
    assert_eq!(world.asked(), (0, 1));
}

#[test]
fn a_table_that_is_closed_stays_closed_when_another_one_is() {
    let world = World::new(ManagedStreamingSettings::new());
    let clash = "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema";
    world.engine.refuse(1, &answered(400, clash, Some(true), None));
    world.some_bytes_into("D", "T").expect("the queue takes it");
    world.engine.refuse(3, &throttled());
    world.some_bytes_into("D", "T2").expect("the queue takes it");
    assert_eq!(world.asked(), (4, 2));
    for table in ["T", "T2"] {
        world.some_bytes_into("D", table).expect("the queue takes it");
        assert_eq!(world.asked(), (0, 1), "{table}");
    }
    // The one that is open again is forgotten, and the other is not.
    world.advance(11);
    world.engine.refuse(3, &throttled());
    world.some_bytes_into("D", "T3").expect("the queue takes it");
    assert_eq!(world.asked(), (3, 1));
    for (table, asked) in [("T", (0, 1)), ("T2", (1, 0)), ("T3", (0, 1))] {
        world.some_bytes_into("D", table).expect("it is taken");
        assert_eq!(world.asked(), asked, "{table}");
    }
}

#[test]
fn a_clock_that_is_set_neither_closes_a_table_for_longer_nor_opens_it() {
    let hour = Duration::from_secs(3_600);
    let later = Timestamp::UNIX_EPOCH + 48 * hour;
    for set in [later - hour, later + hour] {
        let world = World::new(ManagedStreamingSettings::new());
        world.clock.set(later);
        world.engine.refuse(3, &throttled());
        world.some_bytes_into("D", "T").expect("the queue takes it");
        assert_eq!(world.asked(), (3, 1));
        world.clock.set(set);
        world.advance(9);
        let receipt = world.some_bytes_into("D", "T").expect("the queue takes it");
        let until = set + Duration::from_secs(10);
        assert!(
            matches!(&receipt.fallback, Some(FallbackReason::Backoff { until: told, .. }) if *told == until),
            "{receipt:?}"
        );
        assert_eq!(world.asked(), (0, 1));
        world.advance(1);
        world.some_bytes_into("D", "T").expect("it streams again");
        assert_eq!(world.asked(), (1, 0));
    }
}
