//! How often anything changed that can be seen: what those wait for who look at an emulator.

use std::pin::pin;
use std::time::Duration;

use futures::future::select;
use kusto_ingest_core::Clock;
use tokio::sync::watch;

/// Counts changes, and wakes those who wait for the next.
#[derive(Debug, Default)]
pub(crate) struct Changes(watch::Sender<u64>);

impl Changes {
    pub(crate) fn happened(&self) {
        self.0.send_modify(|number| *number += 1);
    }

    /// The number of the last change, once it is another than that which is known, or after so long.
    pub(crate) async fn after(&self, known: Option<u64>, clock: &dyn Clock, limit: Duration) -> u64 {
        let mut seen = self.0.subscribe();
        if known == Some(*seen.borrow_and_update()) {
            let changed = pin!(seen.changed());
            select(changed, clock.sleep(limit)).await;
        }
        *self.0.borrow()
    }
}
