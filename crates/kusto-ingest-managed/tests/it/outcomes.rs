//! Outcomes that nobody knows, by what was asked for, for every kind of source: who is asked, and what the caller gets.

use kusto_ingest_core::testing::SOURCE_ID;
use kusto_ingest_core::{
    Error, ErrorKind, FallbackReason, OnUnknownOutcome, Receipt, ReceiptState, Result, SourceId,
    StatusLocator,
};
use kusto_ingest_managed::{FallbackFailed, ManagedStreamingSettings};

use crate::world::{World, answered, busy, bytes, csv, lost, sources, unanswered};

/// What leaves open whether an attempt was carried out.
fn unknown_outcomes() -> Vec<Error> {
    vec![
        answered(408, "", None, None),
        answered(500, "General_InternalServerError", Some(false), None),
        answered(502, "", None, None),
        answered(504, "RequestExecutionTimeout", None, None),
        lost(),
        // Of a client that carries no receipt.
        unanswered(ErrorKind::OutcomeUnknown),
    ]
}

/// What was certainly not carried out, and passes.
fn nothing_done() -> Vec<Error> {
    vec![
        answered(429, "TooManyRequests", None, None),
        busy(),
        unanswered(ErrorKind::Connection),
        unanswered(ErrorKind::Io),
        unanswered(ErrorKind::Timeout),
    ]
}

fn world(on_unknown: OnUnknownOutcome) -> World {
    World::new(ManagedStreamingSettings::new()).with(|client| client.with_on_unknown_outcome(on_unknown))
}

/// The receipt of an outcome, also the one that an error carries.
fn receipt(given: &Result<Receipt>) -> &Receipt {
    match given {
        Ok(receipt) => receipt,
        Err(error) => {
            assert_eq!(
                (error.kind(), error.is_permanent()),
                (ErrorKind::OutcomeUnknown, false),
                "{error:?}"
            );
            let receipt = error.receipt().expect("it carries one");
            let unknown = matches!(receipt.state, ReceiptState::Unknown { .. });
            assert!(unknown && !receipt.may_be_duplicated(), "{receipt:?}");
            assert_eq!(
                error.source_id().map(|id| id.to_string()).as_deref(),
                Some(SOURCE_ID)
            );
            receipt
        }
    }
}

/// One cell of the table: how often streaming meets it, and what follows.
struct Expect {
    times: usize,
    asked: (usize, usize),
    state: Option<ReceiptState>,
    ambiguous: u32,
}

fn check(error: &Error, on_unknown: OnUnknownOutcome, expect: &Expect) {
    for (kind, source) in sources() {
        let what = format!(
            "{}, {kind}, {on_unknown:?}, {} times",
            error.chain(),
            expect.times
        );
        let world = world(on_unknown);
        world.engine.refuse(expect.times, error);
        let given = world.ingest(source, &csv());
        assert_eq!(world.asked(), expect.asked, "{what}");
        let receipt = receipt(&given);
        assert_eq!(receipt.ambiguous_sends, expect.ambiguous, "{what}");
        assert_eq!(
            receipt.streaming_attempts,
            u32::try_from(expect.asked.0).ok(),
            "{what}"
        );
        let is_doubled = expect.state.is_some() && expect.ambiguous > 0;
        assert_eq!(receipt.may_be_duplicated(), is_doubled, "{what}");
        assert_eq!(receipt.source_id.to_string(), SOURCE_ID, "{what}");
        assert_eq!(given.ok().map(|receipt| receipt.state), expect.state, "{what}");
    }
}

#[test]
fn s03_g45_a_reported_unknown_outcome_ends_it_with_an_error_that_carries_the_receipt() {
    for error in unknown_outcomes() {
        let expect = Expect {
            times: 1,
            asked: (1, 0),
            state: None,
            ambiguous: 1,
        };
        check(&error, OnUnknownOutcome::Report, &expect);
    }
}

#[test]
fn an_unknown_outcome_is_streamed_again_and_then_queued_by_default_and_counted() {
    assert_eq!(
        receipt(&{
            let world = World::refusing(1, &lost());
            world.ingest(bytes(), &csv())
        })
        .ambiguous_sends,
        1,
        "it is the default"
    );
    for error in unknown_outcomes() {
        for (times, asked, state, ambiguous) in [
            (1, (2, 0), ReceiptState::Streamed, 1),
            (2, (3, 0), ReceiptState::Streamed, 2),
            (3, (3, 1), ReceiptState::Queued, 3),
        ] {
            let state = Some(state);
            let expect = Expect {
                times,
                asked,
                state,
                ambiguous,
            };
            check(&error, OnUnknownOutcome::Retry, &expect);
        }
    }
}

#[test]
fn what_was_not_carried_out_is_tried_again_and_queued_whatever_was_chosen_and_not_counted() {
    for error in nothing_done() {
        for on_unknown in [OnUnknownOutcome::Report, OnUnknownOutcome::Retry] {
            for (times, asked, state) in [
                (1, (2, 0), ReceiptState::Streamed),
                (3, (3, 1), ReceiptState::Queued),
            ] {
                let expect = Expect {
                    times,
                    asked,
                    state: Some(state),
                    ambiguous: 0,
                };
                check(&error, on_unknown, &expect);
            }
        }
    }
}

#[test]
fn a_permanent_failure_after_an_unknown_outcome_leaves_it_unknown() {
    let wrong = answered(400, "Stream_WrongNumberOfFields", Some(true), None);
    let world = World::refusing(1, &lost());
    world.engine.refuse(1, &wrong);
    let given = world.ingest(bytes(), &csv());
    assert_eq!(world.asked(), (2, 0));
    let receipt = receipt(&given);
    assert_eq!(
        (receipt.ambiguous_sends, receipt.streaming_attempts),
        (1, Some(2))
    );
    let error = given.as_ref().expect_err("nobody knows");
    assert!(error.chain().contains("the engine's words"), "{}", error.chain());
    assert_eq!(error.attempts(), Some(2));
}

#[test]
fn the_sizes_that_streaming_told_stand_in_the_receipt_of_an_unknown_outcome() {
    let world = world(OnUnknownOutcome::Report);
    world.engine.refuse(1, &lost());
    let given = world.ingest(bytes(), &csv());
    let receipt = receipt(&given);
    assert_eq!((receipt.raw_bytes, receipt.sent_bytes), (Some(8), Some(30)));
}

/// The error of a queue that does not know whether it took the message, with the status that will tell.
fn lost_post(status: &StatusLocator) -> Error {
    let state = ReceiptState::Unknown {
        status: Some(status.clone()),
        reason: "the answer was lost".to_owned(),
    };
    let receipt = Receipt::new(
        SOURCE_ID.parse().expect("a GUID"),
        csv().database,
        csv().table,
        state,
    );
    let receipt = receipt.with_blob("https://h/c/b").with_ambiguous_sends(1);
    Error::new(ErrorKind::OutcomeUnknown, "put the message on a queue").with_receipt(receipt)
}

#[test]
fn a_queue_that_is_unknown_too_makes_the_sum_of_both() {
    let status = StatusLocator::new("https://h/t", SourceId::random());
    let forbidden = Error::new(ErrorKind::Forbidden, "put the message on a queue");
    for (streaming, queued, ambiguous, told) in [
        (lost(), lost_post(&status), 4, Some(&status)),
        (busy(), lost_post(&status), 1, Some(&status)),
        (lost(), forbidden.clone(), 3, None),
    ] {
        let what = format!("{} / {}", streaming.chain(), queued.chain());
        let world = World::refusing(3, &streaming);
        world.queue.refuse(1, &queued);
        let given = world.ingest(bytes(), &csv());
        assert_eq!(world.asked(), (3, 1), "{what}");
        let receipt = receipt(&given);
        assert_eq!(
            (
                receipt.ambiguous_sends,
                receipt.status_locator(),
                receipt.streaming_attempts
            ),
            (ambiguous, told, Some(3)),
            "{what}"
        );
        assert_eq!(receipt.blob.is_some(), told.is_some(), "{what}");
        assert!(
            matches!(receipt.fallback, Some(FallbackReason::Exhausted { .. })),
            "{what}: {receipt:?}"
        );
        let both =
            FallbackFailed::of(given.as_ref().expect_err("nobody knows")).expect("there are two causes");
        assert_eq!(
            (both.streaming().kind(), both.queued().kind()),
            (streaming.kind(), queued.kind())
        );
    }
    let world = World::refusing(3, &busy());
    world.queue.refuse(1, &forbidden);
    let error = world.ingest(bytes(), &csv()).expect_err("neither took it");
    assert_eq!(
        (error.kind(), error.receipt().is_none()),
        (ErrorKind::Forbidden, true)
    );
}

#[test]
fn what_went_to_the_queue_at_once_tells_of_its_unknown_outcome_as_well() {
    let status = StatusLocator::new("https://h/t", SourceId::random());
    let world = World::new(ManagedStreamingSettings::new());
    world.queue.refuse(1, &lost_post(&status));
    let given = world.ingest(bytes(), &csv().with_drop_by_tags(["x"]));
    let receipt = receipt(&given);
    assert_eq!(
        (
            receipt.ambiguous_sends,
            receipt.status_locator(),
            receipt.streaming_attempts
        ),
        (1, Some(&status), Some(0))
    );
    assert!(matches!(
        receipt.fallback,
        Some(FallbackReason::Properties { .. })
    ));
}

#[test]
fn ambiguous_sends_of_the_clients_themselves_count() {
    let world = World::refusing(1, &lost());
    world.engine.answer(ReceiptState::Streamed, 2);
    let streamed = world.ingest(bytes(), &csv()).expect("it is taken");
    assert_eq!(streamed.ambiguous_sends, 3);

    let world = World::refusing(3, &lost());
    world.queue.answer(ReceiptState::Queued, 1);
    let queued = world.ingest(bytes(), &csv()).expect("the queue takes it");
    assert_eq!((queued.ambiguous_sends, queued.may_be_duplicated()), (4, true));
}

#[test]
fn a_receipt_that_knows_nothing_counts_as_the_error_that_it_ought_to_be() {
    let unknown = ReceiptState::Unknown {
        status: None,
        reason: "the answer was lost".to_owned(),
    };
    let world = world(OnUnknownOutcome::Report);
    world.engine.answer(unknown.clone(), 0);
    let given = world.ingest(bytes(), &csv());
    assert!(given.is_err(), "{given:?}");
    assert_eq!(receipt(&given).ambiguous_sends, 1);

    let world = World::refusing(3, &busy());
    world.queue.answer(unknown, 0);
    let given = world.ingest(bytes(), &csv());
    assert!(given.is_err(), "{given:?}");
    assert_eq!(receipt(&given).ambiguous_sends, 1);
}
