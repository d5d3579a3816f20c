//! When to ask again and again, until something has ended.

use std::time::Duration;

/// The shortest wait between two looks, so that no schedule asks without a pause.
const LEAST_INTERVAL: Duration = Duration::from_millis(100);

/// When to ask again and again, and for how long: one schedule for statuses, reports and operations.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollSchedule {
    /// How long to wait before the first look.
    pub first: Duration,
    /// How long to wait before the second look; doubled for each further one, up to `max_interval`.
    pub interval: Duration,
    /// The longest wait between two looks.
    pub max_interval: Duration,
    /// How much longer to wait after the first, second … of several looks in a row that failed. One more failure than
    /// these ends the polling.
    pub after_failures: Vec<Duration>,
    /// The upper bound of what is added to those at random.
    pub jitter: Duration,
    /// How long to poll at most in all; without, as long as it takes. The ready-made schedules have
    /// [one hour](Self::DEFAULT_LIMIT).
    pub limit: Option<Duration>,
}

impl PollSchedule {
    /// The limit of the ready-made schedules: 60 minutes. What the service lost stays pending for ever.
    pub const DEFAULT_LIMIT: Duration = Duration::from_secs(60 * 60);

    /// A look every 10 s, the first after 10 s. After looks that fail it waits 10 s, 60 s and 120 s longer, and up to 5 s
    /// more at random. It ends after 60 minutes.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            first: Duration::from_secs(10),
            interval: Duration::from_secs(10),
            max_interval: Duration::from_secs(10),
            after_failures: [10, 60, 120].map(Duration::from_secs).to_vec(),
            jitter: Duration::from_secs(5),
            limit: Some(Self::DEFAULT_LIMIT),
        }
    }

    /// A look at once, then after 0.2 s, and each time twice as long up to 10 s: for a person who waits. It ends after 60
    /// minutes.
    #[must_use]
    pub fn interactive() -> Self {
        Self {
            first: Duration::ZERO,
            interval: Duration::from_millis(200),
            ..Self::standard()
        }
    }

    /// Polls no longer than this in all. The last look is made at the very end, and lasts no longer than the longest wait
    /// between two.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self {
            limit: Some(limit),
            ..self
        }
    }

    /// Polls for as long as it takes, which may be for ever.
    #[must_use]
    pub fn without_limit(self) -> Self {
        Self { limit: None, ..self }
    }

    /// Other waits: before the first look, before the second, and the longest between two.
    #[must_use]
    pub fn with_intervals(self, first: Duration, interval: Duration, max_interval: Duration) -> Self {
        Self {
            first,
            interval,
            max_interval,
            ..self
        }
    }

    /// Other waits after looks that fail.
    #[must_use]
    pub fn with_failure_waits(self, waits: impl IntoIterator<Item = Duration>, jitter: Duration) -> Self {
        Self {
            after_failures: waits.into_iter().collect(),
            jitter,
            ..self
        }
    }

    /// How long to wait before a look, counted from zero. Only the first may be made at once: no later wait is shorter
    /// than 0.1 s.
    #[must_use]
    pub fn before(&self, look: u32) -> Duration {
        let Some(doublings) = look.checked_sub(1) else {
            return self.first;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let wait = self.interval.saturating_mul(factor).min(self.max_interval);
        wait.max(LEAST_INTERVAL)
    }

    /// How much longer to wait after so many failures in a row; `None` when there were too many.
    #[must_use]
    pub fn after_failure(&self, failures: usize, random: u64) -> Option<Duration> {
        let wait = self.after_failures.get(failures.checked_sub(1)?)?;
        let bound = u64::try_from(self.jitter.as_millis()).unwrap_or(u64::MAX);
        Some(*wait + Duration::from_millis(random % bound.saturating_add(1)))
    }
}

impl Default for PollSchedule {
    fn default() -> Self {
        Self::standard()
    }
}
