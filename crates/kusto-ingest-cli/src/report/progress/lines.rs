//! Work during which something is told now and then.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use kusto_ingest::clock::Clock;

/// Does some work, and calls `tell` each time that so much time has passed on the clock.
pub(super) async fn told_every<T>(
    clock: &dyn Clock,
    period: Duration,
    work: impl Future<Output = T>,
    tell: impl Fn(),
) -> T {
    let mut work = pin!(work);
    loop {
        match select(work, clock.sleep(period)).await {
            Either::Left((done, _)) => return done,
            Either::Right((_, rest)) => work = rest,
        }
        tell();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::executor::block_on;
    use kusto_ingest::clock::Timestamp;
    use kusto_ingest::testing::ManualClock;

    use super::*;

    #[test]
    fn a_line_is_told_each_time_that_a_period_has_passed() {
        let clock = ManualClock::advancing(Timestamp::UNIX_EPOCH);
        let period = Duration::from_secs(10);
        for (seconds, lines) in [(0, 0), (9, 0), (11, 1), (35, 3), (101, 10)] {
            let told = Cell::new(0);
            let work = async {
                clock.sleep(Duration::from_secs(seconds)).await;
                seconds
            };
            let telling = told_every(&clock, period, work, || told.set(told.get() + 1));
            assert_eq!((block_on(telling), told.get()), (seconds, lines), "{seconds} s");
        }
    }
}
