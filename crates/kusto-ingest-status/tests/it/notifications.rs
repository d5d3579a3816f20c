//! The report queues that all clients of a cluster share.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use kusto_fake::{Fault, FaultPlan, ResourcePath};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{Error, ErrorKind};
use kusto_ingest_message::{FailureNotification, Report, SuccessNotification};
use kusto_ingest_resources::FixedResources;
use kusto_ingest_status::Notifications;
use kusto_storage::{MessageHandle, MockQueueStore, Operation, ReceivedMessage};

use crate::report_queues::{ReportQueues, issued, queue};

struct World {
    reports: ReportQueues,
    notifications: Notifications,
}

fn resources(failure_queues: &[&str]) -> FixedResources {
    FixedResources::issuing(issued(failure_queues))
}

/// A world with these failure queues, each with so many reports, and one success queue without.
fn world(failure_queues: &[(&str, usize)]) -> World {
    let names: Vec<&str> = failure_queues.iter().map(|(name, _)| *name).collect();
    let reports = ReportQueues::new(clock(), &names);
    let store = Arc::new(reports.storage.clone());
    let notifications = Notifications::new(store, Arc::new(resources(&names)));
    for (name, count) in failure_queues {
        for number in 0..*count {
            let mut failure = FailureNotification::default();
            failure.table = format!("{name}-{number}");
            reports.put(name, &failure.encode());
        }
    }
    World {
        reports,
        notifications,
    }
}

impl World {
    fn take(&self, limit: usize) -> Vec<String> {
        tables(block_on(self.notifications.take_failures(limit)).expect("the queues can be read"))
    }

    fn peek(&self, limit: usize) -> Vec<String> {
        tables(block_on(self.notifications.peek_failures(limit)).expect("the queues can be read"))
    }
}

fn tables(reports: Vec<Report<FailureNotification>>) -> Vec<String> {
    let read = reports.into_iter().map(Report::into_notification);
    read.map(|notification| notification.expect("each is a notification").table)
        .collect()
}

#[test]
fn s02_c85_reports_are_taken_from_where_they_are_and_none_is_left_hidden() {
    let world = world(&[("f1", 8), ("f2", 0)]);
    assert_eq!(world.take(6), ["f1-0", "f1-1", "f1-2", "f1-3", "f1-4", "f1-5"]);
    assert_eq!(world.reports.storage.request_count(Operation::DeleteMessage), 6);
    assert_eq!((world.reports.left("f1"), world.reports.visible("f1")), (2, 2));
    assert_eq!(world.take(6), ["f1-6", "f1-7"]);
    assert_eq!(world.take(6), [""; 0]);
}

#[test]
fn every_queue_gives_its_share_and_each_is_first_once() {
    let world = world(&[("f1", 9), ("f2", 9)]);
    assert_eq!(world.take(4), ["f1-0", "f1-1", "f2-0", "f2-1"]);
    assert_eq!(world.take(1), ["f2-2"]);
    assert_eq!(world.take(1), ["f1-2"]);
}

#[test]
fn s02_c86_no_request_asks_for_more_than_thirty_two_and_none_for_nothing() {
    let world = world(&[("f1", 50)]);
    assert_eq!(world.take(Notifications::DEFAULT_LIMIT).len(), 32);
    assert_eq!(world.take(0).len() + world.peek(0).len(), 0);
    assert_eq!(world.reports.storage.request_count(Operation::ReceiveMessages), 1);
    assert_eq!(world.reports.storage.request_count(Operation::PeekMessages), 0);

    let mut store = MockQueueStore::new();
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = asked.clone();
    store.expect_receive().returning(move |_, max, hidden_for| {
        assert_eq!(hidden_for, Duration::from_secs(30));
        noted.lock().unwrap().push(max);
        let handle = MessageHandle::new("id", "receipt");
        Ok(vec![ReceivedMessage::new(handle, "{}"); usize::from(max)])
    });
    store.expect_delete().times(40).returning(|_, _| Ok(()));
    let notifications = Notifications::new(Arc::new(store), Arc::new(resources(&["f1"])));
    assert_eq!(block_on(notifications.take_failures(40)).unwrap().len(), 40);
    assert_eq!(*asked.lock().unwrap(), [32, 8]);
}

#[test]
fn peeking_takes_nothing_and_mixes_the_queues() {
    let world = world(&[("f1", 3), ("f2", 1)]);
    assert_eq!(world.peek(3), ["f1-0", "f2-0", "f1-1"]);
    assert_eq!(world.peek(9).len(), 4);
    assert_eq!((world.reports.left("f1"), world.reports.visible("f1")), (3, 3));
}

#[test]
fn s02_c87_a_report_that_cannot_be_read_is_given_and_removed_like_others() {
    let world = world(&[("f1", 0)]);
    world.reports.put("f1", "bm8gSlNPTg==");
    world.reports.put("f1", r#"{"Table":"t","ErrorCode":17}"#);
    let reports = block_on(world.notifications.take_failures(9)).unwrap();
    assert_eq!((reports[0].notification(), reports[0].raw()), (None, "no JSON"));
    assert_eq!(reports[1].notification().unwrap().table, "t");
    assert_eq!(world.reports.left("f1"), 0);
}

#[test]
fn successes_are_read_from_their_own_queue() {
    let world = world(&[("f1", 1)]);
    let mut success = SuccessNotification::default();
    success.table = "t".to_owned();
    world.reports.put("ok", &success.encode());
    let peeked = block_on(world.notifications.peek_successes(9)).unwrap();
    assert_eq!(peeked[0].notification(), Some(&success));
    assert_eq!(block_on(world.notifications.take_successes(9)).unwrap(), peeked);
    assert_eq!((world.reports.left("ok"), world.reports.left("f1")), (0, 1));
}

#[test]
fn what_one_queue_gave_is_not_lost_when_another_fails() {
    let world = world(&[("f1", 2), ("f2", 2)]);
    let down = || Fault::Refused(ErrorKind::Unavailable);
    world.reports.storage.plan(
        FaultPlan::new(down())
            .at(ResourcePath::from(&queue("f2")))
            .forever(),
    );
    assert_eq!(world.take(4), ["f1-0", "f1-1"]);
    let error = block_on(world.notifications.take_failures(4)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!format!("{error:?} {}", error.chain()).contains("SECRET"));
    assert_eq!(world.reports.left("f2"), 2);
}

#[test]
fn a_report_that_could_not_be_removed_is_given_and_comes_again() {
    let world = world(&[("f1", 1)]);
    let down = Fault::Refused(ErrorKind::Unavailable);
    world
        .reports
        .storage
        .plan(FaultPlan::new(down).on(Operation::DeleteMessage));
    assert_eq!(world.take(1), ["f1-0"]);
    assert_eq!((world.reports.left("f1"), world.reports.visible("f1")), (1, 0));
    world.reports.clock.advance(Duration::from_secs(31));
    assert_eq!(world.take(1), ["f1-0"]);
}

#[test]
fn without_a_queue_there_are_no_reports_but_an_error() {
    let world = world(&[]);
    let error = block_on(world.notifications.peek_failures(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoResources);
}

#[test]
fn who_looks_whether_there_are_reports_takes_none() {
    let world = world(&[("f1", 0), ("f2", 1)]);
    assert!(block_on(world.notifications.has_failures()).unwrap());
    assert!(!block_on(world.notifications.has_successes()).unwrap());
    assert_eq!(world.reports.visible("f2"), 1);
    world.take(1);
    assert!(!block_on(world.notifications.has_failures()).unwrap());
}

#[test]
fn nobody_says_that_there_are_no_reports_while_a_queue_is_down() {
    let world = world(&[("f1", 0), ("f2", 0)]);
    let down = Fault::Refused(ErrorKind::Unavailable);
    world.reports.storage.plan(
        FaultPlan::new(down)
            .at(ResourcePath::from(&queue("f1")))
            .forever(),
    );
    let error = block_on(world.notifications.has_failures()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    world.reports.put("f2", "{}");
    assert!(block_on(world.notifications.has_failures()).unwrap());
}

#[test]
fn clearing_empties_all_queues_of_a_kind_and_no_other() {
    let world = world(&[("f1", 40), ("f2", 3)]);
    world.reports.put("ok", "{}");
    block_on(world.notifications.clear_failures()).unwrap();
    assert_eq!(
        (
            world.reports.left("f1"),
            world.reports.left("f2"),
            world.reports.left("ok")
        ),
        (0, 0, 1)
    );
    assert_eq!(world.reports.storage.request_count(Operation::ClearMessages), 2);
    assert_eq!(world.reports.storage.request_count(Operation::ReceiveMessages), 0);
    block_on(world.notifications.clear_successes()).unwrap();
    assert_eq!(world.reports.left("ok"), 0);
}

#[test]
fn a_queue_whose_sas_does_not_allow_clearing_is_emptied_message_by_message() {
    let world = world(&[("f1", 70)]);
    let refused = Fault::Refused(ErrorKind::Forbidden);
    let plan = FaultPlan::new(refused).on(Operation::ClearMessages).forever();
    world.reports.storage.plan(plan);
    block_on(world.notifications.clear_failures()).unwrap();
    assert_eq!(world.reports.left("f1"), 0);
    assert_eq!(world.reports.storage.request_count(Operation::ReceiveMessages), 3);
}

/// A queue that may not be cleared, and from which as much comes as is asked for, so many times and not once more.
fn full(times: usize) -> MockQueueStore {
    let refuse = |why| Error::new(why, "use the queue");
    let mut store = MockQueueStore::new();
    store
        .expect_clear()
        .returning(move |_| Err(refuse(ErrorKind::Forbidden)));
    let mut left = times;
    store.expect_receive().returning(move |_, max, _| {
        let handle = MessageHandle::new("id", "receipt");
        let count = usize::from(max) * usize::from(left > 0);
        left = left.saturating_sub(1);
        Ok(vec![ReceivedMessage::new(handle, "{}"); count])
    });
    store.expect_delete().times(times * 32).returning(|_, _| Ok(()));
    store
}

#[test]
fn emptying_a_queue_ends_though_somebody_keeps_filling_it() {
    let notifications = |store| Notifications::new(Arc::new(store), Arc::new(resources(&["f1"])));
    let error = block_on(notifications(full(320)).clear_failures()).unwrap_err();
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Unavailable, false)
    );
    assert!(
        error
            .chain()
            .contains("10240 reports were removed, and there are more"),
        "{}",
        error.chain()
    );
    block_on(notifications(full(319)).clear_failures()).expect("nothing was left");
}

#[test]
fn a_queue_too_long_for_one_request_is_cleared_by_several() {
    let world = world(&[("f1", 2)]);
    let too_long = Error::new(ErrorKind::Unavailable, "clear").with_code("OperationTimedOut");
    let plan = FaultPlan::new(Fault::Error(too_long)).on(Operation::ClearMessages);
    world.reports.storage.plan(plan.times(3));
    block_on(world.notifications.clear_failures()).unwrap();
    assert_eq!(world.reports.storage.request_count(Operation::ClearMessages), 4);
    assert_eq!(world.reports.storage.request_count(Operation::ReceiveMessages), 0);
    assert_eq!(world.reports.left("f1"), 0);
}

#[test]
fn what_could_not_be_cleared_is_an_error_after_all_else_was() {
    let world = world(&[("f1", 2), ("f2", 2)]);
    let down = Fault::Refused(ErrorKind::Unavailable);
    world.reports.storage.plan(
        FaultPlan::new(down)
            .at(ResourcePath::from(&queue("f1")))
            .forever(),
    );
    let error = block_on(world.notifications.clear_failures()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!error.chain().contains("SECRET"), "{error:?}");
    assert_eq!((world.reports.left("f1"), world.reports.left("f2")), (2, 0));
}
