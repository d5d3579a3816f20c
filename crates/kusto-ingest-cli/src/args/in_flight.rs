//! How many sources are under way at a time: fewer while the service throttles, and more again when it does not.

use std::collections::HashSet;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_ingest::clock::Clock;
use kusto_ingest::retry::{FailedAttempt, RetryPolicy};
use kusto_ingest::sources::SourceId;
use kusto_ingest::{Error, ErrorKind, Receipt, Result};
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
    under_way: HashSet<SourceId>,
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
                under_way: HashSet::new(),
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

    /// Waits until one more may be under way. This one is until its [`end`](Self::end).
    pub(crate) async fn begin(&self, source: SourceId) {
        loop {
            let mut changed = pin!(self.0.changed.notified());
            changed.as_mut().enable();
            {
                let mut state = self.state();
                if state.under_way.len() < state.limit {
                    state.under_way.insert(source);
                    return;
                }
            }
            changed.await;
        }
    }

    /// A source ended so.
    pub(crate) fn end(&self, source: SourceId, outcome: &Result<Receipt>) {
        match outcome {
            Ok(_) => self.accepted(),
            Err(error) => self.failed(error),
        }
        self.state().under_way.remove(&source);
        self.0.changed.notify_waiters();
    }

    fn accepted(&self) {
        let now = self.0.clock.monotonic();
        let mut state = self.state();
        if state.limit >= state.most || now < state.paused_until {
            return;
        }
        state.accepted += 1;
        if state.accepted >= state.limit {
            state.limit += 1;
            state.accepted = 0;
        }
    }

    /// Something failed: where the service throttles, fewer are to be under way.
    fn failed(&self, error: &Error) {
        let is_throttled = error.kind() == ErrorKind::Throttled
            || (error.kind() == ErrorKind::Unavailable && error.retry_after().is_some());
        if !is_throttled {
            return;
        }
        let now = self.0.clock.monotonic();
        let pause = error.retry_after().unwrap_or(PAUSE).clamp(PAUSE, MAX_PAUSE);
        let mut state = self.state();
        if now >= state.paused_until {
            // Where fewer are under way than may be, half of these is what helps.
            let used = state.limit.min(state.under_way.len().max(1));
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

    /// How many may be under way now; none is, before and afterwards.
    fn room(in_flight: &InFlight) -> usize {
        let begun: Vec<SourceId> = begun(in_flight);
        begun.iter().for_each(|source| gone(in_flight, *source));
        begun.len()
    }

    /// Begins as many as may be under way.
    fn begun(in_flight: &InFlight) -> Vec<SourceId> {
        let begin = || {
            let source = SourceId::random();
            in_flight.begin(source).now_or_never().map(|()| source)
        };
        std::iter::from_fn(begin).collect()
    }

    /// Ends a source in a way that tells nothing of the service.
    fn gone(in_flight: &InFlight, source: SourceId) {
        in_flight.end(source, &Err(Error::new(ErrorKind::Connection, "put the blob")));
    }

    #[test]
    fn the_number_is_halved_once_a_pause_and_rises_by_one_when_as_many_were_accepted() {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let in_flight = InFlight::new(clock.clone());
        in_flight.limit_to(16);
        let all = begun(&in_flight);
        assert_eq!(all.len(), 16);
        // All sixteen are told the same at once: that is one pause, and no more.
        all.iter().for_each(|_| in_flight.failed(&throttled(Some(10))));
        all.iter().for_each(|source| gone(&in_flight, *source));
        assert_eq!(room(&in_flight), 8);
        // What is accepted during the pause was under way before.
        (0..100).for_each(|_| in_flight.accepted());
        assert_eq!(room(&in_flight), 8);
        clock.advance(Duration::from_secs(10));
        (0..8).for_each(|_| in_flight.accepted());
        assert_eq!(room(&in_flight), 9);
        (0..9).for_each(|_| in_flight.accepted());
        assert_eq!(room(&in_flight), 10);
        (0..1_000).for_each(|_| in_flight.accepted());
        assert_eq!(room(&in_flight), 16, "no more than were asked for");
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
        let all = begun(&in_flight);
        assert_eq!(all.len(), 1);
        let mut next = pin!(in_flight.begin(SourceId::random()));
        assert!(next.as_mut().now_or_never().is_none());
        gone(&in_flight, all[0]);
        assert!(next.now_or_never().is_some());
    }

    #[test]
    fn only_throttling_counts_and_a_policy_that_watches_waits_as_before() {
        let in_flight = InFlight::new(Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)));
        in_flight.limit_to(8);
        let policy = ExponentialRetry::new(3);
        let watching = in_flight.watching(Arc::new(ExponentialRetry::new(3)));
        let unavailable = Error::new(ErrorKind::Unavailable, "put the blob");
        for (error, limit) in [
            (Error::new(ErrorKind::Connection, "put the blob"), 8),
            (unavailable.clone(), 8),
            (unavailable.with_retry_after(Duration::from_secs(1)), 4),
        ] {
            let all = begun(&in_flight);
            let failed = FailedAttempt::new(1, &error);
            assert_eq!(watching.backoff(&failed), policy.backoff(&failed));
            all.iter().for_each(|source| gone(&in_flight, *source));
            assert_eq!(room(&in_flight), limit, "{error:?}");
        }
    }
}
