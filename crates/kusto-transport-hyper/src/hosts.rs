//! The hosts that are spoken to: what is the same in all calls to one, and how many there may be.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use azure_core::http::Url;
use http::{HeaderValue, Uri};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::address;
use crate::idle::IdleConnections;
use crate::options::TransportOptions;
use crate::proxy::Routes;

/// Above this many hosts, those that nobody uses are forgotten.
const REMEMBERED: usize = 128;

/// All hosts that were spoken to. What is known of one is worked out once.
pub(crate) struct Hosts {
    routes: Arc<Routes>,
    calls: usize,
    idle: usize,
    idle_for: Duration,
    known: Mutex<Known>,
}

/// Hosts by their authority. The same one is another over TLS.
#[derive(Default)]
struct Known {
    plain: HashMap<String, Arc<Host>>,
    tls: HashMap<String, Arc<Host>>,
}

impl Hosts {
    pub(crate) fn new(routes: Arc<Routes>, options: &TransportOptions) -> Self {
        Self {
            routes,
            calls: options.calls_per_host.clamp(1, Semaphore::MAX_PERMITS),
            idle: options.idle_per_host,
            idle_for: options.pool_idle,
            known: Mutex::default(),
        }
    }

    /// The host of an address.
    pub(crate) fn of(&self, url: &Url) -> azure_core::Result<Arc<Host>> {
        let (authority, is_tls) = (address::authority(url)?, url.scheme() == "https");
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let hosts = match is_tls {
            true => &mut known.tls,
            false => &mut known.plain,
        };
        if let Some(host) = hosts.get(authority) {
            return Ok(Arc::clone(host));
        }
        if hosts.len() >= REMEMBERED {
            hosts.retain(|_, host| Arc::strong_count(host) > 1 || !host.idle.is_empty());
        }
        let host = Arc::new(self.new_host(address::origin(url, authority)?, authority));
        hosts.insert(authority.to_owned(), Arc::clone(&host));
        Ok(host)
    }

    fn new_host(&self, origin: Uri, authority: &str) -> Host {
        let route = self.routes.to(&origin).ok();
        let authorization = route.as_ref().and_then(|route| route.authorization()).cloned();
        Host {
            name: authority.to_owned(),
            origin,
            header: HeaderValue::from_str(authority).ok(),
            authorization,
            places: Arc::new(Semaphore::new(self.calls)),
            idle: IdleConnections::new(self.idle, self.idle_for),
        }
    }
}

/// A host, or one port of it.
pub(crate) struct Host {
    name: String,
    origin: Uri,
    header: Option<HeaderValue>,
    authorization: Option<HeaderValue>,
    places: Arc<Semaphore>,
    idle: Arc<IdleConnections>,
}

impl Host {
    /// Host and port: all of an address that may be shown.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &Uri {
        &self.origin
    }

    /// The value of the header `host`.
    pub(crate) fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }

    /// What a request says to the proxy that forwards it.
    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// Waits for a place among the calls to this host. It is free again when the permit is dropped.
    pub(crate) fn place(&self) -> impl Future<Output = Option<OwnedSemaphorePermit>> + use<> {
        let places = Arc::clone(&self.places);
        // The semaphore is never closed.
        async move { places.acquire_owned().await.ok() }
    }

    /// The connections that wait for a call.
    pub(crate) fn idle(&self) -> &Arc<IdleConnections> {
        &self.idle
    }

    /// Before one more connection is made: there are no more of them than there may be calls at a time. Those that only
    /// calls of another runtime could use go, where there would be more.
    pub(crate) fn make_room(&self) {
        let free = self.places.available_permits();
        self.idle.shorten_to(free);
    }
}
