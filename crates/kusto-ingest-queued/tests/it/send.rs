//! Which queue gets a message, and what is posted again.

use std::sync::Arc;

use kusto_fake::Fault;
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{
    ErrorKind, LocalSource, NoRetry, OnUnknownOutcome, ReceiptState, ReportLevel, ReportMethod,
};
use kusto_ingest_message::OperationStatus;
use kusto_storage::Operation;

use super::world::World;

#[test]
fn the_next_account_is_tried_when_a_queue_refuses() {
    let world = World::new();
    world.fail_posts(Fault::Refused(ErrorKind::Throttled), 1);
    world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &properties())
        .expect("the second queue takes it");
    assert_eq!(
        (world.request_count(Operation::PutMessage), world.messages().len()),
        (2, 1)
    );
}

#[test]
fn s02_c22_when_every_post_fails_the_row_says_so_and_the_error_shows_no_secret() {
    let world = World::new();
    world.fail_posts(Fault::Refused(ErrorKind::Unavailable), u32::MAX);
    let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let error = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &tracked)
        .expect_err("no queue takes it");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let rounds = u64::from(error.attempts().expect("it was tried again"));
    assert!(rounds > 3, "for a minute: {rounds}");
    assert_eq!(
        world.request_count(Operation::PutMessage),
        2 * rounds,
        "each queue once a round"
    );
    assert_eq!(world.only_row().status, OperationStatus::Failed);
    assert!(!format!("{error:?} {}", error.chain()).contains("SECRET"));
}

#[test]
fn s02_c100_a_policy_of_no_retries_makes_one_round_over_the_queues() {
    let mut world = World::with_resources(&["a", "b", "c"], &["a"]);
    world.client = world.client.with_post_retry(Arc::new(NoRetry));
    world.fail_posts(Fault::Refused(ErrorKind::Unavailable), 3);
    let source = || LocalSource::from_bytes("1\n").with_name("a.csv");
    let error = world
        .ingest(source(), &properties())
        .expect_err("there is no second round");
    assert_eq!(
        (error.kind(), world.request_count(Operation::PutMessage)),
        (ErrorKind::Unavailable, 3)
    );
    assert!(
        world.ingest(source(), &properties()).is_ok(),
        "the queues are well"
    );
}

#[test]
fn a_lost_answer_is_repeated_only_for_a_caller_who_chose_so() {
    let mut world = World::new();
    world.client = world.client.with_on_unknown_outcome(OnUnknownOutcome::Retry);
    world.fail_posts(Fault::ResponseLost, 1);
    let receipt = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &properties())
        .expect("sent twice");
    assert_eq!(receipt.state, ReceiptState::Queued);
    assert_eq!((receipt.ambiguous_sends, receipt.may_be_duplicated()), (1, true));
    assert_eq!(world.messages().len(), 2, "the caller accepted that");
}
