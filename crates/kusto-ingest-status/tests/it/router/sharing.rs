//! The queues belong to all: each router takes what is its own, and nothing else.

use std::time::Duration;

use futures::executor::block_on;
use futures::future::{join, join_all, join3};
use kusto_ingest_core::{Clock as _, ErrorKind, SourceId};
use kusto_ingest_message::{IngestionErrorCode, OperationStatus};
use kusto_ingest_status::{StatusRouter, Watch};

use super::world::{VISIBILITY, World, is_success_of, outcome, sources, watch};

async fn outcomes(watches: &mut [Watch]) -> Vec<SourceId> {
    let records = join_all(watches.iter_mut().map(Watch::outcome)).await;
    let source = |record: kusto_ingest_core::Result<kusto_ingest_message::StatusRecord>| {
        record
            .expect("a report comes")
            .source_id
            .expect("it names its source")
    };
    records.into_iter().map(source).collect()
}

fn watches(router: &StatusRouter, sources: &[SourceId]) -> Vec<Watch> {
    sources.iter().map(|source| watch(router, *source)).collect()
}

#[test]
fn two_routers_share_the_queues_and_each_sees_exactly_its_own_results() {
    for foreign in [0, 100] {
        let world = World::new();
        let (ours, theirs) = (sources(40), sources(40));
        world.foreign(foreign);
        for (number, (mine, thine)) in ours.iter().zip(&theirs).enumerate() {
            world.succeeds(*thine);
            match number % 3 {
                0 => world.fails("f1", *mine),
                1 => world.fails("f2", *mine),
                _ => world.succeeds(*mine),
            }
        }
        let (a, b) = (world.router(), world.router());
        let (mut of_a, mut of_b) = (watches(&a, &ours), watches(&b, &theirs));
        let (seen_by_a, seen_by_b) = block_on(join(outcomes(&mut of_a), outcomes(&mut of_b)));
        assert_eq!((seen_by_a, seen_by_b), (ours, theirs));
        assert_eq!(
            (
                world.reports.left("ok"),
                world.reports.left("f1"),
                world.reports.left("f2")
            ),
            (foreign, 0, 0)
        );
        assert_eq!(world.deleted(), 80);
    }
}

#[test]
fn a_router_that_always_digs_just_before_another_does_not_starve_it() {
    for _ in 0..4 {
        let world = World::new();
        let (a, b) = (world.router(), world.router());
        let limit = Duration::from_secs(120);
        let source = SourceId::random();
        let mut in_vain = a.watch(SourceId::random()).with_limit(limit);
        let mut watch = b.watch(source).with_limit(limit);
        // Whenever `b` looks, `a` has just hidden all there was.
        let just_after = async {
            world.reports.clock.sleep(Duration::from_millis(1)).await;
            watch.outcome().await
        };
        let service = async {
            world.reports.clock.sleep(Duration::from_secs(22)).await;
            world.succeeds(source);
            world.foreign(60);
        };
        let (nothing, record, ()) = block_on(join3(in_vain.outcome(), just_after, service));
        assert_eq!(nothing.unwrap_err().kind(), ErrorKind::Timeout);
        assert!(is_success_of(&record.expect("it has its turn"), source));
        assert_eq!(world.reports.left("ok"), 60);
    }
}

#[test]
fn a_router_that_is_killed_loses_nothing() {
    let world = World::new();
    let sources = sources(4);
    sources.iter().for_each(|source| world.succeeds(*source));
    let killed = world.router();
    let mut watches = watches(&killed, &sources);
    // It has received all four, of which one was taken.
    block_on(watches[0].outcome()).unwrap();
    assert_eq!((world.reports.left("ok"), world.reports.visible("ok")), (3, 0));
    drop(watches);
    drop(killed);

    let next = world.router();
    for source in &sources[1..] {
        assert!(is_success_of(&outcome(&next, *source), *source));
    }
    assert_eq!(world.reports.left("ok"), 0);
    assert_eq!(world.deleted(), 4);
}

#[test]
fn a_router_that_is_killed_while_it_takes_a_report_loses_nothing() {
    let world = World::new();
    let source = SourceId::random();
    world.succeeds(source);
    world.queues.deletions_are_stuck(true);
    let killed = world.router();
    let mut watch = killed.watch(source);
    block_on(async {
        assert!(futures::poll!(Box::pin(watch.outcome())).is_pending());
    });
    drop((watch, killed));
    world.queues.deletions_are_stuck(false);
    assert!(is_success_of(&outcome(&world.router(), source), source));
}

#[test]
fn a_hundred_foreign_reports_in_front_do_not_starve_it() {
    let world = World::new();
    world.foreign(100);
    let source = SourceId::random();
    world.succeeds(source);
    assert!(is_success_of(&outcome(&world.router(), source), source));
    assert!(world.passed().is_zero(), "the first look finds it");
    assert_eq!((world.reports.left("ok"), world.deleted()), (100, 1));
}

#[test]
fn what_one_look_cannot_get_past_the_next_one_does() {
    let world = World::new();
    world.foreign(1_100);
    let source = SourceId::random();
    world.succeeds(source);
    outcome(&world.router(), source);
    assert!(world.passed() <= VISIBILITY, "{:?}", world.passed());
    assert_eq!(world.reports.left("ok"), 1_100);
}

#[test]
fn what_is_not_ours_reappears_and_is_not_hidden_where_nothing_of_ours_is_behind_it() {
    let world = World::new();
    world.foreign(3);
    let source = SourceId::random();
    world.succeeds(source);
    world.foreign(2);
    outcome(&world.router(), source);
    assert_eq!((world.reports.left("ok"), world.reports.visible("ok")), (5, 2));
    world.reports.clock.advance(VISIBILITY);
    assert_eq!(world.reports.visible("ok"), 5);

    let limited = world
        .router()
        .watch(SourceId::random())
        .with_limit(VISIBILITY * 3);
    let mut limited = limited;
    let received = world.received();
    assert_eq!(
        block_on(limited.outcome()).unwrap_err().kind(),
        ErrorKind::Timeout
    );
    assert_eq!((world.received(), world.reports.visible("ok")), (received, 5));
}

#[test]
fn reports_that_cannot_be_read_block_nobody_and_are_left() {
    let world = World::new();
    for _ in 0..40 {
        world.reports.put("f2", "bm8gSlNPTg==");
        world.reports.put("f2", "{}");
    }
    let source = SourceId::random();
    world.fails("f2", source);
    let record = outcome(&world.router(), source);
    assert_eq!(record.status, OperationStatus::Failed);
    assert_eq!(record.error_code, Some(IngestionErrorCode::BadRequestEmptyBlob));
    assert_eq!((world.reports.left("f2"), world.deleted()), (80, 1));
    world.reports.clock.advance(VISIBILITY);
    assert_eq!(world.reports.visible("f2"), 32);
}

#[test]
fn a_source_in_chunks_has_a_watch_for_each_report_and_none_has_that_of_another() {
    let world = World::new();
    let router = world.router();
    let source = SourceId::random();
    let (mut first, mut second) = (router.watch(source), router.watch(source));
    world.fails("f1", source);
    let mut second_alone = second.with_limit(VISIBILITY * 4);
    assert_eq!(block_on(first.outcome()).unwrap().status, OperationStatus::Failed);
    let error = block_on(second_alone.outcome()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "one report is for one watch");
    second = second_alone;
    world.succeeds(source);
    assert_eq!(
        block_on(second.outcome()).unwrap().status,
        OperationStatus::Succeeded
    );
    assert_eq!(world.deleted(), 2);
}
