//! The suites hold for what this workspace ships.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_endpoint::{ManagementEndpoint, RequestProperties, ScriptedEndpoint, ScriptedStreaming};
use kusto_ingest_compression::{GzipLevel, InlineCompressor};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{
    DatabaseName, Error, ErrorKind, IngestClient, IngestionProperties, OnUnknownOutcome, TableName,
};
use kusto_ingest_direct::DirectIngestClient;
use kusto_ingest_managed::ManagedStreamingIngestClient;
use kusto_ingest_status::MemoryStatusTracker;
use kusto_ingest_streaming::StreamingIngestClient;
use kusto_ingest_testkit::{RestService, conformance, testing};

use super::world::World;

#[test]
fn memory_storage_is_a_blob_store() {
    let world = World::new();
    block_on(conformance::blob_store(
        &world.storage,
        &world.issued.containers[0],
    ));
}

#[test]
fn memory_storage_is_a_lister_of_blobs() {
    let world = World::new();
    let (storage, clock) = (Arc::new(world.storage.clone()), Arc::new(world.clock.clone()));
    let container = &world.issued.containers[0];
    block_on(conformance::blob_lister(
        storage.clone(),
        &*storage,
        container,
        clock,
    ));
}

#[test]
fn memory_storage_is_a_queue_store() {
    let world = World::new();
    let queue = &world.issued.queues[0];
    block_on(conformance::queue_store(&world.storage, queue, &world.clock));
    block_on(conformance::queue_clearing(&world.storage, queue, &world.clock));
}

#[test]
fn memory_storage_is_a_table_store() {
    let world = World::new();
    block_on(conformance::table_store(
        &world.storage,
        &world.issued.status_table,
    ));
}

#[test]
fn the_inline_compressor_is_a_compressor() {
    block_on(conformance::compressor(&InlineCompressor::new()));
    let hardest = GzipLevel::new(9).expect("there is a level 9");
    block_on(conformance::compressor(
        &InlineCompressor::new().with_level(hardest),
    ));
}

#[test]
fn the_container_uploader_is_an_uploader() {
    let world = World::new();
    let uploader = world.uploader();
    block_on(conformance::uploader(&uploader, async |blob| world.read(blob)));
}

#[test]
fn both_trackers_are_status_trackers() {
    block_on(conformance::status_tracker(&MemoryStatusTracker::new()));
    block_on(conformance::status_tracker(&World::new().tracker()));
}

#[test]
fn the_queued_client_is_an_ingest_client_and_its_rows_arrive() {
    let world = World::new();
    let (database, table) = (
        DatabaseName::net_default(),
        TableName::parse("T").expect("a name"),
    );
    let command = ".create table T (number:long, text:string)";
    block_on(world.kusto.execute(&database, command, &RequestProperties::new())).expect("created");
    let properties = IngestionProperties::new(database.clone(), table.clone());
    let rows = block_on(conformance::ingest_client(&world.client(), &properties));
    world.kusto.drain();
    assert_eq!(world.kusto.rows(&database, &table).len(), rows);
}

#[test]
fn the_kusto_in_memory_is_an_endpoint_of_queued_ingestion_where_it_offers_that() {
    let world = World::new();
    block_on(conformance::queued_endpoint(&world.kusto));
    world.kusto.set_rest_service(RestService::off());
    block_on(conformance::absent_queued_endpoint(&world.kusto));
}

#[test]
fn the_client_over_rest_is_an_ingest_client_and_its_rows_arrive() {
    let world = World::new();
    let (database, table) = (
        DatabaseName::net_default(),
        TableName::parse("T").expect("a name"),
    );
    let command = ".create table T (number:long, text:string)";
    block_on(world.kusto.execute(&database, command, &RequestProperties::new())).expect("created");
    let properties = IngestionProperties::new(database.clone(), table.clone());
    let rows = block_on(conformance::ingest_client(
        &testing::rest(&world.kusto),
        &properties,
    ));
    world.kusto.drain();
    assert_eq!(world.kusto.rows(&database, &table).len(), rows);
}

fn lost() -> Error {
    Error::new(ErrorKind::OutcomeUnknown, "get an answer").because("the connection broke")
}

/// A streaming endpoint whose answers are all lost.
fn streaming() -> StreamingIngestClient {
    let endpoint = ScriptedStreaming::new();
    (0..9).for_each(|_| endpoint.once(Err(lost())));
    let clock = Arc::new(clock());
    StreamingIngestClient::new(Arc::new(endpoint), Arc::new(InlineCompressor::new()), clock)
}

#[test]
fn whichever_way_it_went_an_unknown_outcome_is_an_error_that_carries_the_receipt() {
    let properties = IngestionProperties::into_table("D", "T").expect("names");
    let check = |client: &dyn IngestClient| block_on(conformance::unknown_outcome(client, &properties));
    check(&streaming());

    let clock = Arc::new(clock());
    let engine = ScriptedEndpoint::new();
    (0..9).for_each(|_| engine.once(".ingest", Err(lost())));
    check(&DirectIngestClient::new(Arc::new(engine), clock.clone()));

    let managed = || {
        let nowhere = Arc::new(streaming());
        let compressor = Arc::new(InlineCompressor::new());
        ManagedStreamingIngestClient::new(Arc::new(streaming()), nowhere, compressor, clock.clone())
    };
    check(&managed());
    check(&managed().with_on_unknown_outcome(OnUnknownOutcome::Report));
}
