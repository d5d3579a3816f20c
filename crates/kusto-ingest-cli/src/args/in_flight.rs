//! How many sources are under way at a time: fewer while the service throttles, and more again when it does not.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_ingest::clock::Clock;
use kusto_ingest::retry::{FailedAttempt, RetryPolicy};
use kusto_ingest::{Error, ErrorKind};
use tokio::sync::Notify;

/// How long a service that throttles without a word is left with fewer sources before their number may fall again.
const PAUSE: Duration = Duration::from_secs(1);

/// How long that is at most, whatever the service says.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// How many sources are under way at a time.
///
/// The number is halved when the service throttles, once for each pause that it asks for, and rises by one when as many
/// sources as are under way were accepted behind that pause.
#[derive(Clone)]
pub(crate) struct InFlight(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    limit: usize,
    most: usize,
    under_way: usize,
    /// How many were accepted since the limit changed.
    accepted: usize,
    /// Until when the limit does not fall again, on the monotonic side.
    paused_until: Duration,
}

impl InFlight {
    /// Without a limit, until [`limit_to`](Self::limit_to) says one.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            clock,
            state: Mutex::new(State {
                limit: usize::MAX,
                most: usize::MAX,
                under_way: 0,
                accepted: 0,
                paused_until: Duration::ZERO,
            }),
            changed: Notify::new(),
        }))
    }

    /// So many at most.
    pub(crate) fn limit_to(&self, most: usize) {
        let mut state = self.state();
        (state.most, state.limit) = (most, state.limit.min(most));
    }

    /// Waits until one more may be under way, which it is until what it gets is dropped.
    pub(crate) async fn enter(&self) -> UnderWay {
        loop {
            let mut changed = pin!(self.0.changed.notified());
            changed.as_mut().enable();
            {
                let mut state = self.state();
                if state.under_way < state.limit {
                    state.under_way += 1;
                    return UnderWay(self.clone());
                }
            }
            changed.await;
        }
    }

    /// A source was accepted.
    pub(crate) fn accepted(&self) {
        let now = self.0.clock.monotonic();
        let mut state = self.state();
        if state.limit >= state.most || now < state.paused_until {
            return;
        }
        state.accepted += 1;
        if state.accepted >= state.limit {
            state.limit += 1;
            state.accepted = 0;
            drop(state);
            self.0.changed.notify_waiters();
        }
    }

    /// Something failed: where the service throttles, fewer are to be under way.
    pub(crate) fn failed(&self, error: &Error) {
        let is_throttled = error.kind() == ErrorKind::Throttled
            || (error.kind() == ErrorKind::Unavailable && error.retry_after().is_some());
        if !is_throttled {
            return;
        }
        let now = self.0.clock.monotonic();
        let pause = error.retry_after().unwrap_or(PAUSE).clamp(PAUSE, MAX_PAUSE);
        let mut state = self.state();
        if now >= state.paused_until {
            // Before anything is under way, there is nothing to halve.
            let used = state.limit.min(state.under_way.max(1));
            state.limit = (used / 2).max(1);
            state.accepted = 0;
            state.paused_until = now + pause;
        }
    }

    /// A policy that tries again as another does, and tells of what is throttled.
    pub(crate) fn watching(&self, policy: Arc<dyn RetryPolicy>) -> Arc<dyn RetryPolicy> {
        Arc::new(Watching {
            policy,
            in_flight: self.clone(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InFlight").field(&*self.state()).finish()
    }
}

/// A source that is under way.
#[derive(Debug)]
pub(crate) struct UnderWay(InFlight);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
        self.0.0.changed.notify_waiters();
    }
}

#[derive(Debug)]
struct Watching {
    policy: Arc<dyn RetryPolicy>,
    in_flight: InFlight,
}

impl RetryPolicy for Watching {
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration> {
        self.in_flight.failed(failed.error);
        self.policy.backoff(failed)
    }

    fn max_elapsed(&self) -> Option<Duration> {
        self.policy.max_elapsed()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use kusto_ingest::clock::Timestamp;
    use kusto_ingest::retry::ExponentialRetry;
    use kusto_ingest::testing::ManualClock;

    use super::*;

    fn throttled(seconds: Option<u64>) -> Error {
        let error = Error::new(ErrorKind::Throttled, "put the blob");
        seconds.map_or(error.clone(), |wait| {
            error.with_retry_after(Duration::from_secs(wait))
        })
    }

    /// As many as may be under way now.
    fn fill(in_flight: &InFlight) -> Vec<UnderWay> {
        std::iter::from_fn(|| in_flight.enter().now_or_never()).collect()
    }

    #[test]
    fn the_number_is_halved_once_a_pause_and_rises_by_one_when_as_many_were_accepted() {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let in_flight = InFlight::new(clock.clone());
        in_flight.limit_to(16);
        let all = fill(&in_flight);
        assert_eq!(all.len(), 16);
        // All sixteen are told the same at once: that is one pause, and no more.
        (0..16).for_each(|_| in_flight.failed(&throttled(Some(10))));
        drop(all);
        assert_eq!(fill(&in_flight).len(), 8);
        // What is accepted during the pause was under way before.
        (0..100).for_each(|_| in_flight.accepted());
        assert_eq!(fill(&in_flight).len(), 8);
        clock.advance(Duration::from_secs(10));
        (0..8).for_each(|_| in_flight.accepted());
        assert_eq!(fill(&in_flight).len(), 9);
        (0..9).for_each(|_| in_flight.accepted());
        assert_eq!(fill(&in_flight).len(), 10);
        (0..1_000).for_each(|_| in_flight.accepted());
        assert_eq!(fill(&in_flight).len(), 16, "no more than were asked for");
    }

    #[test]
    fn one_is_always_under_way_and_who_waits_is_let_in_when_there_is_room() {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let in_flight = InFlight::new(clock.clone());
        in_flight.limit_to(2);
        for _ in 0..5 {
            in_flight.failed(&throttled(None));
            clock.advance(PAUSE);
        }
        let only = in_flight.enter().now_or_never().expect("one is let in");
        let mut next = pin!(in_flight.enter());
        assert!(next.as_mut().now_or_never().is_none());
        drop(only);
        assert!(next.now_or_never().is_some());
    }

    #[test]
    fn only_throttling_counts_and_a_policy_that_watches_waits_as_before() {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let in_flight = InFlight::new(clock);
        in_flight.limit_to(8);
        let policy = ExponentialRetry::new(3);
        let watching = in_flight.watching(Arc::new(ExponentialRetry::new(3)));
        let unavailable = Error::new(ErrorKind::Unavailable, "put the blob");
        for (error, limit) in [
            (Error::new(ErrorKind::Connection, "put the blob"), 8),
            (unavailable.clone(), 8),
            (unavailable.with_retry_after(Duration::from_secs(1)), 4),
        ] {
            let all = fill(&in_flight);
            let failed = FailedAttempt::new(1, &error);
            assert_eq!(watching.backoff(&failed), policy.backoff(&failed));
            drop(all);
            assert_eq!(fill(&in_flight).len(), limit, "{error:?}");
        }
    }
}
