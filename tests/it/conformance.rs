//! The suites of the testkit on what stands among the adapters, over real sockets into the emulator.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kusto_emulator::Emulator;
use kusto_fake::{MemoryStorage, RestService, WireShape};
use kusto_ingest::endpoint::AzureEndpoint;
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest::queued::Protocol;
use kusto_ingest::{IngestionProperties, Kusto};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{ManualClock, Timestamp};
use kusto_ingest_testkit::conformance;
use kusto_ingest_tokio::{BlobsByScheme, FileSystemBlobs, ThreadedCompressor};
use kusto_storage::ResourceUri;
use kusto_storage_azure::{AzureBlobLister, AzureStorage};
use kusto_transport_hyper::{HyperTransport, TransportOptions};

use crate::sender::Sender;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_threaded_compressor_is_a_compressor() {
    conformance::compressor(&ThreadedCompressor::new()).await;
}

#[cfg(feature = "isal")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_threaded_compressor_is_one_with_isa_l_as_well() {
    let isal = Arc::new(kusto_ingest::compression::Isal::new());
    conformance::compressor(&ThreadedCompressor::new().with_engine(isal)).await;
}

#[tokio::test]
async fn folders_are_a_blob_store() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance of folders");
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let folder = ResourceUri::parse(&folder.display().to_string()).expect("an absolute path");
    conformance::blob_store(&FileSystemBlobs::new(), &folder).await;
    let others = Arc::new(MemoryStorage::new(Arc::new(ManualClock::new(
        Timestamp::UNIX_EPOCH,
    ))));
    conformance::blob_store(&BlobsByScheme::new(others), &folder).await;
}

#[tokio::test]
async fn azure_storage_is_every_store_of_the_emulator() {
    let clock = clock();
    let emulator = Emulator::builder().with_clock(Arc::new(clock.clone())).start();
    let emulator = emulator.await.expect("a free port");
    let issued = emulator.fake().issued_resources().expect("good addresses");
    let transport = HyperTransport::new(TransportOptions::new()).expect("the defaults are good");
    let storage = AzureStorage::new(transport.as_transport());

    conformance::blob_store(&storage, &issued.containers[0]).await;
    let lister = Arc::new(AzureBlobLister::new(storage.clone(), Arc::new(clock.clone())));
    conformance::blob_lister(lister, &storage, &issued.containers[0], Arc::new(clock.clone())).await;
    conformance::table_store(&storage, &issued.status_table).await;
    // Not one of those that the emulator takes messages from.
    conformance::queue_store(&storage, &issued.successes, &clock).await;
    conformance::queue_clearing(&storage, &issued.successes, &clock).await;
    emulator.shutdown().await;
}

#[tokio::test]
async fn the_emulator_answers_single_requests_as_a_storage_does() {
    let emulator = Emulator::builder().start().await.expect("a free port");
    let issued = emulator.fake().issued_resources().expect("good addresses");
    let sender = Sender::new();
    let send = async |request| sender.send(request).await;
    conformance::blob_requests(send, &issued.containers[0]).await;
    conformance::list_requests(send, &issued.containers[0]).await;
    // Not one of those that the emulator takes messages from.
    conformance::queue_requests(send, &issued.successes).await;
    conformance::table_requests(send, &issued.status_table).await;
    emulator.shutdown().await;
}

#[tokio::test]
async fn the_queued_client_is_an_ingest_client_and_its_rows_arrive() {
    let (database, table) = (DatabaseName::parse("D"), TableName::parse("T"));
    let (database, table) = (database.expect("a name"), table.expect("a name"));
    let schema = "number:long,text:string".parse().expect("a schema");
    let emulator = Emulator::builder()
        .with_table(database.clone(), table.clone(), schema)
        .start();
    let emulator = emulator.await.expect("a free port");
    let kusto = Kusto::connect(&emulator.cluster()).expect("a good address");

    let properties = IngestionProperties::new(database.clone(), table.clone());
    let rows = conformance::ingest_client(&kusto.queued(), &properties).await;
    emulator.drained().await;
    assert_eq!(emulator.fake().rows(&database, &table).len(), rows);
    emulator.shutdown().await;
}

#[tokio::test]
async fn the_emulator_is_an_endpoint_of_queued_ingestion_in_either_shape_and_the_client_over_it_keeps_the_contract()
 {
    let schema = "number:long,text:string".parse().expect("a schema");
    let (database, table) = (DatabaseName::parse("D"), TableName::parse("T"));
    let (database, table) = (database.expect("a name"), table.expect("a name"));
    let emulator = Emulator::builder()
        .with_table(database.clone(), table.clone(), schema)
        .start();
    let emulator = emulator.await.expect("a free port");
    let transport = HyperTransport::new(TransportOptions::new()).expect("the defaults are good");
    let address = emulator.cluster().parse().expect("an address");
    let endpoint = AzureEndpoint::new(address, transport.as_transport()).expect("a good address");
    for shape in [WireShape::Documentation, WireShape::OpenApi] {
        emulator
            .fake()
            .set_rest_service(RestService::new().with_shape(shape));
        conformance::queued_endpoint(&endpoint).await;
    }
    emulator.fake().set_rest_service(RestService::off());
    conformance::absent_queued_endpoint(&endpoint).await;

    emulator.fake().set_rest_service(RestService::new());
    for protocol in [Protocol::Rest, Protocol::Auto] {
        let kusto = Kusto::builder(&emulator.cluster()).expect("a good address");
        let kusto = kusto.with_protocol(protocol).connect().expect("good settings");
        let properties = IngestionProperties::new(database.clone(), table.clone());
        emulator.drained().await;
        let before = emulator.fake().rows(&database, &table).len();
        let rows = conformance::ingest_client(&kusto.queued(), &properties).await;
        emulator.drained().await;
        assert_eq!(
            emulator.fake().rows(&database, &table).len() - before,
            rows,
            "{protocol}"
        );
    }
    emulator.shutdown().await;
}
