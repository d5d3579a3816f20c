//! The two limits of a running call: how long nothing may move, and how long all of it may take.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::failure::FiredLimit;

/// Now, by the clock that sockets are measured with.
#[expect(
    clippy::disallowed_methods,
    reason = "the limits of a socket are real time, not the logic's"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A timer that ends after `wait`.
#[expect(
    clippy::disallowed_methods,
    reason = "the limits of a socket are real time, not the logic's"
)]
pub(crate) fn timer(wait: Duration) -> Sleep {
    tokio::time::sleep(wait)
}

/// Watches one call. It has one timer, which is set anew when it rings too early.
pub(crate) struct Watchdog {
    idle: Duration,
    /// How much longer nothing may move while the request may still be under way.
    drain: Duration,
    overall: Duration,
    started: Instant,
    /// Since when the call waits for the network, and not the network for the call.
    waiting: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Watchdog {
    /// Starts to watch.
    pub(crate) fn new(idle: Duration, overall: Duration) -> Self {
        let started = now();
        Self {
            idle,
            drain: Duration::ZERO,
            overall,
            started,
            waiting: started,
            timer: Box::pin(timer(idle.min(overall))),
        }
    }

    /// The request goes out. Its last bytes may be on their way for so long after they left for the socket, and until
    /// its peer has them, silence says nothing.
    pub(crate) fn sends(&mut self, drain: Duration) {
        self.drain = drain;
        self.wait_begins();
    }

    /// The peer answers, so nothing is on its way to it that it waits for.
    pub(crate) fn answered(&mut self) {
        if !self.drain.is_zero() {
            self.drain = Duration::ZERO;
            self.timer.set(timer(self.idle));
        }
    }

    /// From here on the call waits for the network. What was idle before is nobody's fault.
    pub(crate) fn wait_begins(&mut self) {
        self.waiting = now();
    }

    /// Ready when a limit is reached. `moved` says when bytes moved last; none while there is no connection,
    /// whose making has a limit of its own.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut moved: impl FnMut() -> Option<Instant>,
    ) -> Poll<FiredLimit> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            let now = now();
            let left = self.overall.saturating_sub(now - self.started);
            if left.is_zero() {
                return Poll::Ready(FiredLimit::Overall(self.overall));
            }
            let still = moved().map_or(Duration::ZERO, |moved| now - moved.max(self.waiting));
            let idle = self.idle.saturating_add(self.drain);
            let until_idle = idle.saturating_sub(still);
            if until_idle.is_zero() {
                return Poll::Ready(FiredLimit::Idle(idle));
            }
            self.timer.set(timer(until_idle.min(left)));
        }
    }

    /// Runs a future until it ends or a limit is reached.
    pub(crate) async fn guard<F: Future>(
        &mut self,
        mut work: Pin<&mut F>,
        mut moved: impl FnMut() -> Option<Instant>,
    ) -> Result<F::Output, FiredLimit> {
        poll_fn(|cx| {
            if let Poll::Ready(output) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            self.poll(cx, &mut moved).map(Err)
        })
        .await
    }
}
