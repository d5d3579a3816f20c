//! Whose fault a failure is decides who is tried next, who is blamed, and whether there is another round.

use std::time::Duration;

use kusto_ingest_core::testing::SECOND;
use kusto_ingest_core::{Error, ErrorKind};
use kusto_ingest_resources::Outcome;

use super::world::{World, failing};

/// What is wrong with one account alone.
fn of_an_account() -> Vec<Error> {
    let with_status = |kind, status| failing(kind).with_http_status(status);
    vec![
        with_status(ErrorKind::Unauthenticated, 401),
        with_status(ErrorKind::Forbidden, 403),
        with_status(ErrorKind::NotFound, 404),
        with_status(ErrorKind::AlreadyExists, 409),
        with_status(ErrorKind::Rejected, 409),
        with_status(ErrorKind::Protocol, 302),
        failing(ErrorKind::Protocol),
    ]
}

#[test]
fn what_is_wrong_with_one_account_moves_on_at_once_and_lowers_its_rank() {
    for error in of_an_account() {
        let world = World::with(&["a", "b"]);
        let done = world.run(|_, number| (number == 0).then(|| error.clone()));
        assert!(done.result.is_ok(), "{error}");
        assert_eq!(
            (done.accounts().as_str(), done.took),
            ("ab", Duration::ZERO),
            "{error}"
        );
        let (blamed, outcome) = world.provider.reports()[0].clone();
        assert!(blamed == "a" && outcome != Outcome::Success, "{error}");
    }
}

#[test]
fn an_account_that_failed_for_good_drops_out_and_none_left_ends_it_at_once() {
    for error in of_an_account() {
        let alone = World::with(&["a", "b"]).run(|_, _| Some(error.clone()));
        assert_eq!(
            (alone.accounts().as_str(), alone.took),
            ("ab", Duration::ZERO),
            "{error}"
        );
        let last = alone.result.expect_err("none is left");
        assert_eq!((last.kind(), last.attempts()), (error.kind(), Some(1)), "{error}");

        let beside_one_that_passes = World::with(&["a", "b"]).run(|_, number| match number {
            0 => Some(error.clone()),
            1 | 2 => Some(failing(ErrorKind::Unavailable)),
            _ => None,
        });
        assert_eq!(beside_one_that_passes.accounts(), "abbb", "{error}");
    }
}

#[test]
fn a_queue_that_is_gone_leaves_the_others_of_its_account() {
    let done =
        World::with(&["a", "a", "b"]).run(|_, number| (number == 0).then(|| failing(ErrorKind::NotFound)));
    assert!(done.result.is_ok());
    assert_eq!(done.accounts(), "aa");
}

#[test]
fn s02_c60_what_is_wrong_with_the_request_ends_it_without_blame() {
    let with_status = |kind, status| failing(kind).with_http_status(status);
    for error in [
        with_status(ErrorKind::Rejected, 400),
        with_status(ErrorKind::Rejected, 413),
        failing(ErrorKind::SizeLimitExceeded),
        failing(ErrorKind::SourceNotReadable),
        failing(ErrorKind::SourceNotReplayable),
        failing(ErrorKind::Data),
        failing(ErrorKind::OutcomeUnknown),
    ] {
        let world = World::with(&["a", "b"]);
        let done = world.run(|_, _| Some(error.clone()));
        assert_eq!(
            done.result.as_ref().expect_err("nobody would take it").kind(),
            error.kind()
        );
        assert_eq!(done.tried_at.len(), 1, "{error}");
        assert!(world.provider.reports().is_empty(), "{error}");
    }
}

#[test]
fn a_fault_of_the_proxy_or_of_the_machine_is_tried_for_one_round_and_no_account_is_blamed() {
    let proxy = failing(ErrorKind::Rejected).with_http_status(407);
    let untrusted = failing(ErrorKind::Connection).with_permanence(true);
    for error in [proxy, untrusted] {
        let world = World::with(&["a", "b"]);
        let done = world.run(|_, _| Some(error.clone()));
        assert_eq!(
            done.result.as_ref().expect_err("no way leads there").kind(),
            error.kind()
        );
        assert_eq!(
            (done.accounts().as_str(), done.took),
            ("ab", Duration::ZERO),
            "{error}"
        );
        assert!(world.provider.reports().is_empty(), "{error}");
    }
}

#[test]
fn what_an_inner_engine_has_tried_again_does_not_keep_the_rounds_from_going_on() {
    let retried = || failing(ErrorKind::Unavailable).with_attempts(3, 5 * SECOND);
    let done = World::with(&["a", "b"]).run(|_, number| (number < 3).then(retried));
    assert!(done.result.is_ok());
    assert_eq!(done.accounts(), "abab");
}
