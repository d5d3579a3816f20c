//! When rounds end: by time, by what the service asks for, by the deadline, and together with others of a client.

use std::time::Duration;

use kusto_ingest_core::testing::{SECOND, clock};
use kusto_ingest_core::{ErrorKind, ExponentialRetry};
use kusto_ingest_resources::{IngestionResources, MockResourceProvider};

use super::world::{World, failing};

#[test]
fn the_last_word_tells_the_rounds_their_time_and_the_last_account_without_any_sas() {
    let policy = ExponentialRetry::new(3);
    let done = World::with(&["a", "b"]).run_by(&policy, None, |_, _| Some(failing(ErrorKind::Unavailable)));
    assert_eq!(done.accounts(), "ababab");
    let error = done.result.as_ref().expect_err("nobody answers");
    assert_eq!((error.attempts(), error.elapsed()), (Some(3), Some(done.took)));
    assert_eq!(
        error.chain(),
        "failed to put the message (last https://b.queue.core.windows.net/q1, attempts 3): try"
    );
    assert!(error.is_retried() && !format!("{error:?}").contains("SECRET"));
}

#[test]
fn the_attempts_that_are_told_are_the_rounds_and_not_those_of_an_inner_engine() {
    let done = World::with(&["a"]).run_by(&ExponentialRetry::new(2), None, |_, _| {
        Some(failing(ErrorKind::Unavailable).with_attempts(7, SECOND))
    });
    assert_eq!(
        done.result.as_ref().expect_err("nobody answers").attempts(),
        Some(2)
    );
}

#[test]
fn by_default_it_ends_after_a_minute() {
    let done = World::with(&["a"]).run(|_, _| Some(failing(ErrorKind::Timeout)));
    assert_eq!(done.took, 60 * SECOND);
}

#[test]
fn a_wait_beyond_the_deadline_or_the_budget_ends_it_at_once() {
    let asks =
        |seconds: u32| move |_, _| Some(failing(ErrorKind::Throttled).with_retry_after(seconds * SECOND));
    let policy = ExponentialRetry::default();
    let within = |limit, seconds| World::with(&["a"]).run_by(&policy, limit, asks(seconds)).took;
    assert_eq!(within(Some(10 * SECOND), 10), Duration::ZERO);
    assert_eq!(within(None, 61), Duration::ZERO);
    assert!(within(Some(10 * SECOND), 8) >= 8 * SECOND);
}

#[test]
fn the_deadline_is_handed_down_so_that_the_last_error_is_told_and_not_the_time() {
    let policy = ExponentialRetry::default();
    let done = World::with(&["a"]).run_by(&policy, Some(5 * SECOND), |_, _| {
        Some(failing(ErrorKind::Unavailable))
    });
    assert!(
        done.took < 5 * SECOND && done.tried_at.len() > 3,
        "{:?}",
        done.tried_at
    );
    assert_eq!(
        done.result.as_ref().expect_err("nobody answers").kind(),
        ErrorKind::Unavailable
    );
}

#[test]
fn once_nobody_has_answered_for_a_minute_others_give_up_after_one_round_until_somebody_does() {
    let world = World::with(&["a", "b"]);
    let dead = |_, _| Some(failing(ErrorKind::Connection));
    assert_eq!(world.run(dead).took, 60 * SECOND);
    for _ in 0..5_000 {
        let done = world.run(dead);
        assert_eq!((done.took, done.accounts().as_str()), (Duration::ZERO, "ab"));
        done.result.as_ref().expect_err("nobody answers");
    }
    assert!(
        world
            .run(|_, number| (number == 0).then(|| failing(ErrorKind::Connection)))
            .result
            .is_ok()
    );
    let done = world.run(dead);
    assert_eq!(done.took, 60 * SECOND, "one has answered since");
}

#[test]
fn what_is_known_to_one_client_is_not_known_to_another() {
    let (one, other) = (World::with(&["a"]), World::with(&["a"]));
    one.run(|_, _| Some(failing(ErrorKind::Connection)));
    assert_eq!(
        other.run(|_, _| Some(failing(ErrorKind::Connection))).took,
        60 * SECOND
    );
}

#[test]
fn without_any_resource_nothing_is_tried() {
    let mut provider = MockResourceProvider::new();
    provider
        .expect_resources()
        .returning(|| Ok(std::sync::Arc::new(IngestionResources::empty())));
    let world = World::of(&clock(), provider);
    let done = world.run(|_, _| None);
    assert_eq!(
        done.result.as_ref().expect_err("there is no queue").kind(),
        ErrorKind::NoResources
    );
    assert!(done.tried_at.is_empty());
}
