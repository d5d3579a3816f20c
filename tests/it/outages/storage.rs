//! Storage that is away, throttles, refuses or stays silent.

use std::time::Duration;

use futures::future::join;
use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::ErrorKind;
use kusto_storage::Operation;

use super::{World, failures, sleep, small, timed};

/// The requests of an ingestion that is not tracked.
const REQUESTS: [Operation; 2] = [Operation::PutBlob, Operation::PutMessage];

#[tokio::test(start_paused = true)]
async fn all_accounts_away_for_one_and_for_twenty_seconds_fail_none_of_100_ingestions() {
    let away = [
        HttpFault::ResetBeforeBody,
        HttpFault::Status(503, "ServerBusy".to_owned()),
        HttpFault::Throttled(Duration::from_secs(1)),
    ];
    for fault in away {
        for seconds in [1, 20] {
            let world = World::start().await;
            world.fail(&fault, &REQUESTS);
            let back = world.mended(Duration::from_secs(seconds));
            let (result, ()) = join(world.ingest(small(100), 100), back).await;
            assert_eq!(failures(&result), [""; 0], "{fault:?} for {seconds} s");
            assert_eq!(world.messages(), 100, "{fault:?} for {seconds} s");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn thirty_percent_of_503_fail_none_of_5000_ingestions() {
    let world = World::start().await;
    for operation in REQUESTS {
        let busy = HttpFault::Status(503, "ServerBusy".to_owned());
        let plan = HttpFaultPlan::new(busy).on(Route::Storage(operation)).forever();
        world.emulator.plan(plan.for_percent(30));
    }
    let result = world.ingest(small(5_000), 64).await;
    assert_eq!(failures(&result), [""; 0]);
    assert_eq!(world.messages(), 5_000);
    let asked = |operation| world.emulator.request_count(Route::Storage(operation));
    assert!(asked(Operation::PutBlob) > 6_000, "the faults were met");
}

#[tokio::test(start_paused = true)]
async fn sas_tokens_revoked_a_second_after_they_were_fetched_fail_no_ingestion() {
    let world = World::start().await;
    assert_eq!(failures(&world.ingest(small(1), 1).await), [""; 0]);
    sleep(Duration::from_secs(1)).await;
    world.emulator.fake().revoke_sas_tokens().expect("good addresses");
    let commands = world.emulator.request_count(Route::Management);
    let (result, took) = timed(world.ingest(small(100), 32)).await;
    assert_eq!(failures(&result), [""; 0]);
    assert_eq!(world.messages(), 101);
    let fetched = world.emulator.request_count(Route::Management) - commands;
    assert_eq!(fetched, 1, "the resources are fetched once more, for all");
    assert!(took < Duration::from_secs(1), "nobody waited: {took:?}");
}

#[tokio::test(start_paused = true)]
async fn one_silent_account_delays_60_files_by_40_seconds_at_most_and_makes_one_post_unknown_at_most() {
    let world = World::start().await;
    // Nothing is answered by one of three accounts: the answer comes in a year.
    let silent = HttpFault::Delay(Duration::from_secs(365 * 24 * 60 * 60));
    world
        .emulator
        .plan(HttpFaultPlan::new(silent).in_account("acctb").forever());
    let (result, took) = timed(world.ingest(small(60), 8)).await;
    let unknown = result.unknown().count();
    assert_eq!(result.errors().count(), unknown, "{:?}", failures(&result));
    assert!(unknown <= 1, "{unknown} unknown");
    assert!(took <= Duration::from_secs(40), "{took:?}");
    assert_eq!(result.receipts().count() + unknown, 60);
    assert!(world.messages() >= result.receipts().count());
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_refused_for_good_takes_no_part() {
    for (status, code) in [
        (409, "AccountIsDisabled"),
        (302, "Found"),
        (404, "ContainerNotFound"),
        (403, "AccountIsDisabled"),
    ] {
        let world = World::start().await;
        let refused = HttpFault::Status(status, code.to_owned());
        world
            .emulator
            .plan(HttpFaultPlan::new(refused).in_account("acctb").forever());
        let result = world.ingest(small(30), 8).await;
        assert_eq!(failures(&result), [""; 0], "{status} {code}");
        assert_eq!(world.messages(), 30);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_the_request_ends_it_at_once() {
    let world = World::start().await;
    world.fail(
        &HttpFault::Status(400, "InvalidHeaderValue".to_owned()),
        &[Operation::PutBlob],
    );
    let result = world.ingest(small(1), 1).await;
    let error = result.errors().next().expect("nobody takes it");
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert_eq!(
        world.emulator.request_count(Route::Storage(Operation::PutBlob)),
        1
    );
}
