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
mod tests;
