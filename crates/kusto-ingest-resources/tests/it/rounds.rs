//! Rounds over accounts: who is tried when, who is blamed, when it ends, and what it says then.

mod faults;
mod giving_up;
mod renewal;
mod world;

use std::time::Duration;

use kusto_ingest_core::testing::SECOND;
use kusto_ingest_core::{ErrorKind, ExponentialRetry, NoRetry};
use kusto_ingest_resources::Outcome;

use self::world::{World, failing};

#[test]
fn another_account_is_tried_at_once_and_both_are_reported() {
    let world = World::with(&["a", "b"]);
    let done = world.run(|_, number| (number == 0).then(|| failing(ErrorKind::Unavailable)));
    assert!(done.result.is_ok());
    assert_eq!(done.tried_at, [("a".into(), 0), ("b".into(), 0)]);
    let reports = [
        ("a".to_owned(), Outcome::Failure),
        ("b".to_owned(), Outcome::Success),
    ];
    assert_eq!(world.provider.reports(), reports);
}

#[test]
fn each_account_is_tried_once_in_a_round_without_a_pause_and_after_the_round_there_is_a_wait() {
    let world = World::with(&["a", "b", "a", "c", "b"]);
    let done = world.run(|_, number| (number < 7).then(|| failing(ErrorKind::Unavailable)));
    assert!(done.result.is_ok());
    let accounts: Vec<&str> = done
        .tried_at
        .iter()
        .map(|(account, _)| account.as_str())
        .collect();
    assert_eq!(accounts, ["a", "b", "c", "a", "b", "c", "a", "b"]);
    let times: Vec<u128> = done.tried_at.iter().map(|(_, at)| *at).collect();
    assert!(
        times[..3] == [0; 3] && times[3] > 0 && times[3..6] == [times[3]; 3],
        "{times:?}"
    );
    assert!(times[6] > times[3], "{times:?}");
}

#[test]
fn s02_c59_one_resource_is_tried_again_with_waits_between() {
    let done = World::with(&["a"]).run(|_, number| (number < 2).then(|| failing(ErrorKind::Unavailable)));
    assert!(done.result.is_ok());
    assert_eq!(done.accounts(), "aaa");
    assert!(
        done.took > Duration::ZERO,
        "the same account is not tried at once"
    );
}

#[test]
fn accounts_that_are_away_for_twenty_seconds_are_outlasted() {
    for away in [1, 20] {
        let done = World::with(&["a", "b"]).run_by(&ExponentialRetry::default(), None, |now, _| {
            (now < away * SECOND).then(|| failing(ErrorKind::Connection))
        });
        assert!(done.result.is_ok(), "{away} s");
        assert!(done.took < (away + 11) * SECOND, "{:?}", done.took);
    }
}

#[test]
fn the_preferred_account_is_tried_first_in_every_round() {
    let mut world = World::with(&["a", "b", "c"]);
    world.preferred = Some("b");
    let done = world.run(|_, number| (number < 4).then(|| failing(ErrorKind::Unavailable)));
    assert_eq!(done.accounts(), "bacba");
    world.preferred = Some("elsewhere");
    assert_eq!(world.run(|_, _| None).accounts(), "a");
}

#[test]
fn an_account_that_asks_to_be_left_alone_is_left_out_while_another_is_there() {
    let done = World::with(&["a", "b"]).run(|now, number| match number {
        0 => Some(failing(ErrorKind::Throttled).with_retry_after(20 * SECOND)),
        _ => (now < 25 * SECOND).then(|| failing(ErrorKind::Unavailable)),
    });
    assert!(done.result.is_ok());
    let early = done
        .tried_at
        .iter()
        .filter(|(account, at)| account == "a" && *at < 20_000)
        .count();
    let late = done
        .tried_at
        .iter()
        .filter(|(account, at)| account == "a" && *at >= 20_000)
        .count();
    assert!(early == 1 && late > 0, "{:?}", done.tried_at);
}

#[test]
fn where_all_ask_to_be_left_alone_the_first_that_may_be_tried_again_is_waited_for() {
    let world = World::with(&["a", "b"]);
    let done = world.run(|_, number| match number {
        0 => Some(failing(ErrorKind::Throttled).with_retry_after(9 * SECOND)),
        1 => Some(failing(ErrorKind::Throttled).with_retry_after(4 * SECOND)),
        _ => None,
    });
    assert_eq!(done.accounts(), "abb");
    assert!(
        done.took >= 4 * SECOND && done.took < 5 * SECOND,
        "{:?}",
        done.took
    );
    assert_eq!(
        world.provider.reports()[0],
        ("a".to_owned(), Outcome::Throttled(9 * SECOND))
    );
}

#[test]
fn an_account_that_was_busy_is_tried_when_the_others_have_failed_for_good() {
    let done = World::with(&["a", "b"]).run(|_, number| match number {
        0 => Some(failing(ErrorKind::Throttled).with_retry_after(20 * SECOND)),
        1 => Some(failing(ErrorKind::Unavailable)),
        2 => Some(failing(ErrorKind::AlreadyExists)),
        _ => None,
    });
    assert_eq!(done.accounts(), "abba");
    assert!(done.result.is_ok());
}

#[test]
fn accounts_that_are_known_to_be_busy_are_left_out_from_the_beginning() {
    let world = World::ranked(&["a", "b"]);
    world.report("a", Outcome::Throttled(30 * SECOND));
    let done = world.run(|now, _| (now < 2 * SECOND).then(|| failing(ErrorKind::Unavailable)));
    assert!(
        done.result.is_ok() && done.accounts().chars().all(|account| account == 'b'),
        "{}",
        done.accounts()
    );
}

#[test]
fn without_another_attempt_each_account_is_tried_once() {
    let done = World::with(&["a", "b", "c"]).run_by(&NoRetry, None, |_, _| Some(failing(ErrorKind::Timeout)));
    assert_eq!((done.accounts().as_str(), done.took), ("abc", Duration::ZERO));
}
