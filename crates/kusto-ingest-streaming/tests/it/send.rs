//! What is sent again, and what is not.

use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::{ErrorKind, ExponentialRetry, LocalSource, OnUnknownOutcome, ReceiptState};

use super::world::{World, busy, bytes, csv, lost, wrong};

#[test]
fn a_retry_policy_sends_the_same_request_again() {
    let asked = busy().with_retry_after(Duration::from_secs(3));
    let mut world = World::answering([asked.clone(), asked]);
    world.client = world.client.with_retry(Arc::new(ExponentialRetry::new(3)));
    world
        .ingest(LocalSource::from_reader(&b"1\n"[..]), &csv())
        .expect("the third is taken");
    let requests = world.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| *request == requests[0]));
    let jitter = ExponentialRetry::default().initial_backoff;
    let (least, most) = (Duration::from_secs(6), Duration::from_secs(6) + 2 * jitter);
    assert!((least..=most).contains(&world.waited()), "{:?}", world.waited());
}

#[test]
fn an_unknown_outcome_is_sent_again_only_for_who_chose_so_and_counted() {
    for (answers, requests, state, ambiguous) in [
        (vec![lost()], 2, Some(ReceiptState::Streamed), 1),
        (vec![busy(), lost()], 3, Some(ReceiptState::Streamed), 1),
        (vec![lost(), lost(), lost()], 3, None, 3),
        (vec![lost(), wrong()], 2, None, 1),
        (vec![lost(), busy(), busy()], 3, None, 1),
    ] {
        let what = format!("{answers:?}");
        let mut world = World::answering(answers);
        world.client = world
            .client
            .with_retry(Arc::new(ExponentialRetry::new(3)))
            .with_on_unknown_outcome(OnUnknownOutcome::Retry);
        let given = world.ingest(bytes("1\n"), &csv());
        assert_eq!(world.requests().len(), requests, "{what}");
        let receipt = match &given {
            Ok(receipt) => receipt,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{what}");
                error.receipt().expect("it carries one")
            }
        };
        assert_eq!(receipt.ambiguous_sends, ambiguous, "{what}");
        assert_eq!(receipt.may_be_duplicated(), state.is_some(), "{what}");
        assert_eq!(given.ok().map(|receipt| receipt.state), state, "{what}");
    }
}
