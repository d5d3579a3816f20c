//! Callers on several runtimes, of which one may stand still for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use kusto_ingest_core::testing::{HOUR, SECOND};
use kusto_ingest_core::{Cache, Clock, ManualClock, RuntimeId, Timestamp};

use super::world::{START, World};

/// A clock that stands still, on a runtime that the test changes.
#[derive(Clone, Debug)]
struct OnRuntime {
    clock: ManualClock,
    number: Arc<AtomicU32>,
}

#[async_trait]
impl Clock for OnRuntime {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    fn runtime(&self) -> Option<RuntimeId> {
        Some(RuntimeId::of(&self.number.load(Ordering::SeqCst)))
    }
}

/// A world whose callers are on the runtime of this number.
fn world() -> (World, Arc<AtomicU32>) {
    let mut world = World::at(ManualClock::new(START));
    let number = Arc::<AtomicU32>::default();
    let clock = OnRuntime {
        clock: world.clock.clone(),
        number: number.clone(),
    };
    world.cache = Cache::new(Arc::new(clock));
    (world, number)
}

#[test]
fn a_fetch_that_stands_still_on_one_runtime_holds_up_no_other() {
    let (world, runtime) = world();
    world.service(|service| service.takes = SECOND);
    let (mut one, mut other) = (Box::pin(world.getting()), Box::pin(world.getting()));
    assert!((&mut one).now_or_never().is_none() && (&mut other).now_or_never().is_none());
    assert_eq!(world.fetches(), (1, 1), "on one runtime it is one fetch");

    runtime.store(1, Ordering::SeqCst);
    world.service(|service| service.takes = Duration::ZERO);
    assert_eq!(world.at_once().expect("it has its own"), 2);

    runtime.store(0, Ordering::SeqCst);
    world.clock.advance(SECOND);
    for waits in [one, other] {
        assert_eq!(waits.now_or_never().expect("it has landed").expect("a value"), 1);
    }
    assert_eq!(world.fetches(), (2, 0));
}

#[test]
fn a_refresh_that_stands_still_is_begun_again_on_another_runtime_after_a_minute() {
    let (world, runtime) = world();
    assert_eq!(world.at_once().expect("the service answers"), 1);
    world.clock.advance(HOUR);
    world.service(|service| service.takes = HOUR);
    let mut still = Box::pin(world.getting());
    assert!((&mut still).now_or_never().is_none());

    runtime.store(1, Ordering::SeqCst);
    world.service(|service| service.takes = Duration::ZERO);
    assert_eq!(world.at_once().expect("the old value serves"), 1);
    world.clock.advance(60 * SECOND);
    assert_eq!(world.at_once().expect("a new one"), 3);
    drop(still);
    assert_eq!(world.fetches(), (3, 0));
}
