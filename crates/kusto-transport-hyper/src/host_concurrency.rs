//! How many calls may use one host at a time.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Above this many hosts, those that nobody uses are forgotten.
const REMEMBERED: usize = 128;

/// How many calls may use each host. The pool of hyper bounds idle connections only.
#[derive(Debug)]
pub(crate) struct HostConcurrency {
    each: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl HostConcurrency {
    pub(crate) fn new(each: usize) -> Self {
        Self {
            each: each.clamp(1, Semaphore::MAX_PERMITS),
            hosts: Mutex::default(),
        }
    }

    /// Waits for a place at a host. It is free again when the permit is dropped.
    pub(crate) fn take(&self, host: &str) -> impl Future<Output = Option<OwnedSemaphorePermit>> + use<> {
        let semaphore = self.of(host);
        // The semaphore is never closed.
        async move { semaphore.acquire_owned().await.ok() }
    }

    fn of(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(semaphore) = hosts.get(host) {
            return Arc::clone(semaphore);
        }
        if hosts.len() >= REMEMBERED {
            hosts.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let semaphore = Arc::new(Semaphore::new(self.each));
        hosts.insert(host.to_owned(), Arc::clone(&semaphore));
        semaphore
    }
}
