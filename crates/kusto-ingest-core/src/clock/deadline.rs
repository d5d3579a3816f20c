//! Limits of time: for one future, and for everything that one call does.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::Clock;
use crate::{Error, ErrorKind, Result};

/// The moment by which a call has to end. It is handed down, so that whoever waits knows how much time is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    end: Duration,
    limit: Duration,
}

impl Deadline {
    /// The moment `limit` from now.
    #[must_use]
    pub fn after(clock: &dyn Clock, limit: Duration) -> Self {
        Self {
            end: clock.monotonic().saturating_add(limit),
            limit,
        }
    }

    /// How much time is left; zero when it is over.
    #[must_use]
    pub fn remaining(self, clock: &dyn Clock) -> Duration {
        self.end.saturating_sub(clock.monotonic())
    }

    /// How much time there was at the beginning.
    #[must_use]
    pub fn limit(self) -> Duration {
        self.limit
    }

    /// Runs a future, but no longer than there is time; not at all where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] naming the operation and the limit; the future is dropped then.
    pub async fn run<T>(
        self,
        clock: &dyn Clock,
        operation: &'static str,
        future: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let over = || {
            let reason = format!("the deadline of {:?} is over", self.limit);
            Error::new(ErrorKind::Timeout, operation).because(reason)
        };
        match self.remaining(clock) {
            Duration::ZERO => Err(over()),
            left => limited(clock, left, future, over).await,
        }
    }
}

/// Runs a future, but no longer than a limit.
///
/// # Errors
/// [`ErrorKind::Timeout`] naming the operation; the future is dropped then.
pub async fn within<T>(
    clock: &dyn Clock,
    limit: Duration,
    operation: &'static str,
    future: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
    let over = || Error::new(ErrorKind::Timeout, operation).because(format!("it took longer than {limit:?}"));
    limited(clock, limit, future, over).await
}

async fn limited<T>(
    clock: &dyn Clock,
    limit: Duration,
    future: impl Future<Output = Result<T>> + Send,
    over: impl Fn() -> Error + Send,
) -> Result<T> {
    let mut future = pin!(future);
    let mut limit_reached = clock.sleep(limit);
    poll_fn(|context| {
        if let Poll::Ready(done) = future.as_mut().poll(context) {
            return Poll::Ready(done);
        }
        limit_reached.as_mut().poll(context).map(|()| Err(over()))
    })
    .await
}
