//! A pace: so many of something a second.

use std::time::Duration;

use kusto_ingest::clock::Clock;

/// Waits so long before the next run.
pub(crate) async fn pause(clock: &dyn Clock, duration: Duration) {
    clock.sleep(duration).await;
}

/// So many of something a second, counted from the first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    each: Duration,
    /// When the next may come, on the monotonic side.
    next: Duration,
}

impl Pace {
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
        let now = clock.monotonic();
        let begun = self.next.max(now);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.next = begun.saturating_add(self.each.saturating_mul(count));
        if begun > now {
            clock.sleep(begun - now).await;
        }
    }
}
