//! A folder, a queued client over a storage in memory, and one that answers as it is told.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use kusto_fake::{MemoryStorage, ResourcePath};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::{
    IngestionProperties, ManualClock, MockIngestClient, NoRetry, Receipt, ReceiptState, Timestamp,
};
use kusto_ingest_message::IdentityToken;
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_upload::ContainerUploader;
use kusto_storage::{ResourceKind, ResourceUri};

/// A folder of the test's own, gone with it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).expect("the target folder can be written");
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, "1,2\n").expect("it can be written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_already = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn properties() -> IngestionProperties {
    IngestionProperties::into_table("db", "t").expect("good names")
}

/// A queued client over a storage in memory.
pub(crate) fn queued() -> (QueuedIngestClient, MemoryStorage) {
    let clock = Arc::new(ManualClock::advancing(Timestamp::UNIX_EPOCH));
    let storage = MemoryStorage::new(clock.clone());
    let issue = |kind, address: &str| {
        let address = ResourceUri::parse(address).expect("a good address");
        storage.issue(kind, &address).expect("a new resource");
        [address]
    };
    let issued = IngestionResources::empty()
        .with_queues(issue(
            ResourceKind::Queue,
            "https://a.queue.core.windows.net/q?sig=SECRET",
        ))
        .with_containers(issue(
            ResourceKind::Container,
            "https://a.blob.core.windows.net/c?sig=SECRET",
        ));
    let token = IdentityToken::parse("IDENTITY-TOKEN").expect("a good token");
    let resources = Arc::new(FixedResources::new(issued, token));
    let (blobs, gzip) = (Arc::new(storage.clone()), Arc::new(InlineCompressor::new()));
    let uploader = ContainerUploader::new(resources.clone(), blobs, gzip, clock.clone());
    let queues = Arc::new(storage.clone());
    let client = QueuedIngestClient::new(resources, Arc::new(uploader), queues, clock);
    (client.with_post_retry(Arc::new(NoRetry)), storage)
}

pub(crate) fn messages(storage: &MemoryStorage) -> usize {
    let queue = storage.peek_messages(&ResourcePath::new("a", "q"), 32);
    queue.expect("the queue is there").len()
}

/// A client whose receipts say this.
pub(crate) fn answering(state: ReceiptState) -> MockIngestClient {
    let mut client = MockIngestClient::new();
    client
        .expect_ingest_source()
        .returning(move |source, properties| {
            let (database, table) = (properties.database.clone(), properties.table.clone());
            Ok(Receipt::new(source.id(), database, table, state.clone()))
        });
    client
}
