//! A value that is fetched once for all who need it, refreshed early, and served stale while a refresh fails.

mod refresh;
mod state;

pub use refresh::{Refresh, drive_refresh};

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, Shared};

use crate::cache::state::{Next, State};
use crate::{Clock, Result, Timestamp, within};

/// What a fetch brought, and how long it is good.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fetched<T> {
    /// The value.
    pub value: T,
    /// After how long it is to be fetched again; a minute at least, unless it is [partial](Self::with_partial).
    pub refresh_after: Duration,
    /// When it expires, by the time of day.
    pub valid_until: Option<Timestamp>,
    /// Whether a part of it is missing, so that it may be fetched again sooner than after a minute.
    pub partial: bool,
}

impl<T> Fetched<T> {
    /// A value that is good for ever, and to be fetched again after so long.
    pub fn new(value: T, refresh_after: Duration) -> Self {
        Self {
            value,
            refresh_after,
            valid_until: None,
            partial: false,
        }
    }

    /// When it stops to be of use.
    #[must_use]
    pub fn with_valid_until(self, valid_until: Option<Timestamp>) -> Self {
        Self { valid_until, ..self }
    }

    /// A part of it is missing: it may be fetched again sooner than after a minute.
    #[must_use]
    pub fn with_partial(self) -> Self {
        Self {
            partial: true,
            ..self
        }
    }
}

/// What brings the value.
pub(crate) type Fetch<T> = BoxFuture<'static, Result<Fetched<T>>>;

/// A fetch that is under way: it lands in the cache, whoever drives it.
pub(crate) type Flight<T> = Shared<BoxFuture<'static, Result<T>>>;

/// How long a caller that began a refresh waits for it while there is a value that serves.
const REFRESH_WAIT: Duration = Duration::from_secs(2);

/// A value that is fetched once for all who need it.
///
/// - Many who need it at once cause one fetch. It is owned by those who wait for it: when all of them are dropped, so is
///   the fetch, so that it outlives no runtime. Callers on several [runtimes](Clock::runtime) have one each, since nobody
///   may wait for a runtime that stands still.
/// - It is refreshed when the time of day or the monotonic clock says so (the latter stops while a machine sleeps).
///   While a usable value is there, only the caller that begins the refresh waits for it, for 2 s at most: see
///   [`drive_refresh`]. After two refreshes that were dropped, or with less than 5 minutes of validity left, one caller
///   a minute waits in full.
/// - A refresh that fails leaves the old value in place while that is valid. Another one begins a minute after it began.
/// - Where there is no value, a failure that took 1 s or more is returned to all who ask within the same time again, 10
///   s at most: a thousand callers do not wait one after the other for a service that does not answer.
/// - A value that has expired by our clock when it arrives is used all the same, for an hour at most, and fetched once
///   a minute: the clock is wrong then.
///
/// Clones share the value.
pub struct Cache<T: Clone>(Arc<Inner<T>>);

struct Inner<T: Clone> {
    clock: Arc<dyn Clock>,
    state: Mutex<State<T>>,
}

impl<T: Clone + Send + Sync + 'static> Cache<T> {
    /// Nothing yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(State::default());
        Self(Arc::new(Inner { clock, state }))
    }

    /// The value: the one that is kept while it is fresh, or else the one that `fetch` brings.
    ///
    /// # Errors
    /// That of the fetch, where there is no older value that serves.
    ///
    /// # Cancel safety
    /// Dropping the future drops the fetch, unless somebody else waits for it.
    pub async fn get(&self, fetch: impl FnOnce() -> Fetch<T>) -> Result<T> {
        let next = self.0.decide(State::get);
        self.follow(next, fetch).await
    }

    /// The fetch that is under way, or one that is due. [`drive_refresh`] drives it while the work that uses the value
    /// goes on, so that the work does not wait. There is none where nothing is due, and none where there is no value
    /// yet: the first value comes by [`get`](Self::get).
    pub fn refresh(&self, fetch: impl FnOnce() -> Fetch<T>) -> Refresh {
        match self.0.decide(State::refresh) {
            Some(Next::Begin { .. }) => Refresh::begun(self.begin(fetch())),
            Some(Next::Join(flight)) => Refresh::joined(flight),
            Some(Next::Serve(_) | Next::Fail(_)) | None => Refresh::none(),
        }
    }

    /// The value after a service refused it: fetched anew, once for all who ask, and at most once a minute, counted
    /// from the last forced fetch. Otherwise the value that is there.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn renew(&self, fetch: impl FnOnce() -> Fetch<T>) -> Result<T> {
        let next = self.0.decide(State::renew);
        self.follow(next, fetch).await
    }

    /// Drops the value. A fetch that is under way still serves those who wait for it, and is not kept.
    pub fn invalidate(&self) {
        self.0.state().forget();
    }

    /// The value that is kept, fresh or not.
    #[must_use]
    pub fn peek(&self) -> Option<T> {
        self.0.state().value()
    }

    async fn follow(&self, next: Next<T>, fetch: impl FnOnce() -> Fetch<T>) -> Result<T> {
        let (flight, brief) = match next {
            Next::Serve(value) => return Ok(value),
            Next::Fail(error) => return Err(error),
            Next::Join(flight) => (flight, false),
            Next::Begin { brief } => (self.begin(fetch()), brief),
        };
        let landed = match brief {
            true => within(&*self.0.clock, REFRESH_WAIT, "refresh the value", flight).await,
            false => flight.await,
        };
        // What there was may have ended, or been forgotten, while it was waited for.
        landed.or_else(|error| self.0.decide(State::stale).ok_or(error))
    }

    fn begin(&self, fetch: Fetch<T>) -> Flight<T> {
        let mut state = self.0.state();
        // Somebody else may have begun since it was decided.
        if let Some(flight) = state.flight(&*self.0.clock) {
            return flight;
        }
        let generation = state.generation();
        let shelf = Arc::clone(&self.0);
        let flight = async move {
            let landed = fetch.await;
            let mut state = shelf.state();
            match landed {
                Ok(fetched) => Ok(state.land(&*shelf.clock, generation, fetched)),
                Err(error) => {
                    tracing::warn!(error = %error.chain(), "refresh failed; using the cached value, if there is one");
                    state.fail(&*shelf.clock, generation, &error);
                    Err(error)
                }
            }
        };
        let flight = flight.boxed().shared();
        state.begin(&*self.0.clock, &flight);
        flight
    }
}

impl<T: Clone> Inner<T> {
    fn decide<N>(&self, decide: impl FnOnce(&mut State<T>, &dyn Clock) -> N) -> N {
        decide(&mut self.state(), &*self.clock)
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Clone for Cache<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}
