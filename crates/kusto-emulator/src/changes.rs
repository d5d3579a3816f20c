//! How often anything changed that can be seen: what those wait for who look at an emulator.

use std::pin::pin;
use std::time::Duration;

use futures::future::select;
use kusto_ingest_core::Clock;
use tokio::sync::watch;
use uuid::Uuid;

/// Counts changes, and wakes those who wait for the next.
#[derive(Debug)]
pub(crate) struct Changes {
    count: watch::Sender<u64>,
    /// Another one for each emulator: the numbers of one mean nothing to the next at the same port.
    instance: Uuid,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            count: watch::Sender::default(),
            instance: Uuid::new_v4(),
        }
    }
}

impl Changes {
    pub(crate) fn happened(&self) {
        self.count.send_modify(|number| *number += 1);
    }

    /// The name of a change, for who may come again.
    pub(crate) fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.instance.simple())
    }

    /// The number of the change of a name, if it is one of this emulator's.
    pub(crate) fn number_of(&self, id: &str) -> Option<u64> {
        let (instance, number) = id.split_once('-')?;
        (Uuid::parse_str(instance).ok()? == self.instance)
            .then(|| number.parse().ok())
            .flatten()
    }

    /// The number of the last change, once it is another than that which is known, or after so long.
    pub(crate) async fn after(&self, known: Option<u64>, clock: &dyn Clock, limit: Duration) -> u64 {
        let mut seen = self.count.subscribe();
        if known == Some(*seen.borrow_and_update()) {
            let changed = pin!(seen.changed());
            select(changed, clock.sleep(limit)).await;
        }
        *self.count.borrow()
    }
}
