//! The task that drains the queues when something arrives, and tells those who wait for it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::{BoxFuture, Either, FutureExt, select};
use futures::stream::FuturesUnordered;
use kusto_fake::FakeKusto;
use kusto_ingest_core::Clock;
use kusto_ingest_tokio::TokioClock;
use tokio::sync::{Notify, RwLock, watch};
use tokio::task::spawn_blocking;

use crate::changes::Changes;
use crate::persistence::Persistence;

/// How long an ingestion may take before the next one begins beside it. Until then they come one after the other, so that
/// the rows of small sources lie in the order of their messages.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many ingestions that take longer are left to themselves at a time.
const MOST_SLOW: usize = 2;

/// Drains the queues of a Kusto when it is woken, when a message that was hidden can be seen again, and when a batch is
/// sealed by its time.
pub(crate) struct Worker {
    fake: FakeKusto,
    clock: Arc<dyn Clock>,
    /// The clock of the machine, whatever the other one says.
    network: TokioClock,
    woken: Notify,
    paused: Notify,
    /// Read by each step; written by whoever must not meet one.
    stepping: Arc<RwLock<()>>,
    changes: Arc<Changes>,
    /// Where all is kept, if it is.
    persistence: Option<Arc<Persistence>>,
}

impl Worker {
    pub(crate) fn new(
        fake: FakeKusto,
        clock: Arc<dyn Clock>,
        changes: Arc<Changes>,
        persistence: Option<Arc<Persistence>>,
    ) -> Self {
        Self {
            fake,
            clock,
            network: TokioClock::new(),
            woken: Notify::new(),
            paused: Notify::new(),
            stepping: Arc::default(),
            changes,
            persistence,
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
        let mut slow = FuturesUnordered::new();
        loop {
            self.work_off(|| self.step(), &mut slow).await;
            if let Some(persistence) = &self.persistence {
                // Whoever is answered next is told how it failed.
                drop(persistence.commit().await);
            }
            if slow.is_empty() {
                self.paused.notify_waiters();
            }
            let woken = pin!(self.woken.notified());
            let visible = pin!(self.next_visible());
            let called = select(woken, visible);
            match slow.is_empty() {
                true => {
                    called.await;
                }
                false => {
                    select(called, slow.next()).await;
                }
            }
        }
    }

    /// Works until no message waits; what takes long is left to itself.
    async fn work_off(
        &self,
        step: impl Fn() -> BoxFuture<'static, bool>,
        slow: &mut FuturesUnordered<BoxFuture<'static, bool>>,
    ) {
        loop {
            if slow.len() >= MOST_SLOW {
                slow.next().await;
            }
            // Decoding may take long: the server answers others meanwhile.
            let patience = pin!(self.network.sleep(PATIENCE));
            match select(step(), patience).await {
                Either::Left((true, _)) => {}
                Either::Left((false, _)) => return,
                Either::Right(((), step)) => slow.push(step),
            }
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

    fn step(&self) -> BoxFuture<'static, bool> {
        let fake = self.fake.clone();
        let (stepping, changes) = (Arc::clone(&self.stepping), Arc::clone(&self.changes));
        async move {
            let _step = stepping.read().await;
            // What panics there has left its message hidden, as a service does that crashed.
            let has_worked = spawn_blocking(move || fake.drain_step()).await.unwrap_or(false);
            if has_worked {
                changes.happened();
            }
            has_worked
        }
        .boxed()
    }

    /// Puts all as it was at the start, while nothing is being worked on.
    pub(crate) async fn reset(&self) {
        let _alone = self.stepping.write().await;
        self.fake.reset();
        self.paused.notify_waiters();
    }

    /// Sleeps until the first hidden message can be seen again, or a batch is sealed by its time; for ever when there is
    /// neither.
    fn next_visible(&self) -> impl Future<Output = ()> {
        let due = self.fake.next_due();
        let clock = Arc::clone(&self.clock);
        async move {
            match due {
                Some(due) => clock.sleep(due.since(clock.now())).await,
                None => std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::channel::oneshot;
    use kusto_fake::ResourceIssuer;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_ingestion_that_takes_long_is_left_to_itself_and_others_go_on() {
        let clock: Arc<dyn Clock> = Arc::new(TokioClock::new());
        let issuer = ResourceIssuer::paths("http://127.0.0.1:1");
        let fake = FakeKusto::new(Arc::clone(&clock), issuer).expect("it issues");
        let worker = Worker::new(fake, clock, Arc::default(), None);
        let (end, ended) = oneshot::channel::<()>();
        let long = ended.map(|_| true).boxed();
        // The last first: one that waits for long, two that are done at once, and then nothing more.
        let steps = Mutex::new(vec![
            std::future::ready(false).boxed(),
            std::future::ready(true).boxed(),
            std::future::ready(true).boxed(),
            long,
        ]);
        let next = || {
            steps
                .lock()
                .expect("one by one")
                .pop()
                .expect("no more are asked for")
        };
        let mut slow = FuturesUnordered::new();
        worker.work_off(next, &mut slow).await;
        assert!(
            steps.lock().expect("one by one").is_empty(),
            "the others were worked off"
        );
        assert_eq!(slow.len(), 1, "and the long one is still under way");
        end.send(()).expect("it is waited for");
        assert_eq!(slow.next().await, Some(true));
    }
}
