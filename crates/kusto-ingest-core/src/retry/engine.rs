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

    /// By when it has to end. The policy learns how much time is left, and a wait that would use it up ends the trying.
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
        if error.is_retried() {
            return Err(error);
        }
        if error.scope() != FaultScope::Transient {
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
        let Some(wait) = self.backoff(&error) else {
            return Err(self.give_up(error));
        };
        tracing::debug!(attempt = self.number, ?wait, error = %error.chain(), "retrying");
        self.wait_for(wait).await;
        Ok(())
    }

    /// Waits before the next attempt for as long as a policy of the caller's own has said.
    pub async fn wait_for(&mut self, wait: Duration) {
        self.engine.clock.sleep(wait).await;
        self.number = self.number.saturating_add(1);
    }

    /// The error of attempts that end now: with their number and the time they took, so that nobody tries it again. What
    /// an inner engine has said of its own stays with the cause.
    #[must_use]
    pub fn give_up(&self, error: Error) -> Error {
        error.with_attempts(self.number, self.elapsed())
    }

    /// How long to wait before the next attempt, where there is time for one.
    fn backoff(&self, error: &Error) -> Option<Duration> {
        let Retry {
            policy,
            clock,
            deadline,
            random,
        } = self.engine;
        let remaining = deadline.map(|deadline| deadline.remaining(clock));
        let failed = FailedAttempt {
            attempt: self.number,
            elapsed: self.elapsed(),
            remaining,
            error,
            random: drawn(random, self.number),
        };
        let wait = policy.backoff(&failed)?;
        remaining.is_none_or(|left| wait < left).then_some(wait)
    }
}

/// A number for each attempt, out of one for all of them: a step and a mix of SplitMix64, so that a poor one does as well.
fn drawn(random: u64, attempt: u32) -> u64 {
    let state = random.wrapping_add(u64::from(attempt).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
