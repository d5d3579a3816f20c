//! How a client gives up: in time, and together.

use std::time::Duration;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::ErrorKind;
use kusto_storage::Operation;

use super::{World, small, timed};

#[tokio::test(start_paused = true)]
async fn storage_dead_for_good_ends_5000_files_in_about_one_budget() {
    let world = World::start().await;
    world.fail(&HttpFault::ResetBeforeBody, &[Operation::PutBlob]);
    let (result, took) = timed(world.ingest(small(5_000), 64)).await;
    assert_eq!(result.errors().count(), 5_000);
    assert!(result.is_global());
    assert!(took >= Duration::from_secs(50), "it was tried: {took:?}");
    assert!(took <= Duration::from_secs(75), "they gave up together: {took:?}");
    let kinds = result
        .errors()
        .all(|error| matches!(error.kind(), ErrorKind::Io | ErrorKind::Connection));
    assert!(kinds, "{:?}", result.errors().next());
    let error = kusto_ingest::Error::from(result.into_result().expect_err("all failed"));
    assert!(error.chain().contains("5000 of 5000 failed"), "{}", error.chain());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_has_given_up_tries_again_as_soon_as_one_account_answers() {
    let world = World::start().await;
    world.fail(&HttpFault::ResetBeforeBody, &[Operation::PutBlob]);
    let _failed = world.ingest(small(8), 8).await;
    let (_failed, took) = timed(world.ingest(small(1), 1)).await;
    assert!(took < Duration::from_secs(1), "one round is enough: {took:?}");
    world.emulator.clear_faults();
    assert_eq!(world.ingest(small(1), 1).await.receipts().count(), 1);
    let once = HttpFaultPlan::new(HttpFault::ResetBeforeBody)
        .on(Route::Storage(Operation::PutBlob))
        .times(6);
    world.emulator.plan(once);
    assert_eq!(
        world.ingest(small(1), 1).await.receipts().count(),
        1,
        "it is patient again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_drops_every_connection_sees_four_of_them_at_most_for_one_question() {
    let world = World::start().await;
    world
        .emulator
        .plan(HttpFaultPlan::new(HttpFault::ResetBeforeBody).forever());
    let error = world
        .kusto
        .resources()
        .resources()
        .await
        .expect_err("nobody answers");
    let asked = world.emulator.request_count(Route::Management);
    assert!((2..=4).contains(&asked), "{asked} connections: {}", error.chain());
}

#[tokio::test(start_paused = true)]
async fn clients_of_one_cluster_give_up_on_its_queues_together() {
    let world = World::start().await;
    world.fail(
        &HttpFault::Status(503, "ServerBusy".to_owned()),
        &[Operation::PutMessage],
    );
    let (failed, took) = timed(world.ingest(small(8), 8)).await;
    assert_eq!(failed.errors().count(), 8);
    assert!(took >= Duration::from_secs(50), "it was tried: {took:?}");
    // A client is made for each call.
    let (failed, took) = timed(world.ingest(small(1), 1)).await;
    assert_eq!(failed.errors().count(), 1);
    assert!(took < Duration::from_secs(1), "one round is enough: {took:?}");
}
