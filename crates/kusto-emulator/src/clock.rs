//! The emulator's clock: that of its builder, and so much ahead of it as a test says.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::select;
use kusto_ingest_core::{Clock, Timestamp};
use tokio::sync::watch;

/// The clock of an [`Emulator`](crate::Emulator). SAS tokens, hidden messages, batches and delays go by it.
///
/// Clones are one clock.
#[derive(Clone, Debug)]
pub struct EmulatorClock {
    inner: Arc<dyn Clock>,
    ahead: watch::Sender<Duration>,
}

impl EmulatorClock {
    pub(crate) fn over(inner: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            ahead: watch::Sender::new(Duration::ZERO),
        }
    }

    /// Moves both of its sides ahead: what sleeps until then wakes.
    pub fn advance(&self, duration: Duration) {
        self.ahead
            .send_modify(|ahead| *ahead = ahead.saturating_add(duration));
    }

    /// How much it is ahead of the clock below it.
    #[must_use]
    pub fn ahead(&self) -> Duration {
        *self.ahead.borrow()
    }
}

#[async_trait]
impl Clock for EmulatorClock {
    fn now(&self) -> Timestamp {
        self.inner.now() + self.ahead()
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic().saturating_add(self.ahead())
    }

    async fn sleep(&self, duration: Duration) {
        let mut moved = self.ahead.subscribe();
        let until = self.monotonic().saturating_add(duration);
        loop {
            let left = until.saturating_sub(self.monotonic());
            if left.is_zero() {
                return;
            }
            let sleeping = pin!(self.inner.sleep(left));
            select(sleeping, pin!(moved.changed())).await;
        }
    }
}
