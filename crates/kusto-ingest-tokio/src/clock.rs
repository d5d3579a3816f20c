//! The clock that sleeps.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use kusto_ingest_core::{Clock, Timestamp};
use tokio::time::Instant;

/// The system's time, and sleeps on tokio's timer. It needs a runtime whose timer is on.
///
/// Where tokio's time is paused, sleeps and the monotonic side follow it, and the time of day does not.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    start: Instant,
}

impl TokioClock {
    /// A clock whose monotonic side begins now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that the others measure with"
    )]
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for TokioClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for TokioClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that the others take their time from"
    )]
    fn now(&self) -> Timestamp {
        // A clock that stands before 1970 is not set.
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Timestamp::UNIX_EPOCH + since.unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that the others sleep on"
    )]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
