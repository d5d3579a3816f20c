//! The one engine that tries again.

use std::future::Future;
use std::time::Duration;

use super::{FailedAttempt, FaultScope, RetryPolicy};
use crate::{Clock, Deadline, Error, Result};

/// Tries again: the one engine, by a policy, on a clock.
///
/// ```
/// # use kusto_ingest_core::{Clock, ExponentialRetry, Result, Retry};
/// async fn ask_until_answered(clock: &dyn Clock, random: u64) -> Result<String> {
///     let policy = ExponentialRetry::new(3);
///     Retry::new(&policy, clock, random).run(|_attempt| async { Ok("an answer".to_owned()) }).await
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Retry<'a> {
    policy: &'a dyn RetryPolicy,
    clock: &'a dyn Clock,
    deadline: Option<Deadline>,
    random: u64,
}

impl<'a> Retry<'a> {
    /// An engine. `random` is a number drawn by the caller, for jitter.
    #[must_use]
    pub fn new(policy: &'a dyn RetryPolicy, clock: &'a dyn Clock, random: u64) -> Self {
        Self {
            policy,
            clock,
            deadline: None,
            random,
        }
    }

    /// The policy learns how much time is left.
    #[must_use]
    pub fn with_deadline(self, deadline: Option<Deadline>) -> Self {
        Self { deadline, ..self }
    }

    /// Makes attempts, told their number from 1, until one succeeds or there is to be no other.
    ///
    /// # Errors
    /// That of the last attempt, with the number of attempts and the time they took. One that another engine has given up
    /// on is not tried again.
    ///
    /// # Cancel safety
    /// Dropping the future drops the attempt or the wait that is under way.
    pub async fn run<T, F>(self, mut attempt: impl FnMut(u32) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut attempts = self.start();
        loop {
            match attempt(attempts.number()).await {
                Ok(done) => return Ok(done),
                Err(error) => attempts.wait(error).await?,
            }
        }
    }

    /// The first of several attempts begins now. For callers whose attempts are no closure.
    #[must_use]
    pub fn start(self) -> Attempts<'a> {
        Attempts {
            engine: self,
            begun: self.clock.monotonic(),
            number: 1,
        }
    }
}

/// Attempts that one engine makes.
#[derive(Debug)]
pub struct Attempts<'a> {
    engine: Retry<'a>,
    begun: Duration,
    number: u32,
}

impl Attempts<'_> {
    /// The number of the attempt that is under way, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How much time has passed since the first attempt began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.engine.clock.monotonic().saturating_sub(self.begun)
    }

    /// The attempt under way has failed: waits before the next one.
    ///
    /// # Errors
    /// The error itself, [marked](Self::give_up), when there is to be no other attempt.
    pub async fn wait(&mut self, error: Error) -> Result<()> {
        if error.is_retried() || error.scope() != FaultScope::Transient {
            return Err(self.give_up(error));
        }
        self.wait_after_round(error).await
    }

    /// A round over several targets has failed, and each of them may be asked again: waits before the next round,
    /// whatever an inner engine has done at one of the targets.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub async fn wait_after_round(&mut self, error: Error) -> Result<()> {
        let failed = FailedAttempt {
            attempt: self.number,
            elapsed: self.elapsed(),
            remaining: self
                .engine
                .deadline
                .map(|deadline| deadline.remaining(self.engine.clock)),
            error: &error,
            random: self.engine.random.rotate_left(self.number.wrapping_mul(11)),
        };
        let Some(wait) = self.engine.policy.backoff(&failed) else {
            return Err(self.give_up(error));
        };
        tracing::debug!(attempt = self.number, ?wait, error = %error.chain(), "retrying");
        self.engine.clock.sleep(wait).await;
        self.number = self.number.saturating_add(1);
        Ok(())
    }

    /// The error of attempts that end now: with their number and the time they took, so that nobody tries it again.
    #[must_use]
    pub fn give_up(&self, error: Error) -> Error {
        if error.is_retried() {
            return error;
        }
        error.with_attempts(self.number, self.elapsed())
    }
}
