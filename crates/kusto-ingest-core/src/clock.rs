//! Where time comes from.

mod deadline;
mod manual;

pub use deadline::{Deadline, within};
pub use manual::ManualClock;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::Timestamp;

/// Where time comes from, on every floor.
///
/// It tells two things. The time of day ([`now`](Self::now)) is for SAS tokens, expiries and messages; it may be wrong,
/// and it may be set. The monotonic side ([`monotonic`](Self::monotonic)) is for waits, limits and pauses; it never goes
/// back, but it may stop while the machine sleeps.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// How much time has passed since some moment that stays the same for this clock. It never goes back.
    fn monotonic(&self) -> Duration;

    /// Returns when so much time has passed on the monotonic side. Dropping the future ends the wait.
    async fn sleep(&self, duration: Duration);
}
