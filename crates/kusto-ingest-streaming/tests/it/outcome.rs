//! What the caller is told: a receipt, or an error that says what is known.

use std::sync::Arc;

use kusto_endpoint::StreamingOutcome;
use kusto_ingest_core::testing::SOURCE_ID;
use kusto_ingest_core::{Error, ErrorKind, ExponentialRetry, ReceiptState, Source};

use super::world::{World, blob, busy, bytes, csv, lost, wrong};

#[test]
fn s03_g27_no_consumed_records_are_a_success() {
    let world = World::new();
    world.engine.once(Ok(StreamingOutcome::of_records(0)));
    let receipt = world.ingest(bytes("1\n"), &csv()).expect("it is a success");
    assert_eq!(receipt.state, ReceiptState::Streamed);
}

#[test]
fn a_failure_is_told_with_its_source_and_not_tried_again_unasked() {
    let world = World::answering([busy()]);
    let error = world
        .ingest(bytes("1\n"), &csv())
        .expect_err("the service is busy");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Unavailable, false)
    );
    assert_eq!(
        error.source_id().map(|id| id.to_string()).as_deref(),
        Some(SOURCE_ID)
    );
    assert_eq!(world.requests().len(), 1);
}

#[test]
fn an_unknown_outcome_is_an_error_that_carries_the_receipt() {
    let text = Source::from(bytes("1\n"));
    let address = Source::from(blob("https://h/b.csv?sig=SECRET").with_raw_size(2));
    for (source, sizes, blob) in [
        (text, (Some(2), true), None),
        (address, (Some(2), false), Some("https://h/b.csv")),
    ] {
        let mut world = World::answering([lost()]);
        world.client = world.client.with_retry(Arc::new(ExponentialRetry::new(3)));
        let error = world
            .ingest(source, &csv())
            .expect_err("nobody knows whether it is there");
        assert_eq!(
            (error.kind(), error.is_permanent()),
            (ErrorKind::OutcomeUnknown, false)
        );
        assert_eq!(
            error.source_id().map(|id| id.to_string()).as_deref(),
            Some(SOURCE_ID)
        );
        let receipt = error.receipt().expect("it carries one");
        assert!(
            matches!(&receipt.state, ReceiptState::Unknown { status: None, reason } if reason.contains("lost")),
            "{receipt:?}"
        );
        assert_eq!((receipt.ambiguous_sends, receipt.may_be_duplicated()), (1, false));
        assert_eq!((receipt.raw_bytes, receipt.sent_bytes.is_some()), sizes);
        assert_eq!(receipt.blob.as_deref(), blob);
        assert_eq!(world.requests().len(), 1, "it is not sent again");
        assert!(!format!("{error:?} {receipt:?}").contains("SECRET"));
    }
}

#[test]
fn what_was_certainly_not_carried_out_carries_no_receipt() {
    let connection = Error::new(ErrorKind::Connection, "connect");
    let broken = Error::new(ErrorKind::Io, "send the request");
    let late = Error::new(ErrorKind::Timeout, "send the request");
    let slow_down = Error::new(ErrorKind::Throttled, "stream the data").with_http_status(429);
    for refused in [busy(), wrong(), connection, broken, late, slow_down] {
        let world = World::answering([refused.clone()]);
        let error = world.ingest(bytes("1\n"), &csv()).expect_err("it is refused");
        assert_eq!(error.kind(), refused.kind());
        assert!(error.receipt().is_none(), "{error:?}");
        assert_eq!(error.attempts(), Some(1), "nobody else is to try it again");
    }
}
