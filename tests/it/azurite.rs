//! The storage adapter against Azurite, over the transport that a program uses.
//!
//! `cargo xtask test` starts Azurite and says in variables where it listens. Where they are missing the tests say so
//! and pass; in an automated run (`CI=true`) they fail.

mod account;
mod sas;

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use kusto_ingest_core::testing::HOUR;
use kusto_ingest_core::{BlobSource, BlobUri, Clock, DataFormat, ErrorKind, IngestClient as _};
use kusto_ingest_message::{IdentityToken, OperationStatus};
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_status::TableStatusTracker;
use kusto_ingest_testkit::conformance;
use kusto_ingest_tokio::{ThreadedCompressor, TokioClock};
use kusto_ingest_upload::ContainerUploader;
use kusto_storage::{
    BlobName, BlobProbe, BlobStore, BlockId, Entity, EntityKey, QueueStore, ResourceUri, TableStore,
};
use kusto_storage_azure::{AzureBlobLister, AzureBlobProbe};

use crate::sender::Sender;
use crate::setup::{ended, start, tracked, with_table};
use account::Account;

const BLOBS: &str = "KUSTO_TEST_AZURITE_BLOB";
const QUEUES: &str = "KUSTO_TEST_AZURITE_QUEUE";
const TABLES: &str = "KUSTO_TEST_AZURITE_TABLE";

/// The account in the Azurite that runs, or nothing where there is none.
fn account(test: &str) -> Option<Account> {
    let address = |variable: &str| std::env::var(variable).ok();
    if let (Some(blobs), Some(queues), Some(tables)) = (address(BLOBS), address(QUEUES), address(TABLES)) {
        return Some(Account::new(blobs, queues, tables));
    }
    let why = format!("{BLOBS}, {QUEUES} and {TABLES} do not say where Azurite listens");
    assert!(
        address("CI").as_deref() != Some("true"),
        "azurite::{test} cannot run: {why}; `cargo xtask test` starts it"
    );
    // Not by `eprintln!`, which the harness keeps to itself when a test passes.
    let line = format!("SKIPPED azurite::{test}, because {why}\n");
    let _nobody_reads = std::io::stderr().write_all(line.as_bytes());
    None
}

#[tokio::test]
async fn azure_storage_is_a_blob_store() {
    let Some(account) = account("azure_storage_is_a_blob_store") else {
        return;
    };
    let container = account.container("racwd").await;
    conformance::blob_store(&account.storage(), &container).await;
}

#[tokio::test]
async fn azure_storage_lists_containers() {
    let Some(account) = account("azure_storage_lists_containers") else {
        return;
    };
    let container = account.container("rwdl").await;
    let (storage, clock) = (account.storage(), Arc::new(TokioClock::new()));
    let lister = Arc::new(AzureBlobLister::new(storage.clone(), clock.clone()));
    conformance::blob_lister(lister, &storage, &container, clock).await;
}

#[tokio::test]
async fn azure_storage_is_a_queue_store() {
    let Some(account) = account("azure_storage_is_a_queue_store") else {
        return;
    };
    let queue = account.queue("rap").await;
    conformance::queue_store(&account.storage(), &queue, &TokioClock::new()).await;
}

#[tokio::test]
async fn azure_storage_clears_a_queue() {
    let Some(account) = account("azure_storage_clears_a_queue") else {
        return;
    };
    let queue = account.queue_of_account().await;
    conformance::queue_clearing(&account.storage(), &queue, &TokioClock::new()).await;
}

#[tokio::test]
async fn azure_storage_is_a_table_store() {
    let Some(account) = account("azure_storage_is_a_table_store") else {
        return;
    };
    let table = account.table("raud").await;
    conformance::table_store(&account.storage(), &table).await;
}

#[tokio::test]
async fn azurite_answers_single_requests_as_the_emulator_does() {
    let Some(account) = account("azurite_answers_single_requests_as_the_emulator_does") else {
        return;
    };
    let sender = Sender::new();
    let send = async |request| sender.send(request).await;
    let container = account.container("racwdl").await;
    conformance::blob_requests(send, &container).await;
    conformance::list_requests(send, &container).await;
    conformance::queue_requests(send, &account.queue("raup").await).await;
    conformance::table_requests(send, &account.table_of_account().await).await;
}

#[tokio::test]
async fn blocks_are_put_together_in_the_order_of_the_list() {
    let Some(account) = account("blocks_are_put_together_in_the_order_of_the_list") else {
        return;
    };
    let (storage, container) = (account.storage(), account.container("racwd").await);
    let name = BlobName::parse("folder/x y.csv.gz").expect("a name");
    let first = Bytes::from(vec![b'1'; 1024 * 1024]);
    let second = Bytes::from_static(b"2");
    let (zero, one) = (BlockId::new(0), BlockId::new(1));
    storage
        .stage(&container, &name, one, second.clone())
        .await
        .expect("staged");
    storage
        .stage(&container, &name, zero, first.clone())
        .await
        .expect("staged");
    storage
        .commit(&container, &name, &[zero, one])
        .await
        .expect("committed");
    // By the address that an ingestion message carries.
    let blob = container.blob(&name).expect("an address");
    let read = account.get(blob.expose()).await.expect("it is there");
    assert_eq!(read, [first, second].concat());
}

#[tokio::test]
async fn s02_d19_a_blob_tells_its_size_by_its_sas_and_by_the_key_of_its_account() {
    let Some(account) = account("s02_d19_a_blob_tells_its_size") else {
        return;
    };
    let (storage, container) = (account.storage(), account.container("racwd").await);
    let name = BlobName::parse("folder/x y.csv").expect("a name");
    BlobStore::put(&storage, &container, &name, Bytes::from_static(b"1,2\n"))
        .await
        .expect("it is put");
    let probe = AzureBlobProbe::new(storage, Arc::new(TokioClock::new()));
    let signed = container.blob(&name).expect("an address");
    let keyed = |key: &str| BlobUri::parse(format!("{};{key}", signed.redacted())).expect("an address");
    for blob in [signed.clone(), keyed(sas::KEY)] {
        let size = probe.size_of(&blob).await.expect("it tells");
        assert_eq!((size.bytes, size.raw_bytes), (4, None));
    }
    let public = BlobUri::parse(signed.redacted()).expect("an address");
    for blob in [public, keyed("QUJDRA==")] {
        probe
            .size_of(&blob)
            .await
            .expect_err("it is neither public nor is this its key");
    }
}

#[tokio::test]
async fn the_container_uploader_is_an_uploader() {
    let Some(account) = account("the_container_uploader_is_an_uploader") else {
        return;
    };
    let issued = IngestionResources::empty().with_containers([account.container("racwd").await]);
    let storage = Arc::new(account.storage());
    let compressor = Arc::new(ThreadedCompressor::new());
    let uploader = ContainerUploader::new(fixed(issued), storage, compressor, Arc::new(TokioClock::new()))
        .with_block_size(100_000);
    conformance::uploader(&uploader, async |blob| account.get(blob.expose()).await).await;
}

#[tokio::test]
async fn the_table_tracker_is_a_status_tracker() {
    let Some(account) = account("the_table_tracker_is_a_status_tracker") else {
        return;
    };
    let issued = IngestionResources::empty().with_status_tables([account.table("raud").await]);
    let tracker = TableStatusTracker::new(
        Arc::new(account.storage()),
        fixed(issued),
        Arc::new(TokioClock::new()),
    );
    conformance::status_tracker(&tracker).await;
}

#[tokio::test]
async fn what_a_sas_does_not_allow_is_forbidden() {
    let Some(account) = account("what_a_sas_does_not_allow_is_forbidden") else {
        return;
    };
    let storage = account.storage();
    let name = BlobName::parse("a.csv").expect("a name");
    let over = TokioClock::new().now() - HOUR;
    let container = account.container("r").await;
    let queue = account.queue_until("rap", over).await;
    let put_blob = BlobStore::put(&storage, &container, &name, "x".into()).await;
    let put_message = QueueStore::put(&storage, &queue, "x").await;
    for outcome in [put_blob, put_message] {
        let error = outcome.expect_err("the SAS does not allow it");
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{error:?}");
        assert!(
            error.code().is_some() && error.to_string().contains("request id"),
            "{error}"
        );
        assert!(
            !format!("{error:?} {}", error.chain()).contains("sig="),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_from_what_holds_nothing() {
    let Some(account) = account("what_is_not_there_is_told_from_what_holds_nothing") else {
        return;
    };
    let storage = account.storage();
    let name = BlobName::parse("a.csv").expect("a name");
    let key = EntityKey::new("p", "r");
    let container = account.missing_container();
    let queue = account.missing_queue();
    let table = account.missing_table();
    let entity = Entity {
        key: key.clone(),
        properties: serde_json::Map::new(),
    };
    let kinds = [
        storage.length(&container, &name).await.map(drop),
        BlobStore::put(&storage, &container, &name, "x".into()).await,
        QueueStore::put(&storage, &queue, "x").await,
        storage.peek(&queue, 1).await.map(drop),
        storage.get(&table, &key).await.map(drop),
        storage.insert(&table, &entity).await,
    ]
    .map(|outcome| outcome.map_err(|error| error.kind()));
    assert_eq!(kinds, [Err(ErrorKind::NotFound); 6]);
}

fn fixed(issued: IngestionResources) -> Arc<FixedResources> {
    let token = IdentityToken::parse("token").expect("it is not blank");
    Arc::new(FixedResources::new(issued, token))
}

fn address(text: &str) -> ResourceUri {
    ResourceUri::parse(text).expect("a good address")
}

#[tokio::test]
async fn an_emulator_that_may_ingests_blobs_of_azurite_and_another_refuses_them() {
    let Some(account) = account("an_emulator_that_may_ingests_blobs_of_azurite") else {
        return;
    };
    let (storage, container) = (account.storage(), account.container("racwd").await);
    let name = BlobName::parse("rows.csv").expect("a name");
    BlobStore::put(&storage, &container, &name, Bytes::from_static(b"1\n2\n"))
        .await
        .expect("it is put");
    let blob = container.blob(&name).expect("an address");
    let store = account.origin();
    for (allowed, status) in [
        (true, OperationStatus::Succeeded),
        (false, OperationStatus::Failed),
    ] {
        let builder = with_table("a:long");
        let builder = if allowed {
            builder.with_store(&store)
        } else {
            builder
        };
        let (emulator, kusto) = start(builder).await;
        let source = BlobSource::new(blob.clone());
        let properties = tracked().with_format(DataFormat::Csv);
        let receipt = kusto.queued().ingest_source(source.into(), &properties).await;
        let record = ended(&kusto, &receipt.expect("it is queued")).await;
        assert_eq!(record.status, status, "{record:?}");
        let rows = emulator.rows("db", "t").expect("a table").len();
        assert_eq!(rows, if allowed { 2 } else { 0 });
    }
    assert!(
        account.get(blob.expose()).await.is_some(),
        "it is not the emulator's to delete"
    );
}
