//! Clients that a program assembles, from layers of its own and from those that a cluster hands out.

use std::sync::Arc;

use kusto_ingest::compression::InlineCompressor;
use kusto_ingest::direct::DirectIngestClient;
use kusto_ingest::endpoint::{QueryEndpoint, RequestProperties};
use kusto_ingest::managed::ManagedStreamingIngestClient;
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest::resources::{ResourceManager, ResourceProvider};
use kusto_ingest::rows::RowWriter;
use kusto_ingest::status::ReceiptState;
use kusto_ingest::storage::ResourceUri;
use kusto_ingest::streaming::StreamingIngestClient;
use kusto_ingest::upload::ContainerUploader;
use kusto_ingest::{
    DataFormat, ErrorKind, IngestClient, IngestClientExt, IngestionProperties, Kusto, LocalSource, Result,
    Rows, testing,
};

use crate::block_on;
use crate::client::Counted;
use crate::endpoint::Engine;
use crate::pieces::{Fixed, NeverStream, QUEUE, Sundial};
use crate::store::Shelf;

fn into_weather() -> IngestionProperties {
    IngestionProperties::into_table("Samples", "Weather").expect("two names")
}

fn row() -> LocalSource {
    LocalSource::from_bytes("2012-01-01,4.7\n").with_name("weather.csv")
}

#[test]
fn clients_stand_on_an_endpoint_of_the_programs_own() -> Result<()> {
    let (engine, clock) = (Arc::new(Engine::default()), Arc::new(Sundial::default()));
    let streaming =
        StreamingIngestClient::new(engine.clone(), Arc::new(InlineCompressor::new()), clock.clone());
    let direct = DirectIngestClient::new(engine.clone(), clock);

    block_on(streaming.ingest(row(), &into_weather()))?;
    block_on(direct.ingest(row(), &into_weather()))?;
    let database = DatabaseName::parse("Samples")?;
    let answer = block_on(engine.query(&database, "Weather | count", &RequestProperties::new()))?;

    assert_eq!(answer.tables[0].rows[0][0], 3);
    let asked = engine.asked();
    assert_eq!(asked[0], "stream into Samples.Weather");
    assert!(asked[1].starts_with(".ingest inline into table"), "{asked:?}");
    Ok(())
}

#[test]
fn a_manager_asks_an_endpoint_of_the_programs_own_what_is_issued() -> Result<()> {
    let manager = ResourceManager::new(Arc::new(Engine::default()), Arc::new(Sundial::default()));
    let resources = block_on(manager.resources())?;
    assert_eq!(resources.queues()?, [ResourceUri::parse(QUEUE)?]);
    Ok(())
}

#[test]
fn a_program_assembles_clients_from_what_a_cluster_hands_out() -> Result<()> {
    let shelf = Shelf::default();
    let kusto = Kusto::builder("http://127.0.0.1:1")?
        .with_clock(Arc::new(Sundial::default()))
        .with_compressor(Arc::new(InlineCompressor::new()))
        .with_resource_provider(Arc::new(Fixed::default()))
        .with_blob_store(Arc::new(shelf.clone()))
        .with_queue_store(Arc::new(shelf.clone()))
        .with_table_store(Arc::new(shelf.clone()))
        .with_managed_policy(Arc::new(NeverStream))
        .connect()?;
    let uploader = ContainerUploader::new(
        kusto.resources(),
        kusto.blob_store(),
        kusto.compressor(),
        kusto.clock(),
    );
    let queued = QueuedIngestClient::new(
        kusto.resources(),
        Arc::new(uploader),
        kusto.queue_store(),
        kusto.clock(),
    )
    .with_status(kusto.status())
    .with_tracing(kusto.client_details().clone());
    let streaming = StreamingIngestClient::new(kusto.streaming_endpoint(), kusto.compressor(), kusto.clock());
    let managed = ManagedStreamingIngestClient::new(
        Arc::new(streaming),
        Arc::new(queued),
        kusto.compressor(),
        kusto.clock(),
    )
    .with_policy(kusto.managed_policy());

    let receipt = block_on(managed.ingest(row(), &into_weather()))?;

    assert_eq!(receipt.state, ReceiptState::Queued);
    assert_eq!(shelf.with(|it| (it.blobs.len(), it.messages.len())), (1, 1));
    Ok(())
}

#[test]
fn a_client_behind_an_arc_or_a_box_is_a_client() -> Result<()> {
    let streaming = || {
        let engine = Arc::new(Engine::default());
        StreamingIngestClient::new(
            engine,
            Arc::new(InlineCompressor::new()),
            Arc::new(Sundial::default()),
        )
    };
    let shared: Arc<dyn IngestClient> = Arc::new(streaming());
    let boxed: Box<dyn IngestClient> = Box::new(streaming());
    let (over_shared, over_boxed) = (Counted::new(shared), Counted::new(boxed));

    block_on(over_shared.ingest(row(), &into_weather()))?;
    block_on(over_boxed.ingest_all([row()], &into_weather())).into_result()?;

    assert_eq!((over_shared.calls(), over_boxed.calls()), (1, 1));
    Ok(())
}

#[test]
fn a_program_is_tested_over_a_kusto_in_memory() -> Result<()> {
    let fake = testing::kusto("Samples", ".create table Weather (at:datetime, wind:real)")?;
    block_on(testing::queued(&fake).ingest(row(), &into_weather()))?;
    fake.drain();
    let into = into_weather();
    let rows: Vec<testing::Row> = fake.rows(&into.database, &into.table);
    assert_eq!(rows.len(), 1);
    Ok(())
}

#[test]
fn every_kind_of_source_has_a_call_of_its_own() -> Result<()> {
    let queued = testing::kusto("Samples", ".create table Weather (at:datetime, wind:real)")?;
    let client = testing::queued(&queued);
    let csv = into_weather().with_format(DataFormat::Csv);
    let rows = Rows::from_vec(vec![("2012-01-01", 4.7), ("2012-01-02", 4.5)], RowWriter::csv());

    block_on(client.ingest_bytes("2012-01-01,4.7\n", &csv))?;
    block_on(client.ingest_rows(rows, &into_weather()))?;
    let nowhere = block_on(client.ingest_blob("no address", &csv));
    let no_file = kusto_ingest::blocking::Kusto::connect("http://127.0.0.1:1")?
        .wait(move |_| async move { client.ingest_file("no/such/file.csv", &into_weather()).await });

    queued.drain();
    assert_eq!(queued.rows(&csv.database, &csv.table).len(), 3);
    assert_eq!(
        nowhere.map_err(|error| error.kind()),
        Err(ErrorKind::InvalidInput)
    );
    assert_eq!(
        no_file.map_err(|error| error.kind()),
        Err(ErrorKind::SourceNotFound)
    );
    Ok(())
}
