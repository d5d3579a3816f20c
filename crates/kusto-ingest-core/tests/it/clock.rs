//! The manual clock: it stands until it is moved, or moves when everything waits for it.

use std::time::Duration;

use futures::executor::block_on;
use futures::future::{join, ready};
use kusto_ingest_core::{Clock, Deadline, Error, ErrorKind, ManualClock, Timestamp, within};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_sleeper_wakes_when_the_clock_is_moved_far_enough() {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    block_on(async {
        let mover = async {
            clock.advance(SECOND);
            assert_eq!(clock.sleepers(), 1, "one second is not yet two");
            clock.advance(SECOND);
        };
        join(clock.sleep(2 * SECOND), mover).await;
    });
    assert_eq!(clock.now(), Timestamp::UNIX_EPOCH + 2 * SECOND);
    assert_eq!(clock.sleepers(), 0);
}

#[test]
fn an_advancing_clock_ends_the_shortest_sleep_first() {
    let clock = ManualClock::advancing(Timestamp::UNIX_EPOCH);
    let order = block_on(async {
        let order = std::sync::Mutex::new(Vec::new());
        let nap = |seconds: u32| {
            let (clock, order) = (clock.clone(), &order);
            async move {
                clock.sleep(seconds * SECOND).await;
                order
                    .lock()
                    .unwrap()
                    .push((seconds, clock.now().since(Timestamp::UNIX_EPOCH).as_secs()));
            }
        };
        join(nap(60), join(nap(5), nap(10))).await;
        order.into_inner().unwrap()
    });
    assert_eq!(order, [(5, 5), (10, 10), (60, 60)]);
}

#[test]
fn the_time_of_day_is_set_without_a_sleeper_or_a_deadline_noticing() {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let deadline = Deadline::after(&clock, 5 * SECOND);
    clock.advance(SECOND);
    clock.set(Timestamp::UNIX_EPOCH + 3_600 * SECOND);
    assert_eq!(
        (clock.monotonic(), deadline.remaining(&clock)),
        (SECOND, 4 * SECOND)
    );
    clock.set(Timestamp::UNIX_EPOCH);
    clock.advance(3 * SECOND);
    assert_eq!(deadline.remaining(&clock), SECOND);
    clock.advance(2 * SECOND);
    assert_eq!(deadline.remaining(&clock), Duration::ZERO);
    assert!(deadline.remaining(&clock) < Deadline::after(&clock, SECOND).remaining(&clock));
}

#[test]
fn a_limit_fires_only_for_a_future_that_does_not_end() {
    let clock = ManualClock::advancing(Timestamp::UNIX_EPOCH);
    let done = block_on(within(&clock, SECOND, "wait", ready(Ok::<_, Error>(7))));
    assert_eq!(done.unwrap(), 7);
    let never = block_on(within(
        &clock,
        SECOND,
        "wait",
        std::future::pending::<Result<(), Error>>(),
    ));
    assert_eq!(never.unwrap_err().kind(), ErrorKind::Timeout);
}
