//! Policies of the caller's: what they are asked and told, and that they are followed.

use std::time::Duration;

use kusto_ingest_core::{Clock, ErrorKind, FallbackReason, ReceiptState, Timestamp};
use kusto_ingest_managed::{
    Attempt, ManagedStreamingPolicy, ManagedStreamingSettings, MockManagedStreamingPolicy, Outcome, Route,
};

use crate::world::{World, busy, bytes, csv};

fn night() -> FallbackReason {
    FallbackReason::Other {
        reason: "not at night".to_owned(),
    }
}

fn following(policy: impl ManagedStreamingPolicy) -> World {
    let mut world = World::new(ManagedStreamingSettings::new());
    world.client = world.client.with_policy(policy);
    world
}

#[test]
fn a_policy_is_asked_before_and_told_after_every_attempt() {
    let mut policy = MockManagedStreamingPolicy::new();
    policy
        .expect_before()
        .times(1)
        .withf(|attempt| attempt.number == 0)
        .returning(|attempt| {
            assert_eq!((attempt.data_bytes, attempt.failure.is_none()), (Some(4), true));
            Route::Stream {
                after: Duration::from_secs(7),
            }
        });
    policy
        .expect_before()
        .times(1)
        .withf(|attempt| attempt.number == 1)
        .returning(|attempt| {
            let failure = attempt.failure.as_ref().expect("the first failed");
            assert_eq!(failure.kind(), ErrorKind::Unavailable);
            assert_eq!(attempt.now.since(Timestamp::UNIX_EPOCH), Duration::from_secs(7));
            Route::STREAM
        });
    let failed =
        |attempt: &Attempt, outcome: &Outcome| attempt.number == 0 && matches!(outcome, Outcome::Failed(_));
    policy.expect_after().times(1).withf(failed).return_const(());
    let streamed =
        |attempt: &Attempt, outcome: &Outcome| attempt.number == 1 && matches!(outcome, Outcome::Streamed);
    policy.expect_after().times(1).withf(streamed).return_const(());

    let world = following(policy);
    world.engine.refuse(1, &busy());
    let receipt = world.ingest(bytes(), &csv()).expect("the second is taken");
    assert_eq!(
        (receipt.state, receipt.streaming_attempts),
        (ReceiptState::Streamed, Some(2))
    );
    assert_eq!(
        world.clock.now().since(Timestamp::UNIX_EPOCH),
        Duration::from_secs(7)
    );
}

#[test]
fn a_policy_may_take_the_queue_for_a_reason_of_its_own() {
    let mut policy = MockManagedStreamingPolicy::new();
    policy
        .expect_before()
        .times(1)
        .return_const(Route::Queue(night()));
    let world = following(policy);
    let receipt = world.ingest(bytes(), &csv()).expect("the queue takes it");
    assert_eq!(
        (receipt.state, receipt.fallback),
        (ReceiptState::Queued, Some(night()))
    );
    assert_eq!(world.asked(), (0, 1));
}

#[test]
fn a_policy_may_refuse_and_is_not_asked_about_what_cannot_be_streamed() {
    let mut policy = MockManagedStreamingPolicy::new();
    policy.expect_before().times(1).return_const(Route::Fail);
    let world = following(policy);
    let error = world.ingest(bytes(), &csv()).expect_err("it refuses");
    assert_eq!((error.kind(), world.asked()), (ErrorKind::Rejected, (0, 0)));
    world
        .ingest(bytes(), &csv().with_drop_by_tags(["x"]))
        .expect("the queue takes it");
    assert_eq!(world.asked(), (0, 1));
}
