//! Managed streaming over HTTP: the engine refuses, and the queue has the same rows.

use std::sync::Arc;
use std::time::Duration;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_compression::{InlineCompressor, StreamingLimits};
use kusto_ingest_core::{
    DataFormat, ErrorKind, ExponentialRetry, FallbackReason, IngestClient, IngestionProperties, LocalSource,
    OnUnknownOutcome, ReceiptState, StreamingErrorCategory,
};
use kusto_ingest_managed::{ManagedStreamingIngestClient, ManagedStreamingSettings, OnUnavailable};
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_streaming::StreamingIngestClient;
use kusto_ingest_upload::ContainerUploader;
use kusto_storage_azure::AzureStorage;
use kusto_transport_hyper::{HyperTransport, Proxy, TransportOptions};

use crate::client::{World, database, table};

impl World {
    /// Our own client, which streams to this address and queues here.
    fn managed(&self, engine: &str) -> ManagedStreamingIngestClient {
        let options = TransportOptions::new().with_proxy(Proxy::None);
        let transport = HyperTransport::new(options).expect("a transport").as_transport();
        let engine = AzureEndpoint::new(engine.parse().expect("a URL"), transport.clone());
        let clock = Arc::new(self.clock.clone());
        let compressor = Arc::new(InlineCompressor::new());
        let streaming = StreamingIngestClient::new(
            Arc::new(engine.expect("an address")),
            compressor.clone(),
            clock.clone(),
        );

        let issued = IngestionResources::empty()
            .with_queues([self.queue()])
            .with_containers([self.container(0)]);
        let token = self.emulator.fake().identity_token();
        let resources = Arc::new(FixedResources::new(issued, token));
        let storage = Arc::new(AzureStorage::new(transport));
        let uploader = ContainerUploader::new(
            resources.clone(),
            storage.clone(),
            compressor.clone(),
            clock.clone(),
        );
        let queued = QueuedIngestClient::new(resources, Arc::new(uploader), storage, clock.clone());
        // The clock stands still, so nothing may wait for it.
        let retry = ExponentialRetry::new(3).with_backoff(Duration::ZERO, Duration::ZERO);
        let settings = ManagedStreamingSettings::new()
            .with_retry(Arc::new(retry))
            .with_when_streaming_disabled(OnUnavailable::FallBack);
        ManagedStreamingIngestClient::new(Arc::new(streaming), Arc::new(queued), compressor, clock)
            .with_settings(settings)
    }

    /// The next so many streaming requests are carried out and not answered.
    fn lose_answers(&self, times: u32) {
        let plan = HttpFaultPlan::new(HttpFault::ResponseLost).on(Route::Streaming);
        self.emulator.plan(plan.times(times));
    }

    async fn arrived(&self) -> usize {
        self.emulator.drained().await;
        self.emulator.fake().rows(&database(), &table()).len()
    }
}

fn properties() -> IngestionProperties {
    IngestionProperties::new(database(), table()).with_format(DataFormat::Csv)
}

fn stream() -> LocalSource {
    LocalSource::from_reader(&b"x,1\ny,2\n"[..])
}

#[tokio::test]
async fn what_the_engine_takes_is_there_at_once() {
    let world = World::start().await;
    let client = world.managed(&world.emulator.cluster());
    let receipt = client
        .ingest_source(stream().into(), &properties())
        .await
        .expect("it is taken");
    assert_eq!(
        (receipt.state, receipt.streaming_attempts),
        (ReceiptState::Streamed, Some(1))
    );
    assert_eq!(world.emulator.fake().rows(&database(), &table()).len(), 2);
}

#[tokio::test]
async fn s03_g33_s03_g36_what_the_engine_refuses_arrives_through_the_queue() {
    let world = World::start().await;
    let client = world.managed(&world.emulator.cluster());
    let busy = HttpFault::Status(503, "ServiceUnavailable".to_owned());
    world
        .emulator
        .plan(HttpFaultPlan::new(busy).on(Route::Streaming).times(3));
    let source = stream();
    let id = source.id();
    let receipt = client
        .ingest_source(source.into(), &properties())
        .await
        .expect("the queue takes it");
    assert_eq!((receipt.state, receipt.source_id), (ReceiptState::Queued, id));
    assert!(matches!(receipt.fallback, Some(FallbackReason::Exhausted { .. })));
    assert_eq!(
        (
            world.emulator.request_count(Route::Streaming),
            world.arrived().await
        ),
        (3, 2)
    );
    assert!(
        world.emulator.fake().ingestion(id).is_some(),
        "under the same identity"
    );

    let off = ".alter table T policy streamingingestion disable";
    assert_eq!(world.ask("/v1/rest/mgmt", off).await.status, 200);
    for asked in [4, 4] {
        let receipt = client
            .ingest_source(stream().into(), &properties())
            .await
            .expect("the queue takes it");
        assert!(matches!(
            receipt.fallback,
            Some(
                FallbackReason::Refused {
                    category: StreamingErrorCategory::StreamingOff,
                    ..
                } | FallbackReason::Backoff {
                    category: StreamingErrorCategory::StreamingOff,
                    ..
                }
            )
        ));
        assert_eq!(
            world.emulator.request_count(Route::Streaming),
            asked,
            "the second does not ask again"
        );
    }
    assert_eq!(world.arrived().await, 6);
}

#[tokio::test]
async fn s03_g44_an_engine_that_nobody_is_at_costs_nothing_but_time() {
    let world = World::start().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let nobody = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    let receipt = world
        .managed(&nobody)
        .ingest_source(stream().into(), &properties())
        .await
        .expect("the queue takes it");
    assert_eq!(
        (receipt.state, receipt.streaming_attempts),
        (ReceiptState::Queued, Some(3))
    );
    assert_eq!(world.arrived().await, 2);
}

#[tokio::test]
async fn s03_g45_a_lost_answer_is_reported_and_brings_no_rows_twice_for_who_chose_so() {
    let world = World::start().await;
    let client = world
        .managed(&world.emulator.cluster())
        .with_on_unknown_outcome(OnUnknownOutcome::Report);
    world.lose_answers(1);
    let error = client
        .ingest_source(stream().into(), &properties())
        .await
        .expect_err("nobody knows");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    let receipt = error.receipt().expect("it carries one");
    assert_eq!((receipt.ambiguous_sends, receipt.raw_bytes), (1, Some(8)));
    assert_eq!(
        (
            world.emulator.request_count(Route::Streaming),
            world.arrived().await
        ),
        (1, 2)
    );
}

#[tokio::test]
async fn an_answer_that_was_lost_is_streamed_again_by_default_and_the_receipt_warns() {
    let world = World::start().await;
    let client = world.managed(&world.emulator.cluster());
    for (lost, state, rows) in [(1, ReceiptState::Streamed, 4), (3, ReceiptState::Queued, 4 + 8)] {
        world.lose_answers(lost);
        let receipt = client
            .ingest_source(stream().into(), &properties())
            .await
            .expect("it is taken");
        assert_eq!(
            (receipt.ambiguous_sends, receipt.may_be_duplicated()),
            (lost, true)
        );
        assert_eq!((&receipt.state, world.arrived().await), (&state, rows));
    }
}

#[tokio::test]
async fn a_stream_that_is_too_large_is_queued_with_its_counted_size() {
    let world = World::start().await;
    let limits = StreamingLimits::new().with_data_bytes(1_000);
    let client = world.managed(&world.emulator.cluster()).with_limits(limits);
    // It compresses well, so that an estimate would be far from it.
    let rows = "x,1\n".repeat(10_000);
    let bytes = rows.len() as u64;
    let source = LocalSource::from_reader(futures::io::Cursor::new(rows));
    let receipt = client
        .ingest_source(source.into(), &properties())
        .await
        .expect("the queue takes it");
    assert_eq!(receipt.fallback, Some(FallbackReason::TooLarge));
    assert_eq!(receipt.raw_bytes, Some(bytes));
    assert_eq!(world.arrived().await, 10_000);
}
