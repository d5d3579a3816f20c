//! One fetch for all who wait for the same thing.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::{BoxFuture, FutureExt, Shared, WeakShared};
use kusto_ingest_core::Result;

pub(crate) type Flight<T> = Shared<BoxFuture<'static, Result<T>>>;

/// The fetches that are under way.
///
/// A flight is owned by those who wait for it: when all of them are dropped, so is the fetch, and the next caller
/// starts a new one. Slow fetches of one thing do not hold up those of another.
pub(crate) struct Flights<K, T: Clone>(Mutex<HashMap<K, WeakShared<BoxFuture<'static, Result<T>>>>>);

impl<K: Clone + Eq + Hash, T: Clone> Flights<K, T> {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Whether somebody is fetching it.
    pub(crate) fn is_under_way(&self, key: &K) -> bool {
        self.state().get(key).and_then(WeakShared::upgrade).is_some()
    }

    /// The flight that is under way, or a new one.
    pub(crate) fn join(&self, key: &K, start: impl FnOnce() -> BoxFuture<'static, Result<T>>) -> Flight<T> {
        let mut flights = self.state();
        if let Some(flight) = flights.get(key).and_then(WeakShared::upgrade) {
            return flight;
        }
        flights.retain(|_, flight| flight.upgrade().is_some());
        let flight = start().shared();
        if let Some(weak) = flight.downgrade() {
            flights.insert(key.clone(), weak);
        }
        flight
    }

    fn state(&self) -> MutexGuard<'_, HashMap<K, WeakShared<BoxFuture<'static, Result<T>>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, T: Clone> fmt::Debug for Flights<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flights")
    }
}
