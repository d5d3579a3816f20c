//! A limit of a rate: so many of something a second.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kusto_ingest::clock::Clock;

/// Waits so long before the next run.
pub(crate) async fn pause(clock: &dyn Clock, duration: Duration) {
    clock.sleep(duration).await;
}

/// So many of something a second, counted from the first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateLimit {
    each: Duration,
    /// When the next may come, on the monotonic side.
    next: Duration,
}

impl RateLimit {
    /// So many a second; none where nothing is said.
    pub(crate) fn of(per_second: Option<u32>) -> Option<Self> {
        let each = Duration::from_secs(1) / per_second.filter(|rate| *rate > 0)?;
        Some(Self {
            each,
            next: Duration::ZERO,
        })
    }

    /// Waits until so many more may come.
    pub(crate) async fn wait(&mut self, clock: &dyn Clock, count: usize) {
        let left = self.take(clock.monotonic(), count);
        if !left.is_zero() {
            clock.sleep(left).await;
        }
    }

    /// Gives so many a place, and tells how long it is until then.
    fn take(&mut self, now: Duration, count: usize) -> Duration {
        let begun = self.next.max(now);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.next = begun.saturating_add(self.each.saturating_mul(count));
        begun - now
    }
}

/// A rate limit that several share.
#[derive(Debug)]
pub(crate) struct SharedRateLimit(Mutex<Option<RateLimit>>);

impl SharedRateLimit {
    /// So many a second; as many as there are where nothing is said.
    pub(crate) fn of(per_second: Option<u32>) -> Self {
        Self(Mutex::new(RateLimit::of(per_second)))
    }

    /// Waits until one more may come.
    pub(crate) async fn wait(&self, clock: &dyn Clock) {
        let left = {
            let mut pace = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            pace.as_mut().map(|pace| pace.take(clock.monotonic(), 1))
        };
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            clock.sleep(left).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_at_the_pace_and_time_that_was_not_used_is_not_saved_up() {
        let mut pace = RateLimit::of(Some(4)).unwrap();
        let second = Duration::from_secs(1);
        let left = |pace: &mut RateLimit, now| pace.take(now, 1);
        assert_eq!(left(&mut pace, second), Duration::ZERO);
        assert_eq!(left(&mut pace, second), second / 4);
        assert_eq!(left(&mut pace, second), second / 2);
        assert_eq!(left(&mut pace, second * 9), Duration::ZERO);
        assert_eq!(left(&mut pace, second * 9), second / 4);
        assert!(RateLimit::of(None).is_none());
    }
}
