//! What is known after a request, and what is told of it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_endpoint::IngestionConfiguration;
use kusto_ingest_core::{
    Error, ErrorKind, IngestClient as _, OnUnknownOutcome, Receipt, ReceiptState, ReportLevel, ReportMethod,
    Result, SendObserver,
};

use super::world::{World, properties, row};

fn lost() -> Error {
    Error::new(ErrorKind::OutcomeUnknown, "queue the blobs").because("the answer was lost")
}

fn busy(kind: ErrorKind) -> Error {
    Error::new(kind, "queue the blobs")
}

#[test]
fn s03_g57_a_receipt_names_its_operation_survives_json_and_holds_no_secret() {
    let world = World::new();
    let receipt = world.ingest(row()).expect("it is taken");
    let operation = receipt.queued_operation().expect("it is tracked");
    assert_eq!(operation.operation, "operation-1");
    assert_eq!(
        operation.endpoint.as_deref(),
        Some("https://ingest-c.kusto.windows.net/")
    );
    assert_eq!((receipt.raw_bytes, receipt.sent_bytes.is_some()), (Some(4), true));
    let json = serde_json::to_string(&receipt).expect("a receipt is data");
    assert!(!json.contains("sig="), "{json}");
    assert_eq!(
        serde_json::from_str::<Receipt>(&json).expect("it reads back"),
        receipt
    );
}

#[test]
fn what_is_not_to_be_reported_is_not_tracked() {
    let world = World::new();
    let silent = properties().with_reporting(ReportLevel::None, ReportMethod::Queue);
    let receipt = block_on(world.client.ingest_source(row().into(), &silent)).expect("it is taken");
    assert_eq!(receipt.state, ReceiptState::Queued);
}

#[test]
fn what_certainly_did_nothing_is_sent_again_under_the_same_ids() {
    for kind in [
        ErrorKind::Connection,
        ErrorKind::Throttled,
        ErrorKind::Unavailable,
    ] {
        let world = World::new();
        world.endpoint.submit_once(Err(busy(kind)));
        let results = world.ingest_many(3);
        assert!(
            results
                .iter()
                .all(|receipt| receipt.as_ref().is_ok_and(|it| it.ambiguous_sends == 0))
        );
        let submitted = world.endpoint.submitted();
        let ids = |at: usize| {
            submitted[at]
                .blobs
                .iter()
                .map(|blob| blob.id())
                .collect::<Vec<_>>()
        };
        assert_eq!((submitted.len(), ids(0)), (2, ids(1)), "{kind:?}");
    }
}

#[test]
fn a_lost_answer_is_told_to_all_who_share_the_request_and_nothing_is_sent_again() {
    let world = World::new();
    world.endpoint.submit_once(Err(lost()));
    for result in world.ingest_many(3) {
        let error = result.expect_err("nobody knows");
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        let receipt = error.receipt().expect("it carries one");
        assert_eq!((receipt.ambiguous_sends, receipt.blob.is_some()), (1, true));
        assert_eq!(error.source_id(), Some(receipt.source_id));
        assert!(!error.chain().contains("sig="), "{}", error.chain());
    }
    assert_eq!(world.sizes(), [3]);
}

#[test]
fn who_chose_to_send_again_gets_a_receipt_that_counts() {
    let mut world = World::new();
    world.client = world.client.with_on_unknown_outcome(OnUnknownOutcome::Retry);
    world.endpoint.submit_once(Err(lost()));
    world.endpoint.submit_once(Err(busy(ErrorKind::Unavailable)));
    let receipt = world.ingest(row()).expect("the third is taken");
    assert_eq!((receipt.ambiguous_sends, receipt.may_be_duplicated()), (1, true));
    world.endpoint.submit_once(Err(lost()));
    let refused = Error::new(ErrorKind::Forbidden, "queue the blobs");
    world.endpoint.submit_once(Err(refused));
    let error = world
        .ingest(row())
        .expect_err("the second is refused, and the first may be there");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(error.receipt().expect("it carries one").ambiguous_sends, 1);
}

#[test]
fn a_service_that_is_away_is_given_up_by_all_together() {
    let world = World::new();
    (0..10_000).for_each(|_| world.endpoint.submit_once(Err(busy(ErrorKind::Unavailable))));
    world.ingest(row()).expect_err("it is away for a minute");
    let tries = world.sizes().len();
    assert!(tries > 3, "{tries}");
    for _ in 0..5 {
        world.ingest(row()).expect_err("it is still away");
    }
    assert_eq!(world.sizes().len(), tries + 5, "one attempt each");
}

#[test]
fn a_service_that_offers_the_routes_no_more_is_asked_anew() {
    let world = World::new();
    let gone = Error::new(ErrorKind::Unsupported, "queue the blobs")
        .with_code(IngestionConfiguration::NOT_SUPPORTED);
    world.endpoint.submit_once(Err(gone));
    let error = world.ingest(row()).expect_err("it is gone");
    assert_eq!(error.code(), Some(IngestionConfiguration::NOT_SUPPORTED));
    assert_eq!(world.endpoint.configurations_asked(), 1);
    world.ingest(row()).expect("it is back");
    assert_eq!(world.endpoint.configurations_asked(), 2);
}

/// Remembers what it is told, and refuses the rest.
#[derive(Debug)]
struct Observer(Mutex<Vec<Receipt>>, usize);

#[async_trait]
impl SendObserver for Observer {
    async fn before_send(&self, receipt: &Receipt) -> Result<()> {
        let mut told = self.0.lock().expect("one by one");
        if told.len() == self.1 {
            return Err(Error::new(ErrorKind::Io, "write the journal"));
        }
        told.push(receipt.clone());
        Ok(())
    }
}

#[test]
fn who_wants_to_know_is_told_before_a_source_is_named_and_can_keep_it_back() {
    let mut world = World::new();
    let observer = Arc::new(Observer(Mutex::default(), 2));
    world.client = world.client.with_send_observer(observer.clone());
    let results = world.ingest_many(3);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 2);
    assert_eq!(world.sizes(), [2], "the one that was kept back is not named");
    let told = observer.0.lock().expect("one by one");
    assert!(
        told.iter()
            .all(|receipt| matches!(receipt.state, ReceiptState::Unknown { .. }))
    );
}
