//! A value that is due while it still serves: who waits for the refresh, and how long.

use std::time::Duration;

use futures::FutureExt;
use futures::executor::{LocalPool, block_on};
use futures::future::pending;
use futures::task::LocalSpawnExt;
use kusto_ingest_core::testing::{HOUR, MINUTE, SECOND, clock};
use kusto_ingest_core::{Clock, ManualClock, drive_refresh};

use super::world::{START, World};

#[test]
fn a_refresh_is_driven_beside_the_work_which_has_the_old_value_at_once() {
    let world = World::warm();
    world.clock.advance(HOUR);
    world.service(|service| service.takes = 5 * SECOND);
    let work = async {
        let value = world.getting().await.expect("the old value");
        world.clock.sleep(6 * SECOND).await;
        value
    };
    let (used, waited) = world.timed(|| block_on(drive_refresh(&world.clock, world.refresh(), work)));
    assert_eq!((used, waited), (1, 6 * SECOND), "the work was not kept waiting");
    assert_eq!(world.cache.peek(), Some(2));
}

#[test]
fn work_that_is_done_waits_two_seconds_more_for_the_refresh_it_began() {
    for (takes, waits, kept) in [(1, 1, 2), (5, 2, 1)] {
        let world = World::warm();
        world.clock.advance(HOUR);
        world.service(|service| service.takes = takes * SECOND);
        let work = world.getting();
        let (used, waited) = world.timed(|| block_on(drive_refresh(&world.clock, world.refresh(), work)));
        assert_eq!(used.expect("the old value"), 1);
        assert_eq!(
            (waited, world.cache.peek()),
            (waits * SECOND, Some(kept)),
            "{takes} s"
        );
        assert_eq!(world.fetches(), (2, 0), "nothing is left behind");
    }
}

#[test]
fn who_joins_a_refresh_drives_it_and_does_not_wait_for_it() {
    let world = World::at(ManualClock::new(START));
    world.at_once().expect("a first value");
    world.clock.advance(HOUR);
    world.service(|service| service.takes = 5 * SECOND);
    let mut first = Box::pin(drive_refresh(&world.clock, world.refresh(), world.getting()));
    assert!((&mut first).now_or_never().is_none());
    let mut long = Box::pin(drive_refresh(
        &world.clock,
        world.refresh(),
        world.clock.sleep(MINUTE),
    ));
    assert!((&mut long).now_or_never().is_none());
    let short = drive_refresh(&world.clock, world.refresh(), world.getting());
    assert_eq!(
        short
            .now_or_never()
            .expect("it waits for nothing")
            .expect("the old value"),
        1
    );
    drop(first);
    world.clock.advance(5 * SECOND);
    assert!((&mut long).now_or_never().is_none());
    assert_eq!(world.cache.peek(), Some(2), "who joined has driven it to its end");
    assert_eq!(world.fetches(), (2, 0));
}

#[test]
fn with_a_silent_service_nobody_waits_but_one_caller_a_minute() {
    let world = World::warm();
    world.clock.advance(HOUR);
    world.service(|service| (service.takes, service.fails) = (30 * SECOND, true));
    let waits = (0..4).map(|_| {
        let (first, waited) = world.timed(|| world.get());
        assert_eq!(first.expect("the old value"), 1);
        let (others, no_time) = world.timed(|| (0..10).all(|_| world.get().is_ok_and(|value| value == 1)));
        assert!(others && no_time.is_zero());
        world.clock.advance(MINUTE - waited);
        waited.as_secs()
    });
    assert_eq!(waits.collect::<Vec<_>>(), [2, 2, 30, 2]);
}

#[test]
fn a_service_that_always_takes_five_seconds_gives_a_new_value_within_three_minutes() {
    let world = World::warm();
    world.clock.advance(HOUR);
    world.service(|service| service.takes = 5 * SECOND);
    let due = world.clock.monotonic();
    let is_old = || world.clock.monotonic() - due < 3 * MINUTE && world.get().is_ok_and(|value| value == 1);
    while is_old() {
        world.clock.advance(SECOND);
    }
    assert_eq!(world.cache.peek(), Some(4));
    assert_eq!(
        world.fetches(),
        (4, 0),
        "the first value, two that were dropped, one that landed"
    );
}

#[test]
fn with_less_than_five_minutes_of_validity_one_caller_a_minute_waits_in_full() {
    let world = World::at(clock());
    world.service(|service| service.valid_until = Some(START + HOUR + 4 * MINUTE));
    world.get().expect("a value");
    world.clock.advance(HOUR);
    world.service(|service| service.takes = 5 * SECOND);
    let (value, waited) =
        world.timed(|| block_on(drive_refresh(&world.clock, world.refresh(), world.getting())));
    assert_eq!((value.expect("a new value"), waited), (2, 5 * SECOND));
}

#[test]
fn a_value_that_ends_or_is_forgotten_while_its_refresh_fails_is_not_given() {
    let ending = |valid_for| {
        let world = World::at(clock());
        world.service(|service| service.valid_until = Some(START + HOUR + valid_for));
        world.get().expect("a value");
        world.clock.advance(HOUR);
        world.service(|service| (service.takes, service.fails) = (30 * SECOND, true));
        world
    };
    assert_eq!(ending(MINUTE).get().expect("it still serves"), 1);
    ending(20 * SECOND).get().expect_err("it ended in the meantime");
    ending(20 * SECOND).renew().expect_err("it ended in the meantime");

    let world = ending(MINUTE);
    let waiting = async {
        let mut getting = Box::pin(world.getting());
        assert!((&mut getting).now_or_never().is_none());
        world.cache.invalidate();
        getting.await
    };
    block_on(waiting).expect_err("it was refused in the meantime");
}

#[test]
fn while_one_caller_waits_in_full_the_others_have_the_old_value_at_once() {
    let world = World::at(ManualClock::new(START));
    world.service(|service| service.valid_until = Some(START + HOUR + 4 * MINUTE));
    world.at_once().expect("a value");
    world.clock.advance(HOUR);
    world.service(|service| (service.takes, service.fails) = (30 * SECOND, true));
    for minute in 0..3 {
        let mut one = Box::pin(world.getting());
        assert!((&mut one).now_or_never().is_none());
        world.clock.advance(29 * SECOND);
        assert!((&mut one).now_or_never().is_none(), "it waits in full");
        let other = world.at_once();
        assert_eq!(other.expect("the old value"), 1);
        world.clock.advance(SECOND);
        assert_eq!(
            one.now_or_never()
                .expect("the fetch is over")
                .expect("the old value"),
            1
        );
        let next = world.at_once();
        assert_eq!(
            (next.expect("the old value"), world.fetches()),
            (1, (2 + minute, 0))
        );
        world.clock.advance(30 * SECOND);
    }
}

#[test]
fn two_values_are_waited_for_in_full_at_once_and_not_one_after_the_other() {
    let one = World::warm();
    let other = World::at(one.clock.clone());
    other.get().expect("a first value");
    for world in [&one, &other] {
        world.service(|service| (service.takes, service.fails) = (30 * SECOND, true));
    }
    one.clock.advance(HOUR);
    let waits = (0..4).map(|_| {
        let work = async {
            one.getting().await.expect("the old value");
            other.getting().await.expect("the old value");
        };
        let refresh = one.refresh().and(other.refresh());
        let ((), waited) = one.timed(|| block_on(drive_refresh(&one.clock, refresh, work)));
        one.clock.advance(MINUTE - waited);
        waited.as_secs()
    });
    assert_eq!(waits.collect::<Vec<_>>(), [2, 2, 30, 2]);
}

#[test]
fn the_pause_after_a_failure_counts_from_the_beginning_of_the_fetch() {
    let world = World::warm();
    world.clock.advance(HOUR);
    world.service(|service| (service.takes, service.fails) = (40 * SECOND, true));
    let work = world.clock.sleep(41 * SECOND);
    block_on(drive_refresh(&world.clock, world.refresh(), work));
    assert_eq!(world.fetches(), (2, 0));
    world.clock.advance(18 * SECOND);
    assert_eq!(world.get().expect("the old value"), 1);
    assert_eq!(world.fetches(), (2, 0), "59 s after it began");
    world.clock.advance(SECOND);
    world.service(|service| (service.takes, service.fails) = (Duration::ZERO, false));
    assert_eq!(world.get().expect("a new value"), 3);
}

#[test]
fn a_runtime_that_is_dropped_in_the_middle_of_a_refresh_leaves_nothing_behind() {
    let world = World::at(ManualClock::new(START));
    world.at_once().expect("a first value");
    world.clock.advance(HOUR);
    world.service(|service| service.takes = 5 * SECOND);
    let mut runtime = LocalPool::new();
    let task = world.clone();
    let work = async move { drive_refresh(&task.clock, task.refresh(), pending::<()>()).await };
    runtime.spawner().spawn_local(work).expect("it runs");
    runtime.run_until_stalled();
    assert_eq!(world.fetches(), (2, 1));
    drop(runtime);
    assert_eq!(world.fetches(), (2, 0), "the fetch has ended with its runtime");
    assert_eq!(world.at_once().expect("the old value"), 1);
    world.clock.advance(MINUTE);
    world.service(|service| service.takes = Duration::ZERO);
    assert_eq!(world.at_once().expect("a new value"), 3);
}
