//! How long nobody has answered: known to all calls of a client together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Clock;

/// How long none of several equal targets, such as storage accounts, has answered. Clones share it.
///
/// It lets many calls give up together: once nobody has answered for as long as one call would try, another call needs
/// one round over the targets to know, and not as long again.
#[derive(Clone, Debug, Default)]
pub struct Outage(Arc<Mutex<Option<Duration>>>);

impl Outage {
    /// No outage is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A target has answered: there is no outage.
    pub fn ends(&self) {
        *self.since() = None;
    }

    /// No target has answered in a whole round. Returns how long that has been so, over all calls.
    pub fn lasts(&self, clock: &dyn Clock) -> Duration {
        let now = clock.monotonic();
        now.saturating_sub(*self.since().get_or_insert(now))
    }

    fn since(&self) -> MutexGuard<'_, Option<Duration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
