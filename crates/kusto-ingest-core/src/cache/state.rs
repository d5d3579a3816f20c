//! What a cache remembers, and what it does next: no future is awaited here.

use std::time::Duration;

use futures_util::future::{BoxFuture, WeakShared};

use super::{Fetched, Flight};
use crate::{Clock, Error, Result, RuntimeId, Timestamp};

/// How long after the beginning of a fetch no other begins, while a value is there: the pause after a failure, and the
/// least age of a value.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// How long before its end a caller waits in full for the refresh of a value.
const NEARLY_OVER: Duration = Duration::from_secs(5 * 60);

/// How long a value serves that had expired by our clock when it arrived. The clock is wrong then.
const CAME_LATE: Duration = Duration::from_secs(60 * 60);

/// After so many refreshes in a row that were dropped before they landed, somebody waits in full.
const DROPPED: u32 = 2;

/// For how long at most a failure is returned to other callers, where there is no value.
const TOLD: Duration = Duration::from_secs(10);

/// How long a fetch must have taken for its failure to be returned to other callers.
const SLOW: Duration = Duration::from_secs(1);

/// What a cache does next.
pub(super) enum Next<T: Clone> {
    /// It gives what it has.
    Serve(T),
    /// It tells what has just gone wrong.
    Fail(Error),
    /// It waits for a fetch that is under way.
    Join(Flight<T>),
    /// It begins a fetch, and waits for it: briefly, or to its end.
    Begin { brief: bool },
}

/// What a cache remembers.
pub(super) struct State<T: Clone> {
    kept: Option<Cached<T>>,
    /// The fetches that are under way, one for each runtime. Others do not wait for one: it may stand still.
    flights: Vec<Airborne<T>>,
    /// When the last fetch began, and when the last forced one did, on the monotonic side.
    begun: Option<Duration>,
    forced: Option<Duration>,
    /// The last failure, and until when others are told of it.
    failed: Option<(Error, Duration)>,
    /// How many fetches in a row have ended without landing.
    dropped: u32,
    /// Whether a caller is still to wait in full for the fetch that is under way.
    wants_full_wait: bool,
    /// Counts how often the value was forgotten: a fetch from before does not land.
    generation: u64,
}

struct Airborne<T: Clone> {
    runtime: Option<RuntimeId>,
    flight: WeakShared<BoxFuture<'static, Result<T>>>,
}

struct Cached<T> {
    value: T,
    fetched: Duration,
    refresh_at: (Duration, Timestamp),
    valid_until: Option<Timestamp>,
    /// How long after the beginning of a fetch no other begins.
    pause: Duration,
    /// It had expired by our clock when it arrived: the clock is wrong.
    came_late: bool,
}

impl<T: Clone> Default for State<T> {
    fn default() -> Self {
        Self {
            kept: None,
            flights: Vec::new(),
            begun: None,
            forced: None,
            failed: None,
            dropped: 0,
            wants_full_wait: false,
            generation: 0,
        }
    }
}

impl<T: Clone> State<T> {
    pub(super) fn get(&mut self, clock: &dyn Clock) -> Next<T> {
        let flight = self.flight(clock);
        let Some(kept) = self.usable(clock) else {
            return self.first(clock, flight);
        };
        let stale = kept.value.clone();
        match flight {
            Some(flight) if std::mem::take(&mut self.wants_full_wait) => Next::Join(flight),
            None if self.is_to_begin(clock) => Next::Begin {
                brief: !self.needs_full_wait(clock),
            },
            _ => Next::Serve(stale),
        }
    }

    /// The fetch to be driven while the work goes on, if any. The caller that needs a first value fetches it. Where
    /// somebody is to wait in full, the next caller that asks for the value does, so that several values can be waited
    /// for at once.
    pub(super) fn refresh(&mut self, clock: &dyn Clock) -> Option<Next<T>> {
        let flight = self.flight(clock);
        self.usable(clock)?;
        match flight {
            Some(flight) => Some(Next::Join(flight)),
            None if self.is_to_begin(clock) => {
                self.wants_full_wait = self.needs_full_wait(clock);
                Some(Next::Begin { brief: true })
            }
            None => None,
        }
    }

    pub(super) fn renew(&mut self, clock: &dyn Clock) -> Next<T> {
        let flight = self.flight(clock);
        let Some(stale) = self.stale(clock) else {
            return self.first(clock, flight);
        };
        if let Some(flight) = flight {
            return Next::Join(flight);
        }
        let now = clock.monotonic();
        if self
            .forced
            .is_some_and(|forced| now.saturating_sub(forced) < RETRY_AFTER)
        {
            return Next::Serve(stale);
        }
        self.forced = Some(now);
        Next::Begin { brief: false }
    }

    /// The value that is there, where it still serves: what a refresh that failed leaves.
    pub(super) fn stale(&mut self, clock: &dyn Clock) -> Option<T> {
        self.usable(clock).map(|kept| kept.value.clone())
    }

    /// There is no value that serves.
    fn first(&self, clock: &dyn Clock, flight: Option<Flight<T>>) -> Next<T> {
        if let Some(flight) = flight {
            return Next::Join(flight);
        }
        match &self.failed {
            Some((error, until)) if clock.monotonic() < *until => Next::Fail(error.clone()),
            _ => Next::Begin { brief: false },
        }
    }

    /// The fetch that is under way on the caller's runtime. Those that were dropped are noticed here.
    pub(super) fn flight(&mut self, clock: &dyn Clock) -> Option<Flight<T>> {
        let before = self.flights.len();
        if before == 0 {
            return None;
        }
        self.flights.retain(|it| it.flight.upgrade().is_some());
        let dropped = u32::try_from(before - self.flights.len()).unwrap_or(u32::MAX);
        self.dropped = self.dropped.saturating_add(dropped);
        let runtime = clock.runtime();
        let own = self.flights.iter().find(|it| it.runtime == runtime);
        let own = own.and_then(|it| it.flight.upgrade());
        self.wants_full_wait &= own.is_some() || dropped == 0;
        own
    }

    pub(super) fn begin(&mut self, clock: &dyn Clock, flight: &Flight<T>) {
        self.begun = Some(clock.monotonic());
        let runtime = clock.runtime();
        let airborne = flight.downgrade().map(|flight| Airborne { runtime, flight });
        self.flights.extend(airborne);
    }

    pub(super) fn land(&mut self, clock: &dyn Clock, generation: u64, fetched: Fetched<T>) -> T {
        if generation != self.generation {
            return fetched.value;
        }
        self.ends(clock);
        self.failed = None;
        let (monotonic, now) = (clock.monotonic(), clock.now());
        let came_late = fetched.valid_until.is_some_and(|end| end <= now);
        if came_late {
            tracing::warn!(%now, "a fetched value has expired already by this machine's clock, which seems to be wrong");
        }
        let pause = match fetched.partial {
            true => fetched.refresh_after.min(RETRY_AFTER),
            false => RETRY_AFTER,
        };
        let refresh_after = match came_late {
            true => pause,
            false => fetched.refresh_after.max(pause),
        };
        self.kept = Some(Cached {
            value: fetched.value.clone(),
            fetched: monotonic,
            refresh_at: (monotonic.saturating_add(refresh_after), now + refresh_after),
            valid_until: fetched.valid_until,
            pause,
            came_late,
        });
        fetched.value
    }

    pub(super) fn fail(&mut self, clock: &dyn Clock, generation: u64, error: &Error) {
        if generation == self.generation {
            self.ends(clock);
            let now = clock.monotonic();
            let took = self
                .begun
                .map_or(Duration::ZERO, |begun| now.saturating_sub(begun));
            self.failed = (took >= SLOW).then(|| (error.clone(), now.saturating_add(took.min(TOLD))));
        }
    }

    /// A fetch has ended, and was not dropped.
    fn ends(&mut self, clock: &dyn Clock) {
        let runtime = clock.runtime();
        self.flights.retain(|it| it.runtime != runtime);
        self.wants_full_wait = false;
        self.dropped = 0;
    }

    pub(super) fn forget(&mut self) {
        *self = Self {
            begun: self.begun,
            forced: self.forced,
            generation: self.generation.wrapping_add(1),
            ..Self::default()
        };
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn value(&self) -> Option<T> {
        self.kept.as_ref().map(|kept| kept.value.clone())
    }

    fn usable(&self, clock: &dyn Clock) -> Option<&Cached<T>> {
        self.kept.as_ref().filter(|kept| kept.is_usable(clock))
    }

    /// Whether the value is due, and no fetch has begun lately.
    fn is_to_begin(&self, clock: &dyn Clock) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.is_due(clock)) && !self.pauses(clock)
    }

    fn pauses(&self, clock: &dyn Clock) -> bool {
        let pause = self.kept.as_ref().map_or(RETRY_AFTER, |kept| kept.pause);
        let now = clock.monotonic();
        self.begun.is_some_and(|begun| now.saturating_sub(begun) < pause)
    }

    fn needs_full_wait(&self, clock: &dyn Clock) -> bool {
        let left = |kept: &Cached<T>| kept.valid_until.map(|end| end.since(clock.now()));
        let left = self.kept.as_ref().and_then(left);
        self.dropped >= DROPPED || left.is_some_and(|left| left < NEARLY_OVER)
    }
}

impl<T> Cached<T> {
    fn is_due(&self, clock: &dyn Clock) -> bool {
        let (monotonic, time_of_day) = self.refresh_at;
        clock.monotonic() >= monotonic || clock.now() >= time_of_day
    }

    fn is_usable(&self, clock: &dyn Clock) -> bool {
        match self.valid_until {
            Some(_) if self.came_late => clock.monotonic().saturating_sub(self.fetched) < CAME_LATE,
            Some(end) => end > clock.now(),
            None => true,
        }
    }
}
