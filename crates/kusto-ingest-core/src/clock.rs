//! Where time comes from.

mod manual;

pub use manual::ManualClock;

use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;

use crate::{Error, ErrorKind, Result, Timestamp};

/// Where time comes from, on every floor.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// Returns when so much time has passed. Dropping the future ends the wait.
    async fn sleep(&self, duration: Duration);
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
    let mut future = pin!(future);
    let mut limit_reached = clock.sleep(limit);
    poll_fn(|context| {
        if let Poll::Ready(done) = future.as_mut().poll(context) {
            return Poll::Ready(done);
        }
        limit_reached.as_mut().poll(context).map(|()| {
            Err(Error::new(ErrorKind::Timeout, operation).because(format!("it took longer than {limit:?}")))
        })
    })
    .await
}
