//! Commands of which nobody knows what they did: reported, or run again where that was asked for.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_endpoint::Dataset;
use kusto_ingest_core::{
    BlobSource, Error, ErrorKind, ExponentialRetry, LocalSource, NoRetry, OnUnknownOutcome, Receipt,
    ReceiptState, Result, Source,
};
use kusto_ingest_direct::{Batching, CommandMode};

use crate::world::{OPERATION, World, begun, blob, error, one_extent, operation, properties};

/// What leaves open whether a command was carried out.
fn unknown_outcomes() -> Vec<Result<Dataset>> {
    vec![
        Err(lost()),
        Err(error(ErrorKind::Timeout, 408)),
        Err(error(ErrorKind::Unavailable, 500)),
        Err(error(ErrorKind::Unavailable, 502)),
        Err(error(ErrorKind::Timeout, 504)),
        Err(Error::new(ErrorKind::Protocol, "read the answer").because("it is broken")),
        // It was answered, and the answer tells nothing.
        Ok(Dataset::default()),
    ]
}

/// What certainly did nothing, and passes.
fn nothing_done() -> Vec<Error> {
    let unsent = |kind| Error::new(kind, "send the request").because("it broke");
    vec![
        error(ErrorKind::Throttled, 429),
        error(ErrorKind::Unavailable, 503),
        unsent(ErrorKind::Connection),
        unsent(ErrorKind::Io),
        unsent(ErrorKind::Timeout),
    ]
}

fn lost() -> Error {
    Error::new(ErrorKind::OutcomeUnknown, "run the command").because("the answer was lost")
}

fn sources() -> [Source; 2] {
    [blob("f.csv").into(), LocalSource::from_bytes("a,1\n").into()]
}

fn retrying() -> World {
    let world = World::new();
    let client = world
        .client
        .clone()
        .with_on_unknown_outcome(OnUnknownOutcome::Retry);
    World { client, ..world }
}

/// The receipt that the error of an unknown outcome carries.
fn carried(error: &Error) -> &Receipt {
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::OutcomeUnknown, false),
        "{error:?}"
    );
    let receipt = error.receipt().expect("it carries one");
    assert!(
        matches!(receipt.state, ReceiptState::Unknown { status: None, .. }),
        "{receipt:?}"
    );
    assert_eq!(error.source_id(), Some(receipt.source_id));
    receipt
}

#[test]
fn s03_g16_an_unknown_outcome_is_an_error_with_the_receipt_and_nothing_is_sent_again() {
    for answer in unknown_outcomes() {
        for source in sources() {
            let (world, id) = (World::new(), source.id());
            world.engine.once(".ingest", answer.clone());
            let error = world.ingest(source).expect_err("nobody knows");
            let receipt = carried(&error);
            assert_eq!((receipt.source_id, receipt.ambiguous_sends), (id, 1));
            assert_eq!(world.sent().len(), 1, "{answer:?}");
        }
    }
}

#[test]
fn an_unknown_outcome_is_run_again_for_who_chose_so_and_counted() {
    for answer in unknown_outcomes() {
        for source in sources() {
            let world = retrying();
            world.engine.once(".ingest", answer.clone());
            world.engine.once(".ingest", Ok(one_extent()));
            let receipt = world.ingest(source).expect("the second is answered");
            assert!(
                matches!(receipt.state, ReceiptState::Ingested { .. }),
                "{receipt:?}"
            );
            assert_eq!((receipt.ambiguous_sends, receipt.may_be_duplicated()), (1, true));
            assert_eq!(world.sent().len(), 2, "{answer:?}");
        }
    }
}

#[test]
fn what_did_nothing_is_run_again_whatever_was_chosen_and_not_counted() {
    for refused in nothing_done() {
        for world in [World::new(), retrying()] {
            world.engine.once(".ingest", Err(refused.clone()));
            world.engine.once(".ingest", Ok(one_extent()));
            let receipt = world.ingest(blob("f.csv")).expect("the second is answered");
            assert_eq!(
                (receipt.ambiguous_sends, world.sent().len()),
                (0, 2),
                "{refused:?}"
            );
        }
    }
}

#[test]
fn however_the_last_attempt_ends_an_earlier_one_may_have_worked() {
    for (answers, sent, ambiguous) in [
        (vec![lost(), lost(), lost()], 3, 3),
        (vec![lost(), error(ErrorKind::Rejected, 400)], 2, 1),
        (vec![lost(), error(ErrorKind::Throttled, 429), lost()], 3, 2),
    ] {
        let world = retrying();
        answers
            .iter()
            .for_each(|answer| world.engine.once(".ingest", Err(answer.clone())));
        let error = world.ingest(blob("f.csv")).expect_err("nobody knows");
        assert_eq!(
            (carried(&error).ambiguous_sends, world.sent().len()),
            (ambiguous, sent),
            "{answers:?}"
        );
    }
}

#[test]
fn the_policy_says_how_often_and_may_say_once() {
    for (policy, sent) in [
        (Arc::new(NoRetry) as Arc<dyn kusto_ingest_core::RetryPolicy>, 1),
        (Arc::new(ExponentialRetry::new(2)), 2),
    ] {
        let world = retrying();
        for _ in 0..3 {
            world.engine.once(".ingest", Err(lost()));
        }
        let client = world.client.clone().with_retry(policy);
        let world = World { client, ..world };
        let error = world.ingest(blob("f.csv")).expect_err("nobody knows");
        assert_eq!((world.sent().len(), error.attempts()), (sent, Some(sent as u32)));
    }
}

#[test]
fn every_source_of_a_batch_carries_its_own_receipt() {
    let world = World::new();
    let client = world
        .client
        .clone()
        .with_batching(Batching::many_per_command())
        .with_mode(CommandMode::Sync);
    world
        .engine
        .once(".ingest", Err(error(ErrorKind::Unavailable, 500)));
    let properties = properties();
    let blobs = ["1.csv", "2.csv"].map(blob);
    let ids = blobs.each_ref().map(BlobSource::id);
    let sources = blobs.map(|blob| (blob.into(), &properties));
    let result = block_on(client.ingest_many(sources.into()));
    assert_eq!((result.receipts().count(), result.unknown().count()), (0, 2));
    let told: Vec<_> = result
        .unknown()
        .map(|error| (carried(error).source_id, carried(error).blob.clone()))
        .collect();
    assert_eq!(told.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ids);
    assert!(
        told[1].1.as_deref().is_some_and(|blob| blob.ends_with("/2.csv")),
        "{told:?}"
    );
    assert!(result.into_result().is_err(), "a possible loss is no success");
}

#[test]
fn an_operation_that_began_after_an_unknown_outcome_tells_of_it() {
    let world = retrying();
    let client = world.client.clone().with_mode(CommandMode::Async);
    world.engine.once(".ingest async", Err(lost()));
    world.engine.once(".ingest async", Ok(begun()));
    world
        .engine
        .once(".show operations", Ok(operation("Completed", "")));
    let world = World { client, ..world };
    let receipt = world.ingest(blob("f.csv")).expect("begun");
    assert_eq!(
        (
            receipt.operation().map(|id| id.to_string()).as_deref(),
            receipt.ambiguous_sends
        ),
        (Some(OPERATION), 1)
    );
    let done = block_on(world.client.wait_for_operation(&receipt)).expect("done");
    assert_eq!((done.ambiguous_sends, done.may_be_duplicated()), (1, true));
}
