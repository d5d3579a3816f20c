//! The seam: whether to try again, and after how long.

use std::fmt::Debug;
use std::time::Duration;

use crate::Error;

/// Decides whether, and after how long, an attempt is made again.
///
/// A policy is asked only after transient failures. Time and random numbers are arguments, so that the same attempt
/// always gives the same result.
#[cfg_attr(not(feature = "mock"), doc(alias = "QueueRetryPolicy"))]
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait RetryPolicy: Debug + Send + Sync + 'static {
    /// How long to wait before the next attempt; `None` ends the trying.
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration>;

    /// For how long it tries at most, if time limits it. Calls that share an [`Outage`](crate::Outage) give up together
    /// after as long.
    fn max_elapsed(&self) -> Option<Duration> {
        None
    }
}

/// An attempt that failed, as a policy is told of it. A round over all storage accounts is one attempt.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FailedAttempt<'a> {
    /// Which attempt it was, counted from 1.
    pub attempt: u32,
    /// How much time has passed since the first attempt began.
    pub elapsed: Duration,
    /// How much time the caller has left, where it is limited.
    pub remaining: Option<Duration>,
    /// Why it failed.
    pub error: &'a Error,
    /// A random number, drawn for this attempt: for jitter.
    pub random: u64,
}

impl<'a> FailedAttempt<'a> {
    /// An attempt that failed at once, without a limit of time.
    #[must_use]
    pub const fn new(attempt: u32, error: &'a Error) -> Self {
        Self {
            attempt,
            elapsed: Duration::ZERO,
            remaining: None,
            error,
            random: 0,
        }
    }

    /// After how long it failed, and how much time is left.
    #[must_use]
    pub const fn with_times(self, elapsed: Duration, remaining: Option<Duration>) -> Self {
        Self {
            elapsed,
            remaining,
            ..self
        }
    }

    /// Another random number.
    #[must_use]
    pub const fn with_random(self, random: u64) -> Self {
        Self { random, ..self }
    }
}

/// Tries once.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct NoRetry;

impl RetryPolicy for NoRetry {
    fn backoff<'a>(&self, _failed: &FailedAttempt<'a>) -> Option<Duration> {
        None
    }
}

/// Waits twice as long each time, with full jitter, within limits of time and attempts. It gives up on permanent errors.
///
/// A service's own `Retry-After` is honoured, with jitter on top; one that is longer than the time that is left ends the
/// trying at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExponentialRetry {
    /// How many attempts are made at most, the first included.
    pub attempts: u32,
    /// For how long attempts are begun, counted from the beginning of the first one.
    pub max_elapsed: Duration,
    /// The upper bound of the first wait.
    pub initial_backoff: Duration,
    /// The upper bound of any wait.
    pub max_backoff: Duration,
}

impl Default for ExponentialRetry {
    /// For up to 60 s, with waits below 0.5 s, 1 s, 2 s … up to 10 s, and 100 attempts at most.
    fn default() -> Self {
        Self {
            attempts: 100,
            max_elapsed: Duration::from_secs(60),
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(10),
        }
    }
}

impl ExponentialRetry {
    /// So many attempts, within the time and with the waits of the [default](Self::default).
    #[must_use]
    pub fn new(attempts: u32) -> Self {
        Self {
            attempts,
            ..Self::default()
        }
    }

    /// As the [default](Self::default), but for so long.
    #[must_use]
    pub fn for_up_to(max_elapsed: Duration) -> Self {
        Self {
            max_elapsed,
            ..Self::default()
        }
    }

    /// Another limit of time.
    #[must_use]
    pub const fn with_max_elapsed(self, max_elapsed: Duration) -> Self {
        Self { max_elapsed, ..self }
    }

    /// Other bounds of the first and of any wait.
    #[must_use]
    pub const fn with_backoff(self, initial: Duration, max: Duration) -> Self {
        Self {
            initial_backoff: initial,
            max_backoff: max,
            ..self
        }
    }

    /// The wait before the next attempt where the service names none: anything up to a bound that doubles.
    fn exponential(&self, attempt: u32, random: u64) -> Duration {
        let factor = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let bound = self.initial_backoff.saturating_mul(factor).min(self.max_backoff);
        up_to(bound, random)
    }
}

impl RetryPolicy for ExponentialRetry {
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration> {
        if failed.error.is_permanent() || failed.attempt >= self.attempts {
            return None;
        }
        let budget = self.max_elapsed.saturating_sub(failed.elapsed);
        let remaining = failed.remaining.unwrap_or(Duration::MAX);
        if budget.is_zero() || remaining < self.initial_backoff {
            return None;
        }
        match failed.error.retry_after() {
            Some(asked) if asked >= budget.min(remaining) => None,
            Some(asked) => {
                let wait = asked.saturating_add(up_to(self.initial_backoff, failed.random));
                Some(wait.min(budget))
            }
            // The last attempt of the budget is made at its end; one that the caller ends needs time of its own.
            None => {
                let wait = self.exponential(failed.attempt, failed.random);
                Some(wait.min(budget).min(remaining / 2))
            }
        }
    }

    fn max_elapsed(&self) -> Option<Duration> {
        Some(self.max_elapsed)
    }
}

/// Full jitter: anything from nothing to the bound, in whole milliseconds.
fn up_to(bound: Duration, random: u64) -> Duration {
    let bound = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % bound.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const SECOND: Duration = Duration::from_secs(1);

    fn failed(attempt: u32, error: &Error, random: u64) -> FailedAttempt<'_> {
        FailedAttempt::new(attempt, error).with_random(random)
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_attempts() {
        let policy = ExponentialRetry::new(7).with_backoff(SECOND, 30 * SECOND);
        let busy = Error::new(ErrorKind::Unavailable, "ask");
        let made: Vec<_> = (1..=7)
            .map(|attempt| policy.backoff(&failed(attempt, &busy, 0)).map(|_| attempt))
            .collect();
        assert_eq!(made, [Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), None]);
        for (attempt, random, wait) in [
            (1, 1_000, 1_000),
            (1, 1_001, 0),
            (6, 30_000, 30_000),
            (6, 30_001, 0),
        ] {
            let expect = Some(Duration::from_millis(wait));
            assert_eq!(
                policy.backoff(&failed(attempt, &busy, random)),
                expect,
                "{attempt} {random}"
            );
        }
    }

    #[test]
    fn the_default_tries_for_a_minute_with_a_first_wait_of_half_a_second_at_most() {
        let policy = ExponentialRetry::default();
        let busy = Error::new(ErrorKind::Unavailable, "ask");
        assert_eq!(policy.backoff(&failed(1, &busy, 500)), Some(SECOND / 2));
        assert_eq!(policy.backoff(&failed(30, &busy, 10_000)), Some(10 * SECOND));
        let late = |elapsed| failed(9, &busy, 10_000).with_times(elapsed * SECOND, None);
        assert_eq!(
            policy.backoff(&late(58)),
            Some(2 * SECOND),
            "the last attempt is made at the end"
        );
        assert_eq!(policy.backoff(&late(60)), None);
        let hurried = failed(9, &busy, 10_000).with_times(SECOND, Some(3 * SECOND));
        assert_eq!(
            policy.backoff(&hurried),
            Some(3 * SECOND / 2),
            "the last attempt has time of its own"
        );
        let over = failed(1, &busy, 7).with_times(SECOND, Some(Duration::ZERO));
        assert_eq!(policy.backoff(&over), None);
    }

    #[test]
    fn the_service_sets_the_wait_with_jitter_on_top_and_one_beyond_the_time_left_ends_it() {
        let policy = ExponentialRetry::default();
        let asked = |seconds| Error::new(ErrorKind::Throttled, "ask").with_retry_after(seconds * SECOND);
        let wait = |error: &Error| policy.backoff(&failed(1, error, 7));
        assert_eq!(wait(&asked(3)), Some(3 * SECOND + Duration::from_millis(7)));
        assert_eq!(wait(&asked(59)), Some(59 * SECOND + Duration::from_millis(7)));
        assert_eq!(wait(&asked(60)), None);
        assert_eq!(wait(&asked(3_600)), None);
    }

    #[test]
    fn a_permanent_error_ends_the_trying() {
        let refused = Error::new(ErrorKind::Rejected, "ask");
        assert_eq!(ExponentialRetry::default().backoff(&failed(1, &refused, 7)), None);
    }
}
