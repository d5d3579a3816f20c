//! One way or the other, as the service prefers, and the other while that one fails.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::executor::block_on;
use futures::io::Cursor;
use kusto_endpoint::{IngestionConfiguration, IngestionMethod};
use kusto_ingest_core::{
    Error, ErrorKind, IngestClient as _, LocalSource, OnUnknownOutcome, Receipt, Result, Source,
};
use kusto_ingest_rest::NegotiatedIngestClient;

use super::world::{Queue, World, properties, row};

fn busy() -> Error {
    Error::new(ErrorKind::Unavailable, "send").with_attempts(1, Duration::ZERO)
}

fn lost() -> Error {
    Error::new(ErrorKind::OutcomeUnknown, "send")
}

fn preferring(method: Option<IngestionMethod>) -> World {
    World::offering(|mut offered| {
        offered.preferred_ingestion = method;
        offered
    })
}

fn negotiated(world: &World, queue: &Queue) -> NegotiatedIngestClient {
    NegotiatedIngestClient::new(Arc::new(queue.clone()), world.client.clone())
}

fn ingest(world: &World, queue: &Queue, source: LocalSource) -> Result<Receipt> {
    block_on(negotiated(world, queue).ingest_source(source.into(), &properties()))
}

#[test]
fn sources_go_the_way_that_the_service_prefers() {
    for (method, by_queue) in [
        (Some(IngestionMethod::Rest), 0),
        (Some(IngestionMethod::Queue), 1),
        (None, 1),
    ] {
        let (world, queue) = (preferring(method), Queue::default());
        ingest(&world, &queue, row()).expect("it is taken");
        assert_eq!(
            (queue.taken().len(), world.sizes().len()),
            (by_queue, 1 - by_queue),
            "{method:?}"
        );
    }
}

#[test]
fn a_service_without_the_routes_is_asked_once_and_sources_go_through_the_queues() {
    let (world, queue) = (World::new(), Queue::default());
    let absent = Error::new(ErrorKind::Unsupported, "ask").with_code(IngestionConfiguration::NOT_SUPPORTED);
    world.endpoint.configure_once(Err(absent));
    for _ in 0..3 {
        ingest(&world, &queue, row()).expect("it is taken");
    }
    assert_eq!(
        (queue.taken().len(), world.endpoint.configurations_asked()),
        (3, 1)
    );
}

#[test]
fn a_service_that_cannot_be_asked_is_asked_again_after_a_minute() {
    let (world, queue) = (World::new(), Queue::default());
    let refused = || Error::new(ErrorKind::Forbidden, "ask");
    (0..2).for_each(|_| world.endpoint.configure_once(Err(refused())));
    for _ in 0..3 {
        ingest(&world, &queue, row()).expect("it is taken");
    }
    assert_eq!(
        (queue.taken().len(), world.endpoint.configurations_asked()),
        (3, 1)
    );
    world.clock.advance(Duration::from_secs(60));
    ingest(&world, &queue, row()).expect("it is taken");
    world.clock.advance(Duration::from_secs(60));
    ingest(&world, &queue, row()).expect("it is taken");
    assert_eq!(
        (queue.taken().len(), world.sizes().len()),
        (4, 1),
        "then it says what it prefers"
    );
}

#[test]
fn what_rest_certainly_did_not_take_goes_through_the_queue_as_the_blob_that_it_is() {
    let (mut world, queue) = (World::new(), Queue::default());
    world.client = world.client.with_post_retry(Arc::new(kusto_ingest_core::NoRetry));
    world.endpoint.submit_once(Err(busy()));
    // It is read once: it could not be uploaded again.
    let source = LocalSource::from_reader(Cursor::new(Bytes::from_static(b"1,x\n")));
    let id = source.id();
    let receipt = ingest(&world, &queue, source).expect("the queue takes it");
    assert_eq!((receipt.source_id, receipt.ambiguous_sends), (id, 0));
    assert_eq!((receipt.raw_bytes, receipt.sent_bytes.is_some()), (Some(4), true));
    assert!(matches!(&queue.taken()[..], [Source::Blob(blob)] if blob.id() == id));
    ingest(&world, &queue, row()).expect("the queue is tried first for a minute");
    assert_eq!((queue.taken().len(), world.sizes().len()), (2, 1));
    world.clock.advance(Duration::from_secs(61));
    ingest(&world, &queue, row()).expect("and then REST again");
    assert_eq!((queue.taken().len(), world.sizes().len()), (2, 2));
}

#[test]
fn what_the_queues_certainly_did_not_take_goes_over_rest() {
    let world = preferring(Some(IngestionMethod::Queue));
    let queue = Queue::failing([busy()]);
    let source = row();
    let id = source.id();
    let receipt = ingest(&world, &queue, source).expect("REST takes it");
    assert_eq!(
        (receipt.source_id, receipt.queued_operation().is_some()),
        (id, true)
    );
    ingest(&world, &queue, row()).expect("REST is tried first for a minute");
    assert_eq!((queue.taken().len(), world.sizes().len()), (0, 2));
}

#[test]
fn after_an_unknown_outcome_nothing_goes_the_other_way() {
    let (world, queue) = (World::new(), Queue::default());
    world.endpoint.submit_once(Err(lost()));
    let error = ingest(&world, &queue, row()).expect_err("nobody knows");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(error.receipt().expect("it carries one").ambiguous_sends, 1);
    assert_eq!(queue.taken().len(), 0);

    let world = preferring(Some(IngestionMethod::Queue));
    let queue = Queue::failing([lost()]);
    let error = ingest(&world, &queue, row()).expect_err("nobody knows");
    assert_eq!(
        (error.kind(), world.sizes().len()),
        (ErrorKind::OutcomeUnknown, 0)
    );
}

#[test]
fn who_chose_to_send_again_gets_the_other_way_and_a_receipt_that_counts_both() {
    let (mut world, queue) = (World::new(), Queue::default());
    let client = world.client.with_on_unknown_outcome(OnUnknownOutcome::Retry);
    world.client = client.with_post_retry(Arc::new(kusto_ingest_core::NoRetry));
    world.endpoint.submit_once(Err(lost()));
    let receipt = ingest(&world, &queue, row()).expect("the queue takes it");
    assert_eq!((receipt.ambiguous_sends, receipt.may_be_duplicated()), (1, true));

    world.clock.advance(Duration::from_secs(61));
    world.endpoint.submit_once(Err(lost()));
    let refused = Error::new(ErrorKind::Forbidden, "send");
    let error = ingest(&world, &Queue::failing([refused]), row()).expect_err("the second is refused");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "the first may be there");
    assert_eq!(error.receipt().expect("it carries one").ambiguous_sends, 1);
}

#[test]
fn what_is_wrong_with_the_source_or_with_a_right_goes_no_other_way() {
    for kind in [ErrorKind::Forbidden, ErrorKind::Rejected, ErrorKind::NotFound] {
        let (world, queue) = (World::new(), Queue::default());
        world
            .endpoint
            .submit_once(Err(Error::new(kind, "queue the blobs").with_http_status(403)));
        let error = ingest(&world, &queue, row()).expect_err("it is refused");
        assert_eq!((error.kind(), queue.taken().len()), (kind, 0));
    }
    let (world, queue) = (World::new(), Queue::default());
    let error = ingest(&world, &queue, LocalSource::from_bytes("")).expect_err("it is empty");
    assert_eq!((error.kind(), queue.taken().len()), (ErrorKind::EmptySource, 0));
}

#[test]
fn where_both_ways_fail_the_error_tells_of_both() {
    let mut world = World::new();
    world.client = world.client.with_post_retry(Arc::new(kusto_ingest_core::NoRetry));
    world.endpoint.submit_once(Err(busy().because("REST is away")));
    let queue = Queue::failing([busy().because("the queue is away")]);
    let error = ingest(&world, &queue, row()).expect_err("both are away");
    let told = error.chain();
    assert!(
        told.contains("REST is away") && told.contains("the queue is away"),
        "{told}"
    );
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
