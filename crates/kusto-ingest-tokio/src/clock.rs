//! The clock that sleeps.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use kusto_ingest_core::{Clock, Timestamp};

/// The system's time, and sleeps on tokio's timer. It needs a runtime whose timer is on.
///
/// Where tokio's time is paused, sleeps follow it and the time of day does not.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct TokioClock;

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

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that the others sleep on"
    )]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
