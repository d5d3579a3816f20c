//! What is sent again from memory, and for how long.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use futures::join;
use kusto_fake::{Fault, FaultPlan};
use kusto_ingest_core::testing::{SECOND, pattern, properties};
use kusto_ingest_core::{Clock as _, DataFormat, Deadline, Error, ErrorKind, NoRetry, Result};
use kusto_ingest_upload::{BlobNaming, Uploaded, Uploader};
use kusto_storage::Operation;

use crate::world::{World, flowing, replayable, slow};

fn passing() -> [Fault; 7] {
    let refused = [
        ErrorKind::Throttled,
        ErrorKind::Unavailable,
        ErrorKind::Io,
        ErrorKind::Connection,
        ErrorKind::Timeout,
        ErrorKind::OutcomeUnknown,
    ];
    let [a, b, c, d, e, f] = refused.map(Fault::Refused);
    [a, b, c, d, e, f, Fault::ResponseLost]
}

#[test]
fn a_hundred_streams_with_one_failure_on_a_block_each_all_arrive() {
    for place in 0..100 {
        let world = World::new();
        let fault = passing()[place % 7].clone();
        let after = u32::try_from(place % 20).expect("it is small");
        world.fail(Operation::StageBlock, fault.clone(), after);
        world
            .upload(&flowing(20_000))
            .unwrap_or_else(|error| panic!("block {after}, {fault:?}: {}", error.chain()));
        assert_eq!(world.blob("a"), Some(pattern(20_000)), "block {after}, {fault:?}");
        assert_eq!(world.requests("a")[1..3], [21, 1], "block {after}, {fault:?}");
        assert_eq!(world.requests("b"), [0; 4], "block {after}, {fault:?}");
    }
}

#[test]
fn a_stream_that_has_no_other_account_asks_again_where_it_is_refused() {
    for kind in [
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::AlreadyExists,
    ] {
        for (operation, after) in [(Operation::StageBlock, 9), (Operation::CommitBlocks, 0)] {
            let world = World::new();
            world.fail(operation, Fault::Refused(kind), after);
            world
                .upload(&flowing(20_000))
                .expect("it is let in the second time");
            assert_eq!(world.blob("a"), Some(pattern(20_000)), "{kind:?} {operation:?}");
        }
    }
}

#[test]
fn a_failure_of_the_last_block_or_of_the_commit_sends_no_other_block_again() {
    for fault in passing() {
        for (operation, after, blocks, commits) in [
            (Operation::StageBlock, 19, 21, 1),
            (Operation::CommitBlocks, 0, 20, 2),
        ] {
            // A commit whose answer alone was lost is found to be done.
            let commits = if matches!(fault, Fault::ResponseLost) {
                1
            } else {
                commits
            };
            for source in [replayable(20_000), flowing(20_000)] {
                let world = World::new();
                world.fail(operation, fault.clone(), after);
                world.upload(&source).expect("it is sent again");
                assert_eq!(world.blob("a"), Some(pattern(20_000)));
                assert_eq!(
                    world.requests("a")[1..3],
                    [blocks, commits],
                    "{operation:?}, {fault:?}"
                );
            }
        }
    }
}

#[test]
fn a_container_that_fails_three_times_is_given_up_for_another_where_the_source_can_be_read_again() {
    let mut world = World::new();
    world.uploader = world.uploader.with_parallelism(1);
    world.fail_for_good(Operation::StageBlock, Fault::Refused(ErrorKind::Unavailable), 2);
    world.upload(&replayable(4_500)).expect("another one takes it");
    assert_eq!(world.requests("a"), [0, 2 + 3, 0, 0]);
    assert_eq!(world.requests("b"), [0, 5, 1, 0]);
    assert!(world.clock.monotonic() < 5 * SECOND);
}

/// Uploads a stream while all of storage is away, but for its first five blocks, for so long.
fn upload_while_storage_is_away(world: &World, away: Duration) -> Result<Uploaded> {
    world.fail_for_good(Operation::StageBlock, Fault::Refused(ErrorKind::Unavailable), 5);
    let properties = properties();
    let naming = BlobNaming::new(&properties, DataFormat::Parquet);
    let source = flowing(20_000);
    block_on(async {
        let back = async {
            world.clock.sleep(away).await;
            world.storage.clear_faults();
        };
        join!(world.uploader.upload(&source, &naming), back).0
    })
}

#[test]
fn a_stream_outlasts_storage_that_is_away_for_twenty_seconds() {
    let world = World::new();
    upload_while_storage_is_away(&world, 20 * SECOND).expect("it waits");
    assert_eq!(world.blob("a"), Some(pattern(20_000)));
}

#[test]
fn a_stream_gives_up_after_a_minute_and_others_of_its_uploader_soon_until_somebody_answers() {
    let world = World::new();
    let error = upload_while_storage_is_away(&world, 300 * SECOND).expect_err("it waits for a minute");
    assert_eq!(error.kind(), ErrorKind::SourceNotReplayable);
    let chain = error.chain();
    assert!(chain.contains("cannot be replayed"), "{chain}");
    assert!(chain.contains("stage the block: a test planned it"), "{chain}");

    world.fail_for_good(Operation::StageBlock, Fault::Refused(ErrorKind::Unavailable), 0);
    let before = world.requests("a")[1];
    world
        .upload(&replayable(4_500))
        .expect("the other account takes it");
    assert!(
        world.requests("a")[1] <= before + 2,
        "each of two blocks in flight once"
    );
}

#[test]
fn with_a_deadline_a_stream_gives_up_earlier_and_still_says_what_happened() {
    let world = World::new();
    world.fail_for_good(Operation::StageBlock, Fault::Refused(ErrorKind::Unavailable), 5);
    let deadline = Deadline::after(&world.clock, 10 * SECOND);
    let properties = properties();
    let naming = BlobNaming::new(&properties, DataFormat::Parquet).with_deadline(Some(deadline));
    let error = block_on(world.uploader.upload(&flowing(20_000), &naming)).expect_err("it takes too long");
    let took = world.clock.monotonic();
    assert!(took > 9 * SECOND && took <= 10 * SECOND, "{took:?}");
    assert!(
        error.chain().contains("stage the block: a test planned it"),
        "{}",
        error.chain()
    );
}

#[test]
fn who_is_asked_to_come_back_after_the_deadline_gives_up_at_once() {
    let later = || Fault::Error(Error::new(ErrorKind::Throttled, "ask").with_retry_after(30 * SECOND));
    let properties = properties();
    for (length, block) in [(900, 0), (4_500, 3)] {
        let world = World::new();
        world.storage.plan(FaultPlan::new(later()).after(block).forever());
        let deadline = Deadline::after(&world.clock, 10 * SECOND);
        let naming = BlobNaming::new(&properties, DataFormat::Parquet).with_deadline(Some(deadline));
        let error =
            block_on(world.uploader.upload(&flowing(length), &naming)).expect_err("it takes too long");
        assert_eq!(world.clock.monotonic(), Duration::ZERO, "{length}");
        assert!(error.is_retried(), "{}", error.chain());
    }
}

#[test]
fn an_upload_of_many_minutes_outlasts_a_failure_at_its_end() {
    // The rounds over accounts end a minute after the upload has begun: what failed then has no other one.
    let mut world = World::new();
    world.uploader = world.uploader.with_block_size(64 * 1024);
    let properties = properties();
    let naming = BlobNaming::new(&properties, DataFormat::Parquet);
    let source = slow(20 * 64 * 1024, &world.clock, 600 * SECOND);
    // That one of its first blocks failed is long over then, because others were answered since.
    world.fail(Operation::StageBlock, Fault::Refused(ErrorKind::Unavailable), 2);
    world.storage.plan(
        FaultPlan::new(Fault::Refused(ErrorKind::Unavailable))
            .on(Operation::StageBlock)
            .after(13)
            .times(8),
    );
    block_on(world.uploader.upload(&source, &naming)).expect("it is sent again");
    assert_eq!(world.requests("b"), [0; 4]);
}

#[test]
fn the_policy_that_is_set_decides_whether_a_block_is_sent_again() {
    let mut world = World::new();
    world.uploader = world.uploader.with_retry(Arc::new(NoRetry));
    world.fail(Operation::StageBlock, Fault::Refused(ErrorKind::Unavailable), 5);
    let error = world
        .upload(&flowing(20_000))
        .expect_err("nothing is tried again");
    assert_eq!(error.kind(), ErrorKind::SourceNotReplayable);
    assert_eq!(error.attempts(), Some(1));
}
