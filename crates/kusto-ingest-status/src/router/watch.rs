//! One watch: the wait for a report about one source.

use std::fmt;
use std::future::poll_fn;
use std::task::Waker;
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result, SourceId, within};
use kusto_ingest_message::StatusRecord;

use super::StatusRouter;
use super::watch_registry::{Delivery, NextStep, WatchId};

/// A watch for a report about one source, by a [`StatusRouter`].
///
/// It is served as long as it lives. Dropping it loses nothing: what was delivered to it and not asked for is still
/// in the queue.
pub struct Watch {
    router: StatusRouter,
    watch_id: WatchId,
    limit: Option<Duration>,
}

impl Watch {
    pub(super) fn new(router: StatusRouter, watch_id: WatchId) -> Self {
        let limit = router.pauses.limit;
        Self {
            router,
            watch_id,
            limit,
        }
    }

    /// Waits no longer than this for the outcome, counted from when it is asked for; 60 minutes unless this or the router's
    /// schedule says otherwise.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Waits for as long as it takes, which may be for ever.
    #[must_use]
    pub fn without_limit(mut self) -> Self {
        self.limit = None;
        self
    }

    /// The source that is watched.
    #[must_use]
    pub fn source_id(&self) -> SourceId {
        self.watch_id.0
    }

    /// Waits for the report, and removes it from the queue: `Succeeded` or `Failed`, with what else it says. Asked
    /// again, it gives the same.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when the limit is reached; it names the source, and if it is this one that looks it looks
    /// once more then. The error of a look, with the code `StatusRetrievalFailed`, when it is permanent or when too many looks failed in
    /// a row; [`ErrorKind::NoResources`] when Kusto issues no report queue.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped: the watch goes on. What has been delivered is given when it is asked
    /// again, and if the watch is dropped instead, the report reappears in the queue, unless it was being removed at
    /// that very moment.
    pub async fn outcome(&mut self) -> Result<StatusRecord> {
        let end = self.limit.map(|limit| self.router.clock.monotonic() + limit);
        loop {
            match self.next_step(end).await? {
                NextStep::Take(delivery) => return Ok(self.take(*delivery).await),
                NextStep::Fail(error) => return Err(self.not_read(error)),
                NextStep::Look => {
                    let looking = ActivePoller(&self.router);
                    let outcome = self.look_for_all(end).await;
                    drop(looking);
                    outcome?;
                }
            }
        }
    }

    /// Waits until something has come, or until it is this one's turn to look.
    async fn next_step(&self, end: Option<Duration>) -> Result<NextStep> {
        let _waiting = WatchGuard(self);
        let next_step = poll_fn(|context| {
            self.router
                .state()
                .registry
                .poll_next_step(self.watch_id, context)
                .map(Ok)
        });
        match end {
            None => next_step.await,
            Some(end) => {
                let (clock, left) = (
                    &*self.router.clock,
                    end.saturating_sub(self.router.clock.monotonic()),
                );
                let next_step = within(clock, left, "wait for the report", next_step).await;
                next_step.map_err(|_| self.timed_out())
            }
        }
    }

    /// Looks until something has come for this watch. Whatever comes for others is delivered to them.
    async fn look_for_all(&self, end: Option<Duration>) -> Result<()> {
        let router = &self.router;
        let clock = &*router.clock;
        let random = self.watch_id.0.as_uuid().as_u64_pair().1;
        loop {
            let due = router.state().pacer.due(clock.monotonic());
            let pause = end
                .map_or(due, |end| end.min(due))
                .saturating_sub(clock.monotonic());
            if pause > Duration::ZERO {
                clock.sleep(pause).await;
            }
            let looked = match end.map(|end| end.saturating_sub(clock.monotonic())) {
                None => router.poll_queues(random).await,
                // The last look is made at the very end, and lasts no longer than what it finds is hidden.
                Some(left) => {
                    let left = if left.is_zero() { router.visibility } else { left };
                    within(
                        clock,
                        left,
                        "look for reports in time",
                        router.poll_queues(random),
                    )
                    .await
                }
            };
            let over = end.is_some_and(|end| end <= clock.monotonic());
            if router.state().registry.has(self.watch_id) {
                return Ok(());
            }
            match looked {
                Err(error) if over => return Err(self.timed_out().caused_by(error)),
                Err(error) => router
                    .try_again(random, error)
                    .map_err(|error| self.not_read(error))?,
                Ok(_) if over => return Err(self.timed_out()),
                Ok(_) => {}
            }
        }
    }

    /// Takes what was delivered, and deletes its message, once.
    async fn take(&self, delivery: Delivery) -> StatusRecord {
        if !delivery.settled {
            let router = &self.router;
            let deletion = within(
                &*router.clock,
                router.visibility,
                "remove the report before it reappears",
                router.queues.delete(&delivery.queue, &delivery.handle),
            );
            let deleted = deletion.await;
            if let Err(error) = &deleted {
                let queue = &delivery.queue;
                tracing::warn!(%queue, %error, "a report was delivered but not removed: it may come again");
            }
            router.state().registry.settle(self.watch_id, deleted.is_ok());
        }
        delivery.record
    }

    fn timed_out(&self) -> Error {
        Error::new(ErrorKind::Timeout, "wait for the ingestion")
            .because("no report about it has come yet")
            .with("source", self.watch_id.0)
            .with_source_id(self.watch_id.0)
    }

    fn not_read(&self, cause: Error) -> Error {
        Error::new(cause.kind(), "wait for the ingestion")
            .because("the service's reports cannot be read")
            .with("source", self.watch_id.0)
            .with_source_id(self.watch_id.0)
            .with_code("StatusRetrievalFailed")
            .with_permanence(cause.is_permanent())
            .caused_by(cause)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.router.state().registry.forget(self.watch_id);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("source_id", &self.watch_id.0)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// One that waits. If it ends without looking, though it was its next_step, another is told.
struct WatchGuard<'a>(&'a Watch);

impl Drop for WatchGuard<'_> {
    fn drop(&mut self) {
        let next = self.0.router.state().registry.stop_waiting(self.0.watch_id);
        next.into_iter().for_each(Waker::wake);
    }
}

/// One that looks. When it ends, however it does, another goes on.
struct ActivePoller<'a>(&'a StatusRouter);

impl Drop for ActivePoller<'_> {
    fn drop(&mut self) {
        let next = self.0.state().registry.stop_looking();
        next.into_iter().for_each(Waker::wake);
    }
}
