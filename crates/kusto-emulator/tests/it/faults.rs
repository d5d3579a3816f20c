//! Requests that fail on the wire, and what is left of them.

use std::time::Duration;

use http_body_util::BodyExt;
use kusto_emulator::{FaultPreset, HttpFault, HttpFaultPlan, Route};
use kusto_fake::{Fault, FaultPlan, RequestKind, ResourcePath};
use kusto_ingest_core::{Error, ErrorKind};
use kusto_storage::Operation;
use serde_json::json;

use crate::client::{World, below};

const BLOCK_BLOB: (&str, &str) = ("x-ms-blob-type", "BlockBlob");
const PUT: Route = Route::Storage(Operation::PutBlob);

impl World {
    fn has_blob(&self, container: usize) -> bool {
        let place = ResourcePath::from(&self.container(container));
        self.emulator.fake().storage().blob(&place, "b").is_ok()
    }

    async fn put(&self, container: usize) -> Option<u16> {
        let url = below(&self.container(container), "/b", "");
        let answer = self.try_send("PUT", &url, &[BLOCK_BLOB], vec![7; 300_000]).await;
        answer.ok().map(|answer| answer.status)
    }
}

#[tokio::test]
async fn a_planned_status_is_answered_after_the_body_and_nothing_is_done() {
    let world = World::start().await;
    let fault = HttpFault::Status(503, "ServerBusy".into());
    world.emulator.plan(HttpFaultPlan::new(fault).on(PUT).times(2));
    for _ in 0..2 {
        assert_eq!(world.put(0).await, Some(503));
    }
    assert!(!world.has_blob(0));
    assert_eq!(world.put(0).await, Some(201));
    let requests = world.emulator.requests();
    let ends: Vec<_> = requests
        .iter()
        .map(|request| (request.status, request.body_bytes))
        .collect();
    assert_eq!(
        ends,
        [(Some(503), 300_000), (Some(503), 300_000), (Some(201), 300_000)]
    );
}

#[tokio::test]
async fn a_throttled_request_is_told_how_long_to_wait() {
    let world = World::start().await;
    for (wait, told) in [(Duration::from_secs(7), "7"), (Duration::from_millis(1), "1")] {
        let plan = HttpFaultPlan::new(HttpFault::Throttled(wait));
        world.emulator.plan(plan.on(Route::Management));
        let answer = world.ask("/v1/rest/mgmt", ".show version").await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some(told)));
    }
    assert_eq!(world.ask("/v1/rest/mgmt", ".show version").await.status, 200);
}

#[tokio::test]
async fn a_status_can_be_answered_although_all_was_done() {
    let world = World::start().await;
    let fault = HttpFault::StatusAfterwards(500, "InternalError".into());
    world.emulator.plan(HttpFaultPlan::new(fault).on(PUT));
    assert_eq!(world.put(0).await, Some(500));
    assert!(world.has_blob(0));
}

#[tokio::test]
async fn a_connection_is_reset_before_or_within_the_body() {
    let world = World::start().await;
    for (fault, read) in [
        (HttpFault::ResetBeforeBody, 0..=0),
        (HttpFault::ResetAfterBytes(100_000), 100_000..=300_000),
        (HttpFault::ResetAfterBytes(u64::MAX), 300_000..=300_000),
    ] {
        world
            .emulator
            .plan(HttpFaultPlan::new(fault.clone()).at(ResourcePath::from(&world.container(0))));
        assert_eq!(world.put(1).await, Some(201), "the other container is well");
        assert_eq!(world.put(0).await, None, "{fault:?}");
        let last = world.emulator.requests().pop().unwrap();
        assert_eq!(last.status, None, "{fault:?}");
        assert!(read.contains(&last.body_bytes), "{fault:?}: {}", last.body_bytes);
        assert!(!world.has_blob(0), "{fault:?}");
    }
}

#[tokio::test]
async fn where_the_answer_is_lost_the_work_is_done() {
    let world = World::start().await;
    world
        .emulator
        .plan(HttpFaultPlan::new(HttpFault::ResponseLost).on(PUT).after(1));
    assert_eq!(world.put(1).await, Some(201));
    assert_eq!(world.put(0).await, None);
    assert!(world.has_blob(0));
}

#[tokio::test]
async fn a_delayed_answer_waits_for_the_clock() {
    let world = World::start().await;
    let delay = Duration::from_secs(60);
    world
        .emulator
        .plan(HttpFaultPlan::new(HttpFault::Delay(delay)).on(Route::Ping));
    let url = format!("{}/v1/rest/ping", world.emulator.cluster());
    let pushed = async {
        while world.clock.sleepers() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(world.emulator.requests().is_empty());
        world.clock.advance(delay);
    };
    let (answer, ()) = tokio::join!(world.send("GET", &url, &[], ""), pushed);
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_fault_may_stand_until_it_is_mended() {
    let fault = HttpFaultPlan::new(HttpFault::Status(403, "AuthorizationFailure".into()));
    let plan = fault.in_account("devstoreaccount1").forever();
    let world = World::start_with(|builder| builder.with_fault(plan)).await;
    for _ in 0..5 {
        assert_eq!(world.put(0).await, Some(403));
    }
    assert_eq!(world.ask("/v1/rest/mgmt", ".show version").await.status, 200);
    world.emulator.clear_faults();
    assert_eq!(world.put(0).await, Some(201));
    assert_eq!(
        (
            world.emulator.request_count(PUT),
            world.emulator.connection_count()
        ),
        // One to the cluster, and one to its storage, which is at the same port by another name.
        (6, 2)
    );
}

#[tokio::test]
async fn faults_planned_on_the_storage_and_the_kusto_reach_the_wire() {
    let world = World::start().await;
    let storage = world.emulator.fake().storage().clone();
    storage.plan(FaultPlan::new(Fault::Refused(ErrorKind::Throttled)).on(Operation::PutBlob));
    storage.plan(FaultPlan::new(Fault::ResponseLost).on(Operation::PutBlob));
    assert_eq!(world.put(0).await, Some(503));
    assert!(!world.has_blob(0));
    assert_eq!(world.put(0).await, None);
    assert!(world.has_blob(0));

    let throttled = Error::new(ErrorKind::Throttled, "ask").with_retry_after(Duration::from_secs(7));
    let throttled = FaultPlan::new(Fault::Error(throttled)).on(RequestKind::Version);
    world.emulator.fake().plan(throttled);
    let answer = world.ask("/v1/rest/mgmt", ".show version").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")));
    assert_eq!(answer.json()["error"]["@permanent"], false);
}

#[tokio::test]
async fn no_sas_is_in_the_log_or_in_debug() {
    let world = World::start().await;
    world.put(0).await;
    let shown = format!("{:?} {:?}", world.emulator.requests(), world.emulator);
    assert!(shown.contains("/devstoreaccount1/ingestdata-0/b"), "{shown}");
    assert!(!shown.contains("sig") && !shown.contains('?'), "{shown}");
    let url = format!("{}/__emulator/requests", world.emulator.cluster());
    let told = world.send("GET", &url, &[], "").await;
    assert_eq!(told.json()["requests"][0]["status"], 201);
    assert!(!told.text().contains("sig"));
}

#[tokio::test]
async fn an_answer_is_cut_after_some_bytes_and_the_work_is_done() {
    let world = World::start().await;
    for (route, kept) in [(Route::Management, 100), (Route::Management, 0)] {
        world
            .emulator
            .plan(HttpFaultPlan::new(HttpFault::ResponseTruncated(kept)).on(route));
        let url = format!("{}/v1/rest/mgmt", world.emulator.cluster());
        let answer = world.unread("POST", &url, r#"{"csl":".show version"}"#).await;
        let length: u64 = answer.headers()["content-length"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!(length > kept);
        assert!(answer.into_body().collect().await.is_err(), "it ends too early");
    }
    assert_eq!(world.ask("/v1/rest/mgmt", ".show version").await.status, 200);
}

#[tokio::test]
async fn faults_can_be_planned_from_another_process() {
    let world = World::start().await;
    let url = format!("{}/__emulator/faults", world.emulator.cluster());
    for plan in [
        json!({"fault": "status", "status": 503, "code": "ServerBusy", "route": "PutBlob", "times": 2}),
        json!({"fault": "reset-after-bytes", "bytes": 10, "route": "PutBlob", "name": "ingestdata-0"}),
        json!({"fault": "throttled", "seconds": 2, "route": "PutBlob"}),
        json!({"fault": "response-lost", "account": "devstoreaccount1", "after": 1, "times": 0}),
    ] {
        assert_eq!(
            world.send("POST", &url, &[], plan.to_string()).await.status,
            201,
            "{plan}"
        );
    }
    let mut ends = Vec::new();
    for _ in 0..7 {
        ends.push(world.put(0).await);
    }
    assert_eq!(
        ends,
        [Some(503), Some(503), None, Some(429), Some(201), None, None]
    );
    assert_eq!(world.send("DELETE", &url, &[], "").await.status, 204);
    assert_eq!(world.put(0).await, Some(201));
    for wrong in [
        json!({}),
        json!({"fault": "status", "status": 99}),
        json!({"fault": "delay"}),
        json!({"fault": "throttled"}),
        json!({"fault": "response-lost", "route": "Nowhere"}),
    ] {
        let answer = world.send("POST", &url, &[], wrong.to_string()).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_preset_that_is_chosen_again_changes_nothing() {
    let mut throttled = Vec::new();
    for times in [1, 4] {
        let world = World::start().await;
        for _ in 0..times {
            world.emulator.inject(FaultPreset::Throttle).expect("injected");
        }
        assert_eq!(world.emulator.faults(), ["throttle"]);
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(world.put(0).await);
        }
        throttled.push(statuses);
    }
    assert!(throttled[0].contains(&Some(429)) && throttled[0].contains(&Some(201)));
    assert_eq!(throttled[0], throttled[1]);
}

#[tokio::test]
async fn every_plan_of_the_readme_is_accepted() {
    let (_, block) = include_str!("../../README.md")
        .split_once("```text\nPOST /__emulator/faults")
        .expect("it shows plans");
    let (plans, _) = block.split_once("```").expect("the block ends");
    let plans = serde_json::Deserializer::from_str(plans).into_iter::<serde_json::Value>();
    let plans: Vec<_> = plans.collect::<Result<_, _>>().expect("they are JSON");
    assert_eq!(plans.len(), 8);
    for plan in plans {
        // A plan without a route would meet the next one.
        let world = World::start().await;
        let url = format!("{}/__emulator/faults", world.emulator.cluster());
        let answer = world.send("POST", &url, &[], plan.to_string()).await;
        assert_eq!(answer.status, 201, "{plan}");
    }
}
