//! A value that is fetched once for all who wait, and served stale while a refresh fails.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, Shared, WeakShared};
use kusto_ingest_core::{Result, Timestamp};

/// How long a refresh that failed is not tried again while an older value serves.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// How long a value is not refreshed again, however soon it expires or however often it is refused.
const AT_LEAST: Duration = Duration::from_secs(60);

type Fetching<T> = BoxFuture<'static, Result<Fetched<T>>>;

/// What a fetch brought, and when it should be fetched again.
#[derive(Clone, Debug)]
pub(crate) struct Fetched<T> {
    pub(crate) value: T,
    pub(crate) refresh_at: Timestamp,
}

/// A value that is fetched once for all who wait.
///
/// The flight is owned by those who wait for it: when all of them are dropped, so is the fetch, and the next
/// caller starts a new one.
#[derive(Debug)]
pub(crate) struct Cache<T: Clone>(Mutex<State<T>>);

#[derive(Debug)]
struct State<T: Clone> {
    kept: Option<Kept<T>>,
    flight: Option<WeakShared<Fetching<T>>>,
}

#[derive(Clone, Debug)]
struct Kept<T> {
    value: T,
    fetched_at: Timestamp,
    refresh_at: Timestamp,
}

enum Step<T: Clone> {
    Serve(T),
    Await {
        flight: Shared<Fetching<T>>,
        stale: Option<T>,
    },
}

impl<T: Clone + Send + Sync + 'static> Cache<T> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State {
            kept: None,
            flight: None,
        }))
    }

    /// The value: from memory while it is fresh, else fetched. When the fetch fails, a value that is still
    /// `usable` serves on, and the failure is told only where there is none.
    pub(crate) async fn get(
        &self,
        now: impl Fn() -> Timestamp,
        usable: impl Fn(&T) -> bool,
        fetch: impl FnOnce() -> Fetching<T>,
    ) -> Result<T> {
        match self.step(now(), usable, fetch) {
            Step::Serve(value) => Ok(value),
            Step::Await { flight, stale } => {
                let landed = flight.clone().await;
                self.land(&flight, &landed, now());
                match (landed, stale) {
                    (Ok(fetched), _) => Ok(fetched.value),
                    (Err(error), Some(stale)) => {
                        tracing::warn!(error = %error.chain(), "a refresh failed; what was fetched before serves on");
                        Ok(stale)
                    }
                    (Err(error), None) => Err(error),
                }
            }
        }
    }

    /// Makes the next caller fetch anew, unless the value is too young for that.
    pub(crate) fn expire(&self, now: Timestamp) {
        if let Some(kept) = &mut self.state().kept {
            kept.refresh_at = kept.refresh_at.min(now.max(kept.fetched_at + AT_LEAST));
        }
    }

    fn step(
        &self,
        now: Timestamp,
        usable: impl Fn(&T) -> bool,
        fetch: impl FnOnce() -> Fetching<T>,
    ) -> Step<T> {
        let mut state = self.state();
        let stale = state
            .kept
            .as_ref()
            .map(|kept| kept.value.clone())
            .filter(|value| usable(value));
        let fresh = state.kept.as_ref().is_some_and(|kept| now < kept.refresh_at);
        let flight = state.flight.as_ref().and_then(WeakShared::upgrade);
        match (stale, flight) {
            (Some(value), _) if fresh => Step::Serve(value),
            // Somebody is on the way already: no need for a second to wait while the old value serves.
            (Some(value), Some(_)) => Step::Serve(value),
            (None, Some(flight)) => Step::Await { flight, stale: None },
            (stale, None) => {
                let flight = fetch().shared();
                state.flight = flight.downgrade();
                Step::Await { flight, stale }
            }
        }
    }

    /// Every waiter lands its flight; the first one counts, and a latecomer must not undo a newer flight.
    fn land(&self, flight: &Shared<Fetching<T>>, landed: &Result<Fetched<T>>, now: Timestamp) {
        let mut state = self.state();
        if !state
            .flight
            .as_ref()
            .and_then(WeakShared::upgrade)
            .is_some_and(|current| current.ptr_eq(flight))
        {
            return;
        }
        state.flight = None;
        match landed {
            Ok(Fetched { value, refresh_at }) => {
                let refresh_at = (*refresh_at).max(now + AT_LEAST);
                state.kept = Some(Kept {
                    value: value.clone(),
                    fetched_at: now,
                    refresh_at,
                });
            }
            Err(_) => {
                if let Some(kept) = &mut state.kept {
                    kept.refresh_at = now + AFTER_FAILURE;
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
