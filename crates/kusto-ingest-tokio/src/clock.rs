//! The clock that sleeps.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use kusto_ingest_core::{Clock, RuntimeId, Timestamp};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// The system's time, and sleeps on tokio's timer, which must be on. Outside of a runtime each sleep has a thread.
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
        match Handle::try_current() {
            Ok(_) => tokio::time::sleep(duration).await,
            Err(_) => sleep_on_a_thread(duration).await,
        }
    }

    fn runtime(&self) -> Option<RuntimeId> {
        let runtime = Handle::try_current().ok()?;
        Some(RuntimeId::of(&runtime.id()))
    }
}

/// Sleeps where there is no timer. The thread ends with the sleep, also when that is given up.
async fn sleep_on_a_thread(duration: Duration) {
    let (over, woken) = oneshot::channel::<()>();
    let (_given_up, sleeper) = mpsc::channel::<()>();
    let started = thread::Builder::new()
        .name("kusto-ingest-sleep".to_owned())
        .spawn(move || {
            if sleeper.recv_timeout(duration) == Err(RecvTimeoutError::Timeout) {
                let _nobody_waits_any_more = over.send(());
            }
        });
    if started.is_ok() {
        // Nothing is sent where the thread itself was ended.
        let _over = woken.await;
    }
}
