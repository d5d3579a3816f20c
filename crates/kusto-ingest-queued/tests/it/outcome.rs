//! What the caller is told: a receipt, or an error that says what is known.

use kusto_fake::Fault;
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{ErrorKind, LocalSource, OnUnknownOutcome, ReceiptState, ReportLevel, ReportMethod};
use kusto_ingest_message::OperationStatus;
use kusto_storage::Operation;

use super::world::World;

#[test]
fn a_lost_answer_is_told_and_not_repeated() {
    let world = World::new();
    world.fail_posts(Fault::ResponseLost, 1);
    let error = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &properties())
        .expect_err("it may be there, and nobody knows");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    let receipt = error.receipt().expect("it tells what is known");
    assert!(
        matches!(&receipt.state, ReceiptState::Unknown { status: None, reason } if reason.contains("lost")),
        "{receipt:?}"
    );
    assert_eq!((receipt.ambiguous_sends, receipt.blob.is_some()), (1, true));
    assert_eq!(
        (world.request_count(Operation::PutMessage), world.messages().len()),
        (1, 1)
    );
}

#[test]
fn a_lost_answer_stays_unknown_when_sending_again_is_refused() {
    let mut world = World::new();
    world.client = world.client.with_on_unknown_outcome(OnUnknownOutcome::Retry);
    world.fail_posts(Fault::ResponseLost, 1);
    world.fail_posts(Fault::Refused(ErrorKind::Forbidden), 2);
    let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let error = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &tracked)
        .expect_err("the first may be there, and is");
    let receipt = error.receipt().expect("it tells what is known");
    assert!(
        matches!(&receipt.state, ReceiptState::Unknown { status: Some(_), .. }),
        "{receipt:?}"
    );
    assert!(
        !receipt.may_be_duplicated(),
        "it is not known to be there even once"
    );
    assert_eq!(
        (world.request_count(Operation::PutMessage), world.messages().len()),
        (3, 1)
    );
    assert_eq!(
        world.only_row().status,
        OperationStatus::Pending,
        "it is not given up"
    );
}

#[test]
fn s02_c98_neither_client_nor_receipt_shows_a_secret() {
    let world = World::new();
    let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::QueueAndTable);
    let receipt = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &tracked)
        .expect("nothing fails");
    let json = serde_json::to_string(&receipt).expect("a receipt is data");
    let shown = format!("{:?} {receipt:?} {json}", world.client);
    assert!(
        !shown.contains("SECRET") && !shown.contains("IDENTITY") && !shown.contains("sig="),
        "{shown}"
    );
}
