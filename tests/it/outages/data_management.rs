//! A Data Management service that is away, slow or silent.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join;
use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::Kusto;
use kusto_ingest::clock::{Clock, Timestamp};
use kusto_ingest_tokio::TokioClock;

use super::{World, failures, sleep, small, timed};

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

fn management(fault: HttpFault) -> HttpFaultPlan {
    HttpFaultPlan::new(fault).on(Route::Management).forever()
}

#[tokio::test(start_paused = true)]
async fn a_service_that_says_503_for_twenty_seconds_is_outlasted() {
    let world = World::start().await;
    world
        .emulator
        .plan(management(HttpFault::Status(503, String::new())));
    let back = world.mended(Duration::from_secs(20));
    let (result, ()) = join(world.ingest(small(10), 10), back).await;
    assert_eq!(failures(&result), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_service_and_a_cold_cache_are_an_error_within_two_minutes_that_names_it() {
    let world = World::start().await;
    world.emulator.plan(management(HttpFault::Delay(YEAR)));
    let (result, took) = timed(world.ingest(small(1), 1)).await;
    let error = result.errors().next().expect("nobody answers").chain();
    assert!(took <= Duration::from_secs(120), "{took:?}");
    assert!(error.contains("Data Management"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn with_a_warm_cache_nobody_waits_for_a_silent_service_but_one_caller_a_minute() {
    let world = World::start().await;
    assert_eq!(failures(&world.ingest(small(1), 1).await), [""; 0]);
    // The resources are an hour old, and their SAS tokens last for hours yet.
    sleep(Duration::from_secs(3_600)).await;
    world.emulator.plan(management(HttpFault::Delay(YEAR)));
    let (mut long, mut all) = (0, 0);
    for _minute in 0..10 {
        for _call in 0..12 {
            let (result, took) = timed(world.ingest(small(1), 1)).await;
            assert_eq!(failures(&result), [""; 0]);
            all += 1;
            long += u32::from(took > Duration::from_secs(2) + Duration::from_millis(200));
            assert!(took <= Duration::from_secs(31), "{took:?}");
            sleep(Duration::from_secs(5).saturating_sub(took)).await;
        }
    }
    assert_eq!(all, 120);
    assert!(long <= 10, "{long} waited longer in ten minutes");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_answers_in_five_seconds_brings_new_resources_within_three_minutes() {
    let world = World::start().await;
    assert_eq!(failures(&world.ingest(small(1), 1).await), [""; 0]);
    sleep(Duration::from_secs(3_600)).await;
    let ended = || {
        world
            .emulator
            .requests()
            .iter()
            .filter(|one| one.path.ends_with("/mgmt") && one.status == Some(200))
            .count()
    };
    let before = ended();
    world
        .emulator
        .plan(management(HttpFault::Delay(Duration::from_secs(5))));
    let mut waited = Duration::ZERO;
    while ended() < before + 2 {
        assert!(
            waited <= Duration::from_secs(180),
            "no new resources after {waited:?}"
        );
        let (result, took) = timed(world.ingest(small(1), 1)).await;
        assert_eq!(failures(&result), [""; 0]);
        let pause = Duration::from_secs(20);
        sleep(pause).await;
        waited += took + pause;
    }
}

/// A machine's clock that is two days ahead.
#[derive(Debug)]
struct Ahead(TokioClock);

#[async_trait]
impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.0.now() + Duration::from_secs(2 * 24 * 60 * 60)
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_two_days_ahead_costs_two_commands_for_300_files() {
    let world = World::start().await;
    let builder = Kusto::builder(&world.emulator.cluster()).expect("a good address");
    let kusto = builder
        .with_clock(Arc::new(Ahead(TokioClock::new())))
        .connect()
        .expect("good settings");
    let world = World { kusto, ..world };
    // All SAS tokens are over by that clock, and by the service's they last for a day.
    assert_eq!(failures(&world.ingest(small(300), 16).await), [""; 0]);
    assert_eq!(world.messages(), 300);
    assert_eq!(
        world.emulator.request_count(Route::Management),
        2,
        "resources and identity token"
    );
}
