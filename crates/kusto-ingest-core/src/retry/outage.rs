//! How long no target has answered, shared by all calls of a client.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Clock, RetryPolicy};

/// After how long without another failed round an outage is forgotten.
const KNOWN_FOR: Duration = Duration::from_secs(5 * 60);

/// How long none of several equal targets, such as storage accounts, has answered. Clones share it.
///
/// It lets many calls give up together: once nobody has answered for as long as one call would try, another call needs
/// one round over the targets to know, and not as long again. What is 5 minutes old is forgotten: a call that comes
/// then tries as long as the first one did.
#[derive(Clone, Debug, Default)]
pub struct Outage(Arc<Mutex<Option<Span>>>);

/// From the first to the last failed round, on the monotonic side.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: Duration,
    last: Duration,
}

impl Outage {
    /// No outage is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A target has answered: there is no outage.
    pub fn record_success(&self) {
        *self.span() = None;
    }

    /// No target has answered in a whole round. Returns whether that has been so, over all calls, for as long as one call
    /// tries: whoever asks gives up then.
    #[must_use]
    pub fn record_failure(&self, policy: &dyn RetryPolicy, clock: &dyn Clock) -> bool {
        let lasts = self.lengthen(clock);
        policy.max_elapsed().is_some_and(|limit| lasts >= limit)
    }

    /// Another failed round; how long it has been since the first.
    fn lengthen(&self, clock: &dyn Clock) -> Duration {
        let last = clock.monotonic();
        let mut span = self.span();
        let first = span
            .filter(|span| last.saturating_sub(span.last) < KNOWN_FOR)
            .map_or(last, |span| span.first);
        *span = Some(Span { first, last });
        last.saturating_sub(first)
    }

    fn span(&self) -> MutexGuard<'_, Option<Span>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
