//! A clock that stands still until a test moves it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;

use crate::{Clock, Timestamp};

/// How often an advancing clock is asked in vain before it takes everything else to be waiting for it.
const IDLE_POLLS: u32 = 256;

/// A clock that stands still until a test moves it, or that moves by itself when everything waits for it.
///
/// [`advance`](Self::advance) moves both of its sides; [`set`](Self::set) the time of day alone, as a time server does.
/// Clones share the same time. An [advancing](Self::advancing) clock is for logic in memory: over sockets it
/// would run away while bytes are under way.
#[derive(Clone)]
pub struct ManualClock(Arc<Mutex<State>>);

struct State {
    now: Timestamp,
    monotonic: Duration,
    advances_itself: bool,
    idle_polls: u32,
    next_sleeper: u64,
    sleepers: BTreeMap<u64, (Duration, Option<Waker>)>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State {
            now,
            monotonic: Duration::ZERO,
            advances_itself: false,
            idle_polls: 0,
            next_sleeper: 0,
            sleepers: BTreeMap::new(),
        })))
    }

    /// A clock that jumps to the end of the shortest sleep whenever everything sleeps.
    #[must_use]
    pub fn advancing(now: Timestamp) -> Self {
        let clock = Self::new(now);
        clock.state().advances_itself = true;
        clock
    }

    /// Moves the clock and wakes those whose sleep is over.
    pub fn advance(&self, by: Duration) {
        let woken = self.state().advance(by);
        woken.into_iter().for_each(Waker::wake);
    }

    /// Sets the time of day, forwards or backwards. Sleeps and the monotonic side do not notice.
    pub fn set(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// How many sleepers wait for the clock.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.state().sleepers.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn advance(&mut self, by: Duration) -> Vec<Waker> {
        self.now = self.now + by;
        self.monotonic += by;
        self.idle_polls = 0;
        let monotonic = self.monotonic;
        self.sleepers
            .values_mut()
            .filter(|(until, _)| *until <= monotonic)
            .filter_map(|(_, waker)| waker.take())
            .collect()
    }

    fn earliest(&self) -> Option<Duration> {
        self.sleepers.values().map(|(until, _)| *until).min()
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }

    fn monotonic(&self) -> Duration {
        self.state().monotonic
    }

    async fn sleep(&self, duration: Duration) {
        let sleep = {
            let mut state = self.state();
            let (id, until) = (state.next_sleeper, state.monotonic.saturating_add(duration));
            state.next_sleeper += 1;
            state.idle_polls = 0;
            state.sleepers.insert(id, (until, None));
            Sleep {
                clock: self.clone(),
                id,
                until,
            }
        };
        sleep.await;
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManualClock").field(&self.now()).finish()
    }
}

struct Sleep {
    clock: ManualClock,
    id: u64,
    until: Duration,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state();
        if state.monotonic >= self.until {
            return Poll::Ready(());
        }
        if let Some((_, waker)) = state.sleepers.get_mut(&self.id) {
            *waker = Some(context.waker().clone());
        }
        if !state.advances_itself {
            return Poll::Pending;
        }
        state.idle_polls += 1;
        if state.idle_polls > IDLE_POLLS && state.earliest() == Some(self.until) {
            let by = self.until - state.monotonic;
            let woken = state.advance(by);
            drop(state);
            woken.into_iter().for_each(Waker::wake);
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.state().sleepers.remove(&self.id);
    }
}
