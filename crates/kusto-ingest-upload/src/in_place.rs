//! When a block or a commit is sent again to the same container, and when the container is given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kusto_ingest_core::{Clock, FailedAttempt, Outage, RetryPolicy};

/// How often a block is sent to a container, where the source can go to another one as well.
const TRIES: u32 = 3;

/// For how long a block is sent to a container, where the source can go to another one as well.
const TRIED_FOR: Duration = Duration::from_secs(5);

/// The waits of a policy, for what is sent again in place. Clones share what they learn.
///
/// A container is given up after 3 tries or 5 s where the source can go to another one, and at the end of the policy
/// where it cannot. Once nobody has answered for as long as the policy tries, the one is given up at the first failure,
/// and the other as early as the one otherwise.
#[derive(Clone, Debug)]
pub(crate) struct InPlacePolicy {
    policy: Arc<dyn RetryPolicy>,
    clock: Arc<dyn Clock>,
    outage: Outage,
    is_bound: Arc<AtomicBool>,
}

impl InPlacePolicy {
    pub(crate) fn new(policy: Arc<dyn RetryPolicy>, clock: Arc<dyn Clock>, outage: Outage) -> Self {
        Self {
            policy,
            clock,
            outage,
            is_bound: Arc::default(),
        }
    }

    /// The source cannot go to another container from now on.
    pub(crate) fn bind(&self) {
        self.is_bound.store(true, Ordering::Relaxed);
    }

    /// Whether the source cannot go to another container.
    pub(crate) fn is_bound(&self) -> bool {
        self.is_bound.load(Ordering::Relaxed)
    }

    /// The service has answered.
    pub(crate) fn answered(&self) {
        self.outage.record_success();
    }

    fn brief(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        let wait = self.policy.backoff(failed).filter(|_| failed.attempt < TRIES)?;
        (failed.elapsed.saturating_add(wait) < TRIED_FOR).then_some(wait)
    }
}

impl RetryPolicy for InPlacePolicy {
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration> {
        let is_out = self.outage.record_failure(&*self.policy, &*self.clock);
        match (self.is_bound(), is_out) {
            (true, false) => self.policy.backoff(failed),
            (true, true) | (false, false) => self.brief(failed),
            (false, true) => None,
        }
    }

    fn max_elapsed(&self) -> Option<Duration> {
        self.policy.max_elapsed()
    }
}

#[cfg(test)]
mod tests {
    use kusto_ingest_core::{Error, ErrorKind, ExponentialRetry, ManualClock, Timestamp};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_container_is_given_up_early_where_there_is_another_and_late_where_there_is_none() {
        let busy = Error::new(ErrorKind::Unavailable, "send");
        let later = Error::new(ErrorKind::Throttled, "send").with_retry_after(6 * SECOND);
        for (is_bound, attempt, elapsed, error, is_sent_again) in [
            (false, 1, 0, &busy, true),
            (false, 2, 0, &busy, true),
            (false, 3, 0, &busy, false),
            (false, 1, 5, &busy, false),
            (false, 1, 0, &later, false),
            (true, 3, 0, &busy, true),
            (true, 9, 59, &busy, true),
            (true, 9, 60, &busy, false),
            (true, 1, 0, &later, true),
        ] {
            let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
            let policy = InPlacePolicy::new(Arc::new(ExponentialRetry::default()), clock, Outage::new());
            if is_bound {
                policy.bind();
            }
            let failed = FailedAttempt::new(attempt, error).with_times(elapsed * SECOND, None);
            let is_told = policy.backoff(&failed).is_some();
            assert_eq!(is_told, is_sent_again, "{is_bound} {attempt} {elapsed} {error}");
        }
    }

    #[test]
    fn once_nobody_has_answered_for_a_minute_it_is_given_up_earlier_until_somebody_does() {
        let busy = Error::new(ErrorKind::Unavailable, "send");
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let of_a_client = Outage::new();
        let policy = |outage: &Outage| {
            let default = Arc::new(ExponentialRetry::default());
            InPlacePolicy::new(default, Arc::new(clock.clone()), outage.clone())
        };
        let (free, bound) = (policy(&of_a_client), policy(&of_a_client));
        bound.bind();
        let tries = |policy: &InPlacePolicy| {
            let again = |attempt: &u32| policy.backoff(&FailedAttempt::new(*attempt, &busy)).is_some();
            (1..50).take_while(again).count() + 1
        };
        assert_eq!((tries(&free), tries(&bound)), (3, 50));
        clock.advance(60 * SECOND);
        assert_eq!((tries(&free), tries(&bound)), (1, 3));
        free.answered();
        assert_eq!((tries(&free), tries(&bound)), (3, 50));
    }
}
