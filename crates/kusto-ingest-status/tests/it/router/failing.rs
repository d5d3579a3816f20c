//! Queues that fail, and requests that are stuck.

use std::time::Duration;

use futures::executor::block_on;
use futures::future::{join, join_all};
use kusto_fake::{Fault, FaultPlan, ResourcePath};
use kusto_ingest_core::{ErrorKind, PollSchedule, SourceId};
use kusto_ingest_resources::IngestionResources;
use kusto_ingest_status::Watch;
use kusto_storage::Operation;

use super::world::{VISIBILITY, World, is_success_of, outcome, sources, watch};
use crate::report_queues::queue;

fn unavailable() -> FaultPlan {
    FaultPlan::new(Fault::Refused(ErrorKind::Unavailable))
}

fn down(name: &str) -> FaultPlan {
    unavailable().at(ResourcePath::from(&queue(name))).forever()
}

#[test]
fn a_report_that_could_not_be_removed_is_not_delivered_twice_and_is_removed_when_it_comes_again() {
    let world = World::new();
    let router = world.router();
    let source = SourceId::random();
    let (mut first, second) = (watch(&router, source), router.watch(source));
    let mut second = second.with_limit(VISIBILITY * 4);
    world.succeeds(source);
    world
        .reports
        .storage
        .plan(unavailable().on(Operation::DeleteMessage));
    assert!(is_success_of(&block_on(first.outcome()).unwrap(), source));
    assert_eq!(world.reports.left("ok"), 1);
    assert_eq!(block_on(second.outcome()).unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(world.reports.left("ok"), 0);
}

#[test]
fn a_removal_that_is_stuck_does_not_keep_the_report_from_whom_it_is_for() {
    let world = World::new();
    let source = SourceId::random();
    world.succeeds(source);
    world.queues.deletions_are_stuck(true);
    assert!(is_success_of(&outcome(&world.router(), source), source));
    assert_eq!(world.passed(), VISIBILITY);
}

#[test]
fn a_wait_that_was_dropped_while_the_report_was_removed_gives_it_when_asked_again() {
    let world = World::new();
    let router = world.router();
    let source = SourceId::random();
    world.succeeds(source);
    let mut watch = watch(&router, source);
    world.queues.deletions_are_stuck(true);
    block_on(async {
        assert!(futures::poll!(Box::pin(watch.outcome())).is_pending());
    });
    world.queues.deletions_are_stuck(false);
    assert!(is_success_of(&block_on(watch.outcome()).unwrap(), source));
    assert_eq!(world.reports.left("ok"), 0);
}

#[test]
fn a_queue_that_is_down_does_not_keep_others_from_being_read() {
    let world = World::new();
    world.reports.storage.plan(down("f1"));
    let source = SourceId::random();
    world.succeeds(source);
    assert!(is_success_of(&outcome(&world.router(), source), source));
}

#[test]
fn when_no_queue_can_be_read_for_long_all_who_wait_are_told_and_later_ones_try_anew() {
    let world = World::new();
    for name in ["f1", "f2", "ok"] {
        world.reports.storage.plan(down(name));
    }
    let waits = [10, 60].map(Duration::from_secs);
    let router = world
        .router()
        .with_poll_schedule(PollSchedule::standard().with_failure_waits(waits, Duration::ZERO));
    let sources = sources(50);
    let mut watches: Vec<Watch> = sources.iter().map(|source| router.watch(*source)).collect();
    let records = block_on(join_all(watches.iter_mut().map(Watch::outcome)));
    for (record, source) in records.into_iter().zip(&sources) {
        let error = record.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(
            (error.code(), error.source_id()),
            (Some("StatusRetrievalFailed"), Some(*source))
        );
        assert!(
            !format!("{error:?} {}", error.chain()).contains("SECRET"),
            "{error:?}"
        );
    }
    assert_eq!(world.passed(), Duration::from_secs(10 + 20 + 70));

    world.reports.storage.clear_faults();
    world.succeeds(sources[7]);
    assert!(is_success_of(
        &block_on(watches[7].outcome()).unwrap(),
        sources[7]
    ));
}

#[test]
fn without_a_report_queue_nobody_waits() {
    let world = World::new();
    let router = world.router_where(IngestionResources::empty());
    let (mut one, mut two) = (router.watch(SourceId::random()), router.watch(SourceId::random()));
    let (one, two) = block_on(join(one.outcome(), two.outcome()));
    for error in [one.unwrap_err(), two.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::NoResources);
    }
    assert!(world.passed().is_zero());
}

#[test]
fn a_cluster_may_issue_queues_of_one_kind_only() {
    let world = World::new();
    let issued = IngestionResources::empty().with_success_queues([queue("ok")]);
    let source = SourceId::random();
    world.succeeds(source);
    assert!(is_success_of(
        &outcome(&world.router_where(issued), source),
        source
    ));
}
