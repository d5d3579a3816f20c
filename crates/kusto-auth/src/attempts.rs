//! Asking again: by the one engine, within the limits of a sign-in.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::{
    Clock, Deadline, ExponentialRetry, FailedAttempt, NoRetry, Result, Retry, RetryPolicy, within,
};
use uuid::Uuid;

/// How often a service is asked at most that does not answer, and so may be unreachable for good.
const UNANSWERED: u32 = 3;

/// Attempts at one thing: each of them limited, and all of them together.
#[derive(Clone, Debug)]
pub(crate) struct Attempts {
    clock: Arc<dyn Clock>,
    policy: Arc<dyn RetryPolicy>,
    each: Duration,
    all: Duration,
}

impl Attempts {
    /// Attempts over the network: as long as there is time, but at most three where there is no answer.
    pub(crate) fn new(clock: Arc<dyn Clock>, each: Duration, all: Duration) -> Self {
        let policy = Arc::new(RetryWhileAnswered(ExponentialRetry::for_up_to(all)));
        Self {
            clock,
            policy,
            each,
            all,
        }
    }

    /// The same, with other bounds of the first and of any wait.
    pub(crate) fn with_backoff(self, initial: Duration, max: Duration) -> Self {
        let policy = ExponentialRetry::for_up_to(self.all).with_backoff(initial, max);
        Self {
            policy: Arc::new(RetryWhileAnswered(policy)),
            ..self
        }
    }

    /// A single one.
    pub(crate) fn one(clock: Arc<dyn Clock>, limit: Duration) -> Self {
        Self {
            clock,
            policy: Arc::new(NoRetry),
            each: limit,
            all: limit,
        }
    }

    /// Asks until there is an answer, the error is permanent or the time is over. `operation` names what a limit ended.
    pub(crate) async fn run<T, F>(&self, operation: &'static str, mut ask: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send,
    {
        let clock = &*self.clock;
        let deadline = Deadline::after(clock, self.all);
        let random = Uuid::new_v4().as_u64_pair().1;
        let retry = Retry::new(&*self.policy, clock, random).with_deadline(Some(deadline));
        retry
            .run(|_| within(clock, self.each.min(deadline.remaining(clock)), operation, ask()))
            .await
    }
}

/// Tries as long as the policy allows while the service answers. Without an answer it tries a few times: each attempt
/// may last until its limit, and be a connection through a proxy that lets nobody through.
#[derive(Debug)]
struct RetryWhileAnswered(ExponentialRetry);

impl RetryPolicy for RetryWhileAnswered {
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration> {
        let is_answered = failed.error.http_status().is_some();
        if !is_answered && failed.attempt >= UNANSWERED {
            return None;
        }
        self.0.backoff(failed)
    }

    fn max_elapsed(&self) -> Option<Duration> {
        self.0.max_elapsed()
    }
}
