//! What a cache remembers, and what it does next: no future is awaited here.

use std::time::Duration;

use futures_util::future::{BoxFuture, WeakShared};

use super::{Fetched, Flight};
use crate::{Clock, Result, Timestamp};

/// How long after the beginning of a fetch no other begins, while a value is there: the pause after a failure, and the
/// least age of a value.
const PAUSE: Duration = Duration::from_secs(60);

/// How long before its end a value is not good enough any more to leave a refresh to chance.
const NEARLY_OVER: Duration = Duration::from_secs(5 * 60);

/// After so many refreshes in a row that were dropped before they landed, somebody waits in full.
const DROPPED: u32 = 2;

/// What a cache does next.
pub(super) enum Next<T: Clone> {
    /// It gives what it has.
    Serve(T),
    /// It waits for a fetch that is under way.
    Join { flight: Flight<T>, stale: Option<T> },
    /// It begins a fetch, and waits for it: briefly, or to its end.
    Begin { stale: Option<T>, brief: bool },
}

/// What a cache remembers.
pub(super) struct State<T: Clone> {
    kept: Option<Kept<T>>,
    flight: Option<WeakShared<BoxFuture<'static, Result<T>>>>,
    /// When the last fetch began, and when the last forced one did, on the monotonic side.
    begun: Option<Duration>,
    forced: Option<Duration>,
    /// How many fetches in a row have ended without landing.
    dropped: u32,
    /// Counts how often the value was forgotten: a fetch from before does not land.
    generation: u64,
}

struct Kept<T> {
    value: T,
    fetched: Duration,
    refresh_at: (Duration, Timestamp),
    valid_until: Option<Timestamp>,
    /// By our clock it was over when it came: the clock is wrong.
    came_late: bool,
}

impl<T> Default for State<T>
where
    T: Clone,
{
    fn default() -> Self {
        Self {
            kept: None,
            flight: None,
            begun: None,
            forced: None,
            dropped: 0,
            generation: 0,
        }
    }
}

impl<T: Clone> State<T> {
    pub(super) fn get(&mut self, clock: &dyn Clock) -> Next<T> {
        let flight = self.flight();
        let Some(kept) = self.kept.as_ref().filter(|kept| kept.is_usable(clock)) else {
            return match flight {
                Some(flight) => Next::Join { flight, stale: None },
                None => Next::Begin {
                    stale: None,
                    brief: false,
                },
            };
        };
        let value = kept.value.clone();
        if flight.is_some() || !kept.is_due(clock) || self.pauses(clock) {
            return Next::Serve(value);
        }
        Next::Begin {
            brief: !self.needs_patience(clock),
            stale: Some(value),
        }
    }

    /// The fetch to be driven beside the work, if any: a caller who needs a first value, or is to wait in full, sees to it
    /// by himself.
    pub(super) fn refresh(&mut self, clock: &dyn Clock) -> Option<Next<T>> {
        let flight = self.flight();
        let kept = self.kept.as_ref().filter(|kept| kept.is_usable(clock))?;
        let stale = Some(kept.value.clone());
        match flight {
            Some(flight) => Some(Next::Join { flight, stale }),
            None if kept.is_due(clock) && !self.pauses(clock) && !self.needs_patience(clock) => {
                Some(Next::Begin { stale, brief: true })
            }
            None => None,
        }
    }

    pub(super) fn renew(&mut self, clock: &dyn Clock) -> Next<T> {
        let stale = self
            .kept
            .as_ref()
            .filter(|kept| kept.is_usable(clock))
            .map(|kept| kept.value.clone());
        if let Some(flight) = self.flight() {
            return Next::Join { flight, stale };
        }
        let now = clock.monotonic();
        let recently = self
            .forced
            .is_some_and(|forced| now.saturating_sub(forced) < PAUSE);
        match stale {
            Some(value) if recently => Next::Serve(value),
            stale => {
                self.forced = Some(now);
                Next::Begin { stale, brief: false }
            }
        }
    }

    /// The fetch that is under way. One that was dropped is noticed here.
    pub(super) fn flight(&mut self) -> Option<Flight<T>> {
        let flight = self.flight.as_ref()?.upgrade();
        if flight.is_none() {
            self.flight = None;
            self.dropped = self.dropped.saturating_add(1);
        }
        flight
    }

    pub(super) fn begin(&mut self, clock: &dyn Clock, flight: &Flight<T>) {
        self.begun = Some(clock.monotonic());
        self.flight = flight.downgrade();
    }

    pub(super) fn land(&mut self, clock: &dyn Clock, generation: u64, fetched: Fetched<T>) -> T {
        if generation != self.generation {
            return fetched.value;
        }
        self.fail(generation);
        let (monotonic, now) = (clock.monotonic(), clock.now());
        let came_late = fetched.valid_until.is_some_and(|end| end <= now);
        if came_late {
            tracing::warn!(%now, "what was fetched is over already by this machine's clock, which seems to be wrong");
        }
        let least = if fetched.deficient { Duration::ZERO } else { PAUSE };
        let refresh_after = fetched.refresh_after.max(least);
        if fetched.deficient {
            // The pause is that of the value, and not that of a failure.
            self.begun = None;
        }
        self.kept = Some(Kept {
            value: fetched.value.clone(),
            fetched: monotonic,
            refresh_at: (monotonic.saturating_add(refresh_after), now + refresh_after),
            valid_until: fetched.valid_until,
            came_late,
        });
        fetched.value
    }

    /// A fetch has ended, and not been dropped.
    pub(super) fn fail(&mut self, generation: u64) {
        if generation == self.generation {
            self.flight = None;
            self.dropped = 0;
        }
    }

    pub(super) fn forget(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.kept = None;
        self.flight = None;
        self.dropped = 0;
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn value(&self) -> Option<T> {
        self.kept.as_ref().map(|kept| kept.value.clone())
    }

    fn pauses(&self, clock: &dyn Clock) -> bool {
        let now = clock.monotonic();
        self.begun.is_some_and(|begun| now.saturating_sub(begun) < PAUSE)
    }

    fn needs_patience(&self, clock: &dyn Clock) -> bool {
        let left = |kept: &Kept<T>| kept.valid_until.map(|end| end.since(clock.now()));
        let nearly_over = self
            .kept
            .as_ref()
            .and_then(left)
            .is_some_and(|left| left < NEARLY_OVER);
        self.dropped >= DROPPED || nearly_over
    }
}

impl<T> Kept<T> {
    fn is_due(&self, clock: &dyn Clock) -> bool {
        let (monotonic, time_of_day) = self.refresh_at;
        clock.monotonic() >= monotonic || clock.now() >= time_of_day
    }

    fn is_usable(&self, clock: &dyn Clock) -> bool {
        let age = clock.monotonic().saturating_sub(self.fetched);
        match self.valid_until {
            Some(_) if self.came_late => age < PAUSE,
            Some(end) => end > clock.now(),
            None => true,
        }
    }
}
