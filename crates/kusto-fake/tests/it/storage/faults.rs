//! Requests that fail as a test planned it, and the counts of what was asked.

use futures::executor::block_on;
use kusto_fake::{Fault, FaultPlan, ResourcePath};
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::{BlobName, BlobStore, BlockId, Operation, QueueStore, ResourceKind, ResourceUri};

use super::world::World;

fn blob() -> BlobName {
    BlobName::parse("b").expect("a name")
}

impl World {
    fn stage(&self, place: u32) -> Result<()> {
        block_on(
            self.storage
                .stage(&self.container, &blob(), BlockId::new(place), "x".into()),
        )
    }
}

#[test]
fn a_refused_request_did_nothing_and_the_next_one_passes() -> Result<()> {
    let world = World::new();
    world
        .storage
        .plan(FaultPlan::new(Fault::Refused(ErrorKind::Throttled)).on(Operation::StageBlock));
    let error = world.stage(0).unwrap_err();
    assert_eq!(
        (error.kind(), error.http_status()),
        (ErrorKind::Throttled, Some(503))
    );
    assert_eq!(
        world
            .storage
            .staged_blocks(&ResourcePath::from(&world.container), "b"),
        0
    );
    world.stage(0)
}

#[test]
fn the_third_block_can_be_the_one_that_fails() {
    let world = World::new();
    let plan = FaultPlan::new(Fault::Refused(ErrorKind::Io)).on(Operation::StageBlock);
    world
        .storage
        .plan(plan.at(ResourcePath::from(&world.container)).after(2).times(2));
    let failed: Vec<bool> = (0..6).map(|block| world.stage(block).is_err()).collect();
    assert_eq!(failed, [false, false, true, true, false, false]);
}

#[test]
fn a_share_of_the_requests_can_fail_and_they_are_the_same_in_every_run() {
    let run = || -> Vec<bool> {
        let world = World::new();
        let plan = FaultPlan::new(Fault::Refused(ErrorKind::Io)).for_percent(30);
        world.storage.plan(plan.forever());
        (0..1_000).map(|block| world.stage(block).is_err()).collect()
    };
    let failed = run();
    let count = failed.iter().filter(|failed| **failed).count();
    assert!((250..350).contains(&count), "{count} of 1,000");
    assert_eq!(failed, run());
}

#[test]
fn a_lost_answer_leaves_what_was_done() -> Result<()> {
    let world = World::new();
    world
        .storage
        .plan(FaultPlan::new(Fault::ResponseLost).on(Operation::PutMessage));
    let error = block_on(QueueStore::put(&world.storage, &world.queue, "once")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(world.storage.message_count(&ResourcePath::from(&world.queue)), 1);

    world
        .storage
        .plan(FaultPlan::new(Fault::ResponseLost).on(Operation::PutBlob));
    let error = block_on(BlobStore::put(
        &world.storage,
        &world.container,
        &blob(),
        "x".into(),
    ))
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(
        block_on(world.storage.length(&world.container, &blob()))?,
        Some(1)
    );
    Ok(())
}

#[test]
fn an_account_is_down_until_it_is_mended_and_others_are_not() -> Result<()> {
    let world = World::new();
    let other = ResourceUri::parse("https://acct2.queue.core.windows.net/q")?;
    world
        .storage
        .create(ResourceKind::Queue, &ResourcePath::from(&other))?;
    world.storage.plan(
        FaultPlan::new(Fault::Refused(ErrorKind::Connection))
            .in_account("acct1")
            .forever(),
    );
    for _ in 0..3 {
        let error = world.stage(0).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Connection, None));
        block_on(QueueStore::put(&world.storage, &world.queue, "x")).unwrap_err();
        block_on(QueueStore::put(&world.storage, &other, "x"))?;
    }
    world.storage.clear_faults();
    world.stage(0)
}

#[test]
fn a_plan_may_make_its_own_error_and_only_clients_meet_it() -> Result<()> {
    let world = World::new();
    let odd = Error::new(ErrorKind::Rejected, "stage the block").with_code("OddWeather");
    world.storage.plan(FaultPlan::new(Fault::Error(odd)).forever());
    world
        .storage
        .stage_block(&ResourcePath::from(&world.container), "b", "id", "x".into())?;
    assert_eq!(world.stage(0).unwrap_err().code(), Some("OddWeather"));
    Ok(())
}

#[test]
fn requests_are_counted_by_operation_and_place_whether_they_fail_or_not() -> Result<()> {
    let world = World::new();
    world
        .storage
        .plan(FaultPlan::new(Fault::Refused(ErrorKind::Throttled)));
    world.stage(0).unwrap_err();
    world.stage(0)?;
    block_on(world.storage.peek(&world.queue, 1))?;
    let place = ResourcePath::from(&world.container);
    assert_eq!(world.storage.request_count(Operation::StageBlock), 2);
    assert_eq!(world.storage.request_count_at(Operation::StageBlock, &place), 2);
    assert_eq!(
        world
            .storage
            .request_count_at(Operation::StageBlock, &ResourcePath::new("acct2", "data")),
        0
    );
    assert_eq!(world.storage.request_count(Operation::PutBlob), 0);
    Ok(())
}

#[test]
fn clones_share_one_storage() -> Result<()> {
    let world = World::new();
    world
        .storage
        .clone()
        .stage_block(&ResourcePath::from(&world.container), "b", "id", "x".into())?;
    assert_eq!(
        world
            .storage
            .staged_blocks(&ResourcePath::from(&world.container), "b"),
        1
    );
    assert!(!format!("{:?}", world.storage).contains("sig"));
    Ok(())
}
