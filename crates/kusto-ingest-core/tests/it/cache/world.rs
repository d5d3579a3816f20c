//! A service whose values are cached, on a clock that a test moves.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::BoxFuture;
use kusto_ingest_core::testing::{HOUR, SECOND, clock};
use kusto_ingest_core::{Cache, Clock, Error, ErrorKind, Fetched, ManualClock, Refresh, Result, Timestamp};

pub(crate) const START: Timestamp = Timestamp::UNIX_EPOCH;

/// What the service does next.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    pub(crate) takes: Duration,
    pub(crate) fails: bool,
    pub(crate) valid_until: Option<Timestamp>,
    pub(crate) partial: bool,
}

/// A cache of the number of the fetch that brought it, which is due every hour.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) cache: Cache<usize>,
    service: Arc<Mutex<Service>>,
    begun: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
}

impl World {
    /// A clock that stands still at `now`, or moves when everything waits for it.
    pub(crate) fn at(clock: ManualClock) -> Self {
        let service = Service {
            takes: Duration::ZERO,
            fails: false,
            valid_until: None,
            partial: false,
        };
        Self {
            cache: Cache::new(Arc::new(clock.clone())),
            clock,
            service: Arc::new(Mutex::new(service)),
            begun: Arc::default(),
            under_way: Arc::default(),
        }
    }

    /// One whose clock moves by itself, and that has its first value.
    pub(crate) fn warm() -> Self {
        let world = Self::at(clock());
        assert_eq!(world.get().expect("the service answers"), 1);
        world
    }

    pub(crate) fn service(&self, change: impl FnOnce(&mut Service)) {
        change(&mut self.service.lock().expect("unpoisoned"));
    }

    /// How many fetches were begun, and how many are under way.
    pub(crate) fn fetches(&self) -> (usize, usize) {
        (
            self.begun.load(Ordering::SeqCst),
            self.under_way.load(Ordering::SeqCst),
        )
    }

    pub(crate) fn fetch(&self) -> BoxFuture<'static, Result<Fetched<usize>>> {
        let service = *self.service.lock().expect("unpoisoned");
        let (clock, begun, under_way) = (self.clock.clone(), self.begun.clone(), self.under_way.clone());
        async move {
            let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
            let _guard = UnderWay::new(under_way);
            if !service.takes.is_zero() {
                clock.sleep(service.takes).await;
            }
            if service.fails {
                return Err(Error::new(ErrorKind::Unavailable, "fetch the value"));
            }
            let fetched = match service.partial {
                true => Fetched::new(number, 10 * SECOND).with_partial(),
                false => Fetched::new(number, HOUR),
            };
            Ok(fetched.with_valid_until(service.valid_until))
        }
        .boxed()
    }

    /// On a clock that moves by itself.
    pub(crate) fn get(&self) -> Result<usize> {
        block_on(self.getting())
    }

    /// On a clock that stands still: nothing is waited for.
    pub(crate) fn at_once(&self) -> Result<usize> {
        self.getting().now_or_never().expect("it waits for nothing")
    }

    pub(crate) async fn getting(&self) -> Result<usize> {
        self.cache.get(|| self.fetch()).await
    }

    pub(crate) fn renew(&self) -> Result<usize> {
        block_on(self.cache.renew(|| self.fetch()))
    }

    pub(crate) fn refresh(&self) -> Refresh {
        self.cache.refresh(|| self.fetch())
    }

    /// What is brought, and after how long by the clock.
    pub(crate) fn timed<T>(&self, call: impl FnOnce() -> T) -> (T, Duration) {
        let before = self.clock.monotonic();
        let done = call();
        (done, self.clock.monotonic() - before)
    }
}

/// A fetch that has neither ended nor been dropped.
struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    fn new(count: Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
