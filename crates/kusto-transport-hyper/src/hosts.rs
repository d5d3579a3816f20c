//! The hosts that are spoken to: what is the same in all calls to one, how many there may be, and idle connections.

use std::collections::HashMap;
use std::future::Future;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use azure_core::http::Url;
use http::{HeaderValue, Uri};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::address;
use crate::connection::Connection;
use crate::options::TransportOptions;
use crate::proxy::Routes;
use crate::watchdog::{now, timer};

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
            hosts.retain(|_, host| Arc::strong_count(host) > 1 || host.has_idle());
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
            most_idle: self.idle,
            idle_for: self.idle_for,
            idle: Mutex::default(),
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
    most_idle: usize,
    idle_for: Duration,
    idle: Mutex<IdleConnections>,
}

#[derive(Default)]
struct IdleConnections {
    /// Each with the time since which nobody uses it; the one that was used last is the last.
    waiting: Vec<(Instant, Connection)>,
    /// Whether a task ends those that nobody uses for long.
    is_watched: bool,
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

    /// A connection that waits for a call: the one that was used last, since it is the least likely to be closed.
    pub(crate) fn take_idle(&self) -> Option<Connection> {
        let (now, mut idle) = (now(), self.idle());
        loop {
            let (since, connection) = idle.waiting.pop()?;
            if now - since < self.idle_for && !connection.is_closed() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for the next call.
    pub(crate) fn keep(self: &Arc<Self>, connection: Connection) {
        // Without a runtime nobody would end it.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let mut idle = self.idle();
        if connection.is_closed() || idle.waiting.len() >= self.most_idle {
            return;
        }
        idle.waiting.push((now(), connection));
        if !mem::replace(&mut idle.is_watched, true) {
            let watch = IdleWatch(Arc::downgrade(self));
            drop(runtime.spawn(watch.end_the_old_ones(self.idle_for)));
        }
    }

    fn has_idle(&self) -> bool {
        !self.idle().waiting.is_empty()
    }

    /// Ends the connections that nobody uses for long. When the next one is due; `None` where none is left.
    fn end_old(&self) -> Option<Duration> {
        let (now, mut idle) = (now(), self.idle());
        let is_young = |since: &Instant| now - *since < self.idle_for;
        idle.waiting
            .retain(|(since, connection)| is_young(since) && !connection.is_closed());
        let next = idle
            .waiting
            .first()
            .map(|(since, _)| self.idle_for - (now - *since));
        idle.is_watched = next.is_some();
        next
    }

    fn idle(&self) -> MutexGuard<'_, IdleConnections> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends idle connections in time, as long as there are any. Where its runtime ends before it, the next one is started.
struct IdleWatch(Weak<Host>);

impl IdleWatch {
    async fn end_the_old_ones(self, mut wait: Duration) {
        loop {
            timer(wait).await;
            match self.0.upgrade().and_then(|host| host.end_old()) {
                Some(next) => wait = next,
                None => return,
            }
        }
    }
}

impl Drop for IdleWatch {
    fn drop(&mut self) {
        if let Some(host) = self.0.upgrade() {
            host.idle().is_watched = false;
        }
    }
}
