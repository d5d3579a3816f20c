//! When to try again, and what to do when nobody knows whether the first try worked.

use std::fmt::Debug;
use std::time::Duration;

use crate::Error;

/// Decides whether, and after how long, an attempt is made again.
#[cfg_attr(not(feature = "mock"), doc(alias = "QueueRetryPolicy"))]
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait RetryPolicy: Debug + Send + Sync + 'static {
    /// How long to wait after the failed `attempt` (counted from 1) before the next one; `None` ends the trying.
    ///
    /// `chance` is a number drawn by the caller, for jitter.
    fn next(&self, attempt: u32, error: &Error, chance: u64) -> Option<Duration>;
}

/// Tries once.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct NoRetry;

impl RetryPolicy for NoRetry {
    fn next(&self, _attempt: u32, _error: &Error, _chance: u64) -> Option<Duration> {
        None
    }
}

/// Waits twice as long each time, with full jitter, and gives up on permanent errors.
///
/// A service's own `Retry-After` is honoured, up to the longest wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExponentialRetry {
    /// How many attempts are made at most, the first included.
    pub attempts: u32,
    /// The upper bound of the first wait.
    pub first: Duration,
    /// The upper bound of any wait.
    pub longest: Duration,
}

impl ExponentialRetry {
    /// So many attempts, waits below 1 s, 2 s, 4 s … up to 30 s.
    #[must_use]
    pub const fn new(attempts: u32) -> Self {
        Self {
            attempts,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
        }
    }

    /// Other bounds of the first and of any wait.
    #[must_use]
    pub const fn with_waits(self, first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            ..self
        }
    }
}

impl RetryPolicy for ExponentialRetry {
    fn next(&self, attempt: u32, error: &Error, chance: u64) -> Option<Duration> {
        if error.is_permanent() || attempt >= self.attempts {
            return None;
        }
        if let Some(asked) = error.retry_after() {
            return Some(asked.min(self.longest));
        }
        let doubled = self
            .first
            .saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        let bound = u64::try_from(doubled.min(self.longest).as_millis()).unwrap_or(u64::MAX);
        Some(Duration::from_millis(chance % bound.saturating_add(1)))
    }
}

/// What to do when a message was sent to a queue and nobody knows whether it arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "one either says so or sends again")]
pub enum Ambiguity {
    /// Say so: the receipt's state is [`Unknown`](crate::ReceiptState::Unknown).
    #[default]
    Surface,
    /// Send it again: the data may then be ingested twice.
    Repeat,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_attempts() {
        let policy = ExponentialRetry::new(7);
        let busy = Error::new(ErrorKind::Unavailable, "ask");
        let most: Vec<_> = (1..=7)
            .map(|attempt| policy.next(attempt, &busy, 0).map(|_| attempt))
            .collect();
        assert_eq!(most, [Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), None]);
        assert_eq!(policy.next(1, &busy, 1_000), Some(Duration::from_secs(1)));
        assert_eq!(policy.next(6, &busy, 30_000), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_permanent_error_ends_the_trying_and_the_service_may_set_the_wait() {
        let policy = ExponentialRetry::new(5);
        assert_eq!(policy.next(1, &Error::new(ErrorKind::Rejected, "ask"), 7), None);
        let asked = Error::new(ErrorKind::Throttled, "ask").with_retry_after(Duration::from_secs(3));
        assert_eq!(policy.next(1, &asked, 7), Some(Duration::from_secs(3)));
    }
}
