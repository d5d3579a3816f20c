//! A service that issues a folder in place of a container: the whole flow.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use kusto_endpoint::{Dataset, ScriptedEndpoint, Table};
use kusto_fake::testing::{issue, storage};
use kusto_fake::{MemoryStorage, ResourcePath};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_compression::testing::gunzip;
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{
    Error, ErrorKind, IngestClient, IngestionProperties, LocalSource, ManualClock, Receipt, Result,
};
use kusto_ingest_message::DecodedMessage;
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_resources::{IngestionResources, ResourceManager};
use kusto_ingest_tokio::BlobsByScheme;
use kusto_ingest_upload::ContainerUploader;
use kusto_storage::ResourceKind;

use crate::folder::folder;

/// A service that issues this folder, its queue in memory, and a client of both.
struct World {
    resources: ResourceManager,
    storage: MemoryStorage,
    clock: Arc<ManualClock>,
}

impl World {
    fn issuing(folder: &str) -> Self {
        let (storage, clock) = storage();
        let queue = issue(&storage, ResourceKind::Queue, "a", "q");
        let columns = [("ResourceTypeName", "string"), ("StorageRoot", "string")];
        let issued = Table::of("Table_0", &columns)
            .with_row(["SecuredReadyForAggregationQueue", queue.expose().as_str()])
            .with_row(["TempStorage", folder]);
        let token = Table::of("Table_0", &[("AuthorizationContext", "string")]).with_row(["TOKEN"]);
        let service = ScriptedEndpoint::new()
            .with_response(IngestionResources::COMMAND, Dataset::single(issued))
            .with_response(".get kusto identity token", Dataset::single(token));
        let clock = Arc::new(clock);
        Self {
            resources: ResourceManager::new(Arc::new(service), clock.clone()),
            storage,
            clock,
        }
    }

    /// Ingests bytes in blocks of a kilobyte.
    async fn ingest(self, bytes: Vec<u8>) -> (Result<Receipt>, Vec<DecodedMessage>) {
        let source = LocalSource::from_bytes(bytes).with_name("numbers.csv");
        self.ingest_into(&properties(), source).await
    }

    async fn ingest_into(
        self,
        properties: &IngestionProperties,
        source: LocalSource,
    ) -> (Result<Receipt>, Vec<DecodedMessage>) {
        let resources = Arc::new(self.resources);
        let blobs = Arc::new(BlobsByScheme::new(Arc::new(self.storage.clone())));
        let gzip = Arc::new(InlineCompressor::new());
        let uploader = ContainerUploader::new(resources.clone(), blobs, gzip, self.clock.clone());
        let uploader = Arc::new(uploader.with_block_size(1024));
        let queues = Arc::new(self.storage.clone());
        let client = QueuedIngestClient::new(resources, uploader, queues, self.clock);
        let outcome = client.ingest_source(source.into(), properties).await;
        let queue = self.storage.peek_messages(&ResourcePath::new("a", "q"), 32);
        let messages = queue.expect("the queue is there").into_iter();
        let decoded = messages.map(|message| DecodedMessage::decode(&message.text).expect("a good message"));
        (outcome, decoded.collect())
    }
}

/// So many numbers, which do not compress well.
fn numbers(count: u64) -> Vec<u8> {
    let number = |place: u64| format!("{}\n", place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    (0..count).map(number).collect::<String>().into_bytes()
}

#[tokio::test]
async fn a_folder_that_is_issued_gets_the_blob_and_the_message_names_it() {
    for (name, count) in [("one block", 10), ("many blocks", 1_000)] {
        let folder = folder(name);
        for form in [
            folder.path().display().to_string(),
            format!("file://{}", folder.path().display()).replace(' ', "%20"),
        ] {
            let mut world = World::issuing(&form);
            world.resources = world.resources.with_folders();
            let data = numbers(count);
            let (receipt, messages) = world.ingest(data.clone()).await;
            let id = receipt.expect("it is queued").source_id;
            assert_eq!(messages.len(), 1);
            let named = messages[0].expose_blob_path();
            let (of_folder, name) = named.rsplit_once('/').expect("a blob in a folder");
            assert_eq!(of_folder, form);
            assert!(name.starts_with(&format!("db__t__{id}__numbers__")), "{name}");
            let path = folder.join(name);
            assert!(
                gunzip(fs::read(&path).expect("the message tells the truth")) == data,
                "{}",
                path.display()
            );
            assert_eq!(messages[0].raw_size, Some(data.len() as u64));
            assert!(messages[0].retain_blob);
        }
    }
}

#[tokio::test]
async fn however_long_the_names_are_a_folder_takes_the_blob() {
    let folder = folder("long names");
    for count in [10, 1_000] {
        let mut world = World::issuing(&folder.path().display().to_string());
        world.resources = world.resources.with_folders();
        let long = "x".repeat(200);
        let properties = IngestionProperties::into_table(&*long, &*long).expect("the names are good");
        let source = LocalSource::from_bytes(numbers(count)).with_name(format!("{long}.csv"));
        let (receipt, messages) = world.ingest_into(&properties, source).await;
        receipt.expect("it is queued");
        let path = PathBuf::from(messages[0].expose_blob_path());
        assert!(
            gunzip(fs::read(&path).expect("the message tells the truth")) == numbers(count),
            "{}",
            path.display()
        );
    }
}

#[tokio::test]
async fn a_folder_is_not_written_to_unless_the_client_accepts_folders() {
    let folder = folder("not accepted");
    let (outcome, messages) = World::issuing(&folder.path().display().to_string())
        .ingest(numbers(1))
        .await;
    let error: Error = outcome.expect_err("there is no container");
    assert_eq!(error.kind(), ErrorKind::NoResources);
    assert!(error.chain().contains("folders"), "{}", error.chain());
    assert!(messages.is_empty());
    let left: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("it is there")
        .map(|entry| entry.expect("it is listed").path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
