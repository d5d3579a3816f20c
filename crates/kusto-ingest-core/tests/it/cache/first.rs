//! Where there is no value yet, or none any more.

use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::join_all;
use kusto_ingest_core::testing::{HOUR, SECOND, clock};
use kusto_ingest_core::{Clock, ErrorKind, ManualClock};

use super::world::{START, World};

#[test]
fn fifty_who_need_a_value_cause_one_fetch() {
    let world = World::at(clock());
    world.service(|service| service.takes = SECOND);
    let got = block_on(join_all((0..50).map(|_| world.getting())));
    assert!(got.into_iter().all(|value| value.expect("it answers") == 1));
    assert_eq!(world.fetches(), (1, 0));
}

#[test]
fn a_fetch_is_dropped_with_the_last_who_waits_and_the_next_caller_gets_a_value() {
    let world = World::at(ManualClock::new(START));
    world.service(|service| service.takes = SECOND);
    let (mut one, mut other) = (Box::pin(world.getting()), Box::pin(world.getting()));
    assert!((&mut one).now_or_never().is_none() && (&mut other).now_or_never().is_none());
    drop(one);
    assert_eq!(world.fetches(), (1, 1), "the other still waits");
    drop(other);
    assert_eq!(world.fetches(), (1, 0));
    world.service(|service| service.takes = Duration::ZERO);
    assert_eq!(world.at_once().expect("it answers"), 2);
}

#[test]
fn a_failure_is_an_error_and_the_next_caller_asks_again() {
    let world = World::at(clock());
    world.service(|service| service.fails = true);
    let error = world.get().expect_err("the service fails");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    world.service(|service| service.fails = false);
    assert_eq!(world.get().expect("it answers"), 2);
}

#[test]
fn a_slow_failure_is_told_to_others_for_as_long_as_it_took_and_ten_seconds_at_most() {
    for (takes, told_for) in [(3, 3), (30, 10)] {
        let world = World::at(clock());
        world.service(|service| (service.takes, service.fails) = (takes * SECOND, true));
        world.get().expect_err("the service fails");
        world.clock.advance((told_for - 1) * SECOND);
        let (told, waited) = world.timed(|| world.get());
        assert_eq!(told.expect_err("the same error").kind(), ErrorKind::Unavailable);
        assert_eq!((world.fetches(), waited), ((1, 0), Duration::ZERO), "{takes} s");
        world.clock.advance(SECOND);
        world.service(|service| service.fails = false);
        assert_eq!(world.get().expect("it answers"), 2, "{takes} s");
    }
}

#[test]
fn a_value_that_is_over_is_fetched_before_it_is_given() {
    let world = World::at(clock());
    world.service(|service| service.valid_until = Some(START + HOUR / 2));
    world.get().expect("it answers");
    world.clock.advance(HOUR / 2);
    world.service(|service| service.fails = true);
    world.get().expect_err("what there was is over");
    world.service(|service| (service.fails, service.valid_until) = (false, None));
    assert_eq!(world.get().expect("it answers"), 3);
}

#[test]
fn what_is_forgotten_is_fetched_anew_and_what_is_under_way_is_not_kept() {
    let world = World::at(ManualClock::new(START));
    world.service(|service| service.takes = SECOND);
    let mut before = Box::pin(world.getting());
    assert!((&mut before).now_or_never().is_none());
    world.cache.invalidate();
    world.clock.advance(SECOND);
    assert_eq!(
        before.now_or_never().expect("it is over").expect("it answers"),
        1,
        "who waited has it"
    );
    assert_eq!(world.cache.peek(), None);
    world.service(|service| service.takes = Duration::ZERO);
    assert_eq!(world.at_once().expect("it answers"), 2);
    assert_eq!(world.cache.peek(), Some(2));
    world.cache.invalidate();
    assert_eq!(world.at_once().expect("it answers"), 3);
    assert_eq!(world.clock.now(), START + SECOND);
}
