//! Where time comes from.

mod deadline;
mod manual;
#[cfg(feature = "mock")]
mod mock;
mod runtime_id;

pub use deadline::{Deadline, within};
pub use manual::ManualClock;
#[cfg(feature = "mock")]
pub use mock::MockClock;
pub use runtime_id::RuntimeId;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::Timestamp;

/// Where time comes from, on every floor.
///
/// It tells two things. The time of day ([`now`](Self::now)) is for SAS tokens, expiries and messages; it may be wrong,
/// and it may be set. The monotonic side ([`monotonic`](Self::monotonic)) is for waits, limits and pauses; it never goes
/// back, but it may stop while the machine sleeps.
///
/// Where a program has several runtimes, it also tells on which of them the caller waits ([`runtime`](Self::runtime)).
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// How much time has passed since some moment that stays the same for this clock. It never goes back.
    fn monotonic(&self) -> Duration;

    /// Returns when so much time has passed on the monotonic side. Dropping the future ends the wait.
    async fn sleep(&self, duration: Duration);

    /// The runtime that the caller runs on, where there may be several; by default there is one only, without a name.
    ///
    /// What began on a runtime waits for its sockets and timers, which stand still while nobody drives it. So it is shared
    /// with callers of the same runtime only.
    fn runtime(&self) -> Option<RuntimeId> {
        None
    }
}
