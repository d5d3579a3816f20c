//! The task that drains the queues when something arrives, and tells those who wait for it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use futures::future::select;
use kusto_fake::{FakeKusto, ResourcePath};
use kusto_ingest_core::Clock;
use tokio::sync::{Notify, watch};
use tokio::task::spawn_blocking;

/// Drains the queues of a Kusto when it is woken, when a message that was hidden can be seen again, and when a batch is
/// sealed by its time.
pub(crate) struct Worker {
    fake: FakeKusto,
    clock: Arc<dyn Clock>,
    woken: Notify,
    paused: Notify,
}

impl Worker {
    pub(crate) fn new(fake: FakeKusto, clock: Arc<dyn Clock>) -> Self {
        Self {
            fake,
            clock,
            woken: Notify::new(),
            paused: Notify::new(),
        }
    }

    /// Looks into the queues soon. A call while the worker works counts for afterwards.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }

    /// Works until the sender of `stop` is gone.
    pub(crate) async fn run(self: Arc<Self>, mut stop: watch::Receiver<()>) {
        let working = pin!(self.work());
        let stopped = pin!(stop.changed());
        select(working, stopped).await;
    }

    async fn work(&self) {
        loop {
            // Decoding may take long: the server answers others meanwhile.
            while self.step().await {}
            self.paused.notify_waiters();
            let woken = pin!(self.woken.notified());
            let visible = pin!(self.next_visible());
            select(woken, visible).await;
        }
    }

    /// Returns when no message is left in the queues, neither waiting nor being worked on.
    pub(crate) async fn drained(&self) {
        self.wake();
        loop {
            let mut paused = pin!(self.paused.notified());
            paused.as_mut().enable();
            if self.fake.queued_message_count() == 0 {
                return;
            }
            paused.await;
        }
    }

    async fn step(&self) -> bool {
        let fake = self.fake.clone();
        // What panics there has left its message hidden, as a service does that crashed.
        spawn_blocking(move || fake.drain_step()).await.unwrap_or(false)
    }

    /// Sleeps until the first hidden message can be seen again, or a batch is sealed by its time; for ever when there is
    /// neither.
    fn next_visible(&self) -> impl Future<Output = ()> {
        let issued = self
            .fake
            .issued_resources()
            .map(|issued| issued.queues)
            .unwrap_or_default();
        let storage = self.fake.storage();
        let visible = issued
            .iter()
            .filter_map(|queue| storage.next_visible(&ResourcePath::from(queue)))
            .chain(self.fake.next_seal())
            .min();
        let clock = Arc::clone(&self.clock);
        async move {
            match visible {
                Some(visible) => clock.sleep(visible.since(clock.now())).await,
                None => std::future::pending().await,
            }
        }
    }
}
