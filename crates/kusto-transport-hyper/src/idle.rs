//! The connections to a host that wait for a call, each for one of the runtime that it lives on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::time::Instant;

use crate::connection::Connection;
use crate::watchdog::{now, timer};

/// Connections that wait for a call.
///
/// hyper's part of a connection is a task of the runtime that made it. While nobody drives that runtime, a call of another
/// one would send nothing on it and hear nothing.
pub(crate) struct IdleConnections {
    most: usize,
    idle_for: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The one that was used last is the last.
    waiting: Vec<Waiting>,
    /// The runtimes on which a task ends those that nobody uses for long.
    watched_on: Vec<Id>,
}

struct Waiting {
    /// Since when nobody uses it.
    since: Instant,
    connection: Connection,
}

impl Waiting {
    fn is_of(&self, runtime: Id) -> bool {
        self.connection.runtime().id() == runtime
    }
}

impl State {
    /// Ends those that nobody used for long, and forgets those that were closed.
    fn end_old(&mut self, now: Instant, idle_for: Duration) {
        self.waiting
            .retain(|waiting| now - waiting.since < idle_for && !waiting.connection.is_closed());
    }

    fn is_watched_no_more(&mut self, runtime: Id) {
        self.watched_on.retain(|watched| *watched != runtime);
    }
}

impl IdleConnections {
    /// None yet; so many at most, and each for so long.
    pub(crate) fn new(most: usize, idle_for: Duration) -> Arc<Self> {
        Arc::new(Self {
            most,
            idle_for,
            state: Mutex::default(),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state().waiting.is_empty()
    }

    /// One for a call of this runtime: the one that was used last, since it is the least likely to be closed.
    pub(crate) fn take(&self, runtime: Id) -> Option<Connection> {
        let (now, mut state) = (now(), self.state());
        state.end_old(now, self.idle_for);
        let last = state.waiting.iter().rposition(|waiting| waiting.is_of(runtime))?;
        Some(state.waiting.remove(last).connection)
    }

    /// Keeps a connection for the next call of its runtime. Where there are too many, one of another runtime goes.
    pub(crate) fn keep(self: &Arc<Self>, connection: Connection) {
        let runtime = connection.runtime().clone();
        if self.is_kept(connection) {
            let watch = IdleWatch {
                idle: Arc::downgrade(self),
                runtime: runtime.id(),
            };
            // Not under the lock: a runtime that has ended drops the task at once.
            drop(runtime.spawn(watch.end_the_old_ones(self.idle_for)));
        }
    }

    /// Whether it is kept, and its runtime has no watch yet.
    fn is_kept(&self, connection: Connection) -> bool {
        let (since, mut state) = (now(), self.state());
        let runtime = connection.runtime().id();
        if connection.is_closed() {
            return false;
        }
        if state.waiting.len() >= self.most {
            match state.waiting.iter().position(|waiting| !waiting.is_of(runtime)) {
                Some(other) if self.most > 0 => drop(state.waiting.remove(other)),
                _ => return false,
            }
        }
        state.waiting.push(Waiting { since, connection });
        let is_watched = state.watched_on.contains(&runtime);
        if !is_watched {
            state.watched_on.push(runtime);
        }
        !is_watched
    }

    /// Ends those that wait for longest until there are no more than so many.
    pub(crate) fn shorten_to(&self, most: usize) {
        let mut state = self.state();
        let too_many = state.waiting.len().saturating_sub(most);
        state.waiting.drain(..too_many);
    }

    /// Ends the old ones. When the next one of this runtime is due; `None` where none of it is left.
    fn end_old(&self, runtime: Id) -> Option<Duration> {
        let (now, mut state) = (now(), self.state());
        state.end_old(now, self.idle_for);
        let next = state.waiting.iter().find(|waiting| waiting.is_of(runtime));
        let next = next.map(|next| self.idle_for.saturating_sub(now - next.since));
        if next.is_none() {
            state.is_watched_no_more(runtime);
        }
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends idle connections in time, as long as there are any of its runtime. Where its runtime ends before it, the next one
/// is started.
struct IdleWatch {
    idle: Weak<IdleConnections>,
    runtime: Id,
}

impl IdleWatch {
    async fn end_the_old_ones(mut self, mut wait: Duration) {
        loop {
            timer(wait).await;
            match self.idle.upgrade().and_then(|idle| idle.end_old(self.runtime)) {
                Some(next) => wait = next,
                None => break,
            }
        }
        // The next one may have been started since.
        self.idle = Weak::new();
    }
}

impl Drop for IdleWatch {
    fn drop(&mut self) {
        if let Some(idle) = self.idle.upgrade() {
            idle.state().is_watched_no_more(self.runtime);
        }
    }
}

/// The runtime that a call is made on.
pub(crate) fn current_runtime() -> Option<Id> {
    Handle::try_current().ok().map(|runtime| runtime.id())
}
