//! A cache for each key.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kusto_ingest_core::{Cache, Clock};

/// A [`Cache`] for each key, so that slow fetches of one thing do not hold up those of another. Clones share them.
///
/// There are as many as there are clusters and authorities in a program: a handful.
pub(crate) struct KeyedCache<K, T: Clone> {
    clock: Arc<dyn Clock>,
    caches: Arc<Mutex<HashMap<K, Cache<T>>>>,
}

impl<K: Clone + Eq + Hash, T: Clone + Send + Sync + 'static> KeyedCache<K, T> {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            caches: Arc::default(),
        }
    }

    /// The cache of a key; an empty one where there was none.
    pub(crate) fn of(&self, key: &K) -> Cache<T> {
        let mut caches = self.caches();
        let cache = caches.entry(key.clone());
        cache.or_insert_with(|| Cache::new(self.clock.clone())).clone()
    }

    /// Starts anew for a key. What is under way for it goes to those who wait, and is not kept.
    pub(crate) fn remove(&self, key: &K) {
        self.caches().remove(key);
    }

    /// The same for all keys.
    pub(crate) fn clear(&self) {
        self.caches().clear();
    }

    fn caches(&self) -> MutexGuard<'_, HashMap<K, Cache<T>>> {
        self.caches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, T: Clone> Clone for KeyedCache<K, T> {
    fn clone(&self) -> Self {
        Self {
            clock: Arc::clone(&self.clock),
            caches: Arc::clone(&self.caches),
        }
    }
}

impl<K, T: Clone> fmt::Debug for KeyedCache<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedCache")
    }
}
