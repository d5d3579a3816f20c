//! Every suite catches what breaks its rules.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::executor::block_on;
use futures::{StreamExt as _, stream};
use kusto_endpoint::{IngestionConfiguration, ScriptedQueued};
use kusto_fake::MemoryStorage;
use kusto_ingest_compression::{Compressor, Encoded, InlineCompressor};
use kusto_ingest_core::testing::{properties, receipt};
use kusto_ingest_core::{
    Error, ErrorKind, IngestClient, IngestionProperties, Payload, Receipt, ReceiptState, Result, Source,
    SourceId, StatusLocator,
};
use kusto_ingest_message::StatusRecord;
use kusto_ingest_status::{MemoryStatusTracker, NewStatusRecord, OpenedStatus, StatusTracker};
use kusto_ingest_testkit::conformance;
use kusto_ingest_upload::RecordingUploader;
use kusto_storage::{
    BlobName, BlobStore, BlockId, Entity, EntityKey, MessageHandle, PeekedMessage, QueueStore,
    ReceivedMessage, ResourceUri, TableStore,
};

use super::world::World;

#[derive(Debug)]
struct Broken<T>(T);

/// Its blocks can be read before they are committed.
#[async_trait]
impl BlobStore for Broken<MemoryStorage> {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        BlobStore::put(&self.0, container, name, body).await
    }

    async fn stage(&self, to: &ResourceUri, name: &BlobName, _: BlockId, body: Bytes) -> Result<()> {
        BlobStore::put(&self.0, to, name, body).await
    }

    async fn commit(&self, _: &ResourceUri, _: &BlobName, _: &[BlockId]) -> Result<()> {
        Ok(())
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        self.0.length(container, name).await
    }
}

#[test]
#[should_panic(expected = "a blob store: a staged block is no blob yet; but what came was Some(5), not None")]
fn a_block_that_can_be_read_too_early() {
    let world = World::new();
    let store = Broken(world.storage);
    block_on(conformance::blob_store(&store, &world.issued.containers[0]));
}

/// It hides no message that was received, and clears nothing.
#[async_trait]
impl QueueStore for Broken<MemoryStorage> {
    async fn put(&self, queue: &ResourceUri, text: &str) -> Result<()> {
        QueueStore::put(&self.0, queue, text).await
    }

    async fn peek(&self, queue: &ResourceUri, max: u8) -> Result<Vec<PeekedMessage>> {
        self.0.peek(queue, max).await
    }

    async fn receive(&self, queue: &ResourceUri, max: u8, _: Duration) -> Result<Vec<ReceivedMessage>> {
        self.0.receive(queue, max, Duration::ZERO).await
    }

    async fn delete(&self, queue: &ResourceUri, message: &MessageHandle) -> Result<()> {
        self.0.delete(queue, message).await
    }

    async fn clear(&self, _: &ResourceUri) -> Result<()> {
        Ok(())
    }
}

#[test]
#[should_panic(expected = "a queue store: a received message is not seen")]
fn a_message_that_does_not_hide() {
    let world = World::new();
    let store = Broken(world.storage);
    block_on(conformance::queue_store(
        &store,
        &world.issued.queues[0],
        &world.clock,
    ));
}

#[test]
#[should_panic(expected = "a queue store: nothing is seen in an empty queue")]
fn a_queue_that_is_not_cleared() {
    let world = World::new();
    let store = Broken(world.storage);
    block_on(conformance::queue_clearing(
        &store,
        &world.issued.queues[0],
        &world.clock,
    ));
}

/// Its errors quote the SAS, which nobody can know for one when it stands alone.
#[async_trait]
impl TableStore for Broken<MemoryStorage> {
    async fn insert(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        let outcome = self.0.insert(table, entity).await;
        let query = table.expose().query_pairs();
        let sas = query.filter(|(name, _)| name == "sig").map(|(_, value)| value);
        outcome.map_err(|error| error.with("SAS", sas.collect::<String>()))
    }

    async fn get(&self, table: &ResourceUri, key: &EntityKey) -> Result<Option<Entity>> {
        self.0.get(table, key).await
    }

    async fn merge(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        self.0.merge(table, entity).await
    }
}

#[test]
#[should_panic(expected = "a table store: an error never shows a SAS")]
fn an_error_that_shows_a_sas() {
    let world = World::new();
    let store = Broken(world.storage);
    block_on(conformance::table_store(&store, &world.issued.status_table));
}

/// It ends early where the source breaks.
#[async_trait]
impl Compressor for Broken<InlineCompressor> {
    async fn gzip(&self, payload: &Payload) -> Result<Encoded> {
        let encoded = self.0.gzip(payload).await?;
        let sizes = encoded.sizes();
        let chunks: Vec<_> = encoded
            .take_while(|chunk| std::future::ready(chunk.is_ok()))
            .collect()
            .await;
        // The sizes are counted once already.
        let counted = kusto_ingest_compression::EncodedSizes::new();
        counted.add_raw(sizes.raw());
        Ok(Encoded::new(stream::iter(chunks), counted))
    }
}

#[test]
#[should_panic(
    expected = "a compressor: a source that breaks ends in an error, never early; but it did not fail"
)]
fn a_compressor_that_ends_early() {
    block_on(conformance::compressor(&Broken(InlineCompressor::new())));
}

#[test]
#[should_panic(expected = "an uploader: a blob is there when its upload is done; but there is none")]
fn an_uploader_that_uploads_nothing() {
    let world = World::new();
    let uploader = RecordingUploader::new(world.issued.containers[0].clone());
    block_on(conformance::uploader(&uploader, async |blob| world.read(blob)));
}

/// What became of a source once is taken for what becomes of it now.
#[async_trait]
impl StatusTracker for Broken<MemoryStatusTracker> {
    async fn open(&self, source_id: SourceId, new_record: &NewStatusRecord) -> Result<OpenedStatus> {
        let opened = OpenedStatus::new("https://h/status?sig=S", source_id, new_record);
        if self.0.fetch(&opened.locator).await.is_ok() {
            return Ok(opened);
        }
        self.0.open(source_id, new_record).await
    }

    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        self.0.fetch(locator).await
    }

    async fn abandon(&self, locator: &StatusLocator, reason: &Error) -> Result<()> {
        self.0.abandon(locator, reason).await
    }
}

#[test]
#[should_panic(
    expected = "a status tracker: a record that is opened again is pending again; but what came was Failed"
)]
fn a_tracker_that_does_not_open_again() {
    block_on(conformance::status_tracker(&Broken(MemoryStatusTracker::new())));
}

/// It takes everything, and reads nothing.
#[async_trait]
impl IngestClient for Broken<()> {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        Ok(receipt(&source, properties, ReceiptState::Queued))
    }
}

#[test]
#[should_panic(expected = "an ingest client: an empty source is skipped, or refused")]
fn a_client_that_takes_anything() {
    let properties = properties();
    block_on(conformance::ingest_client(&Broken(()), &properties));
}

/// It takes everything, and says that it does not know.
#[derive(Debug)]
struct Shrugging;

#[async_trait]
impl IngestClient for Shrugging {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let state = ReceiptState::Unknown {
            status: None,
            reason: "the answer was lost".to_owned(),
        };
        Ok(receipt(&source, properties, state))
    }
}

#[test]
#[should_panic(expected = "an ingest client: what may be lost is no success")]
fn a_client_that_calls_a_possible_loss_a_success() {
    let properties = properties();
    block_on(conformance::unknown_outcome(&Shrugging, &properties));
}

#[test]
#[should_panic(
    expected = "a queue store: a message is put; but it failed to put the message: a test planned it"
)]
fn a_failure_tells_the_whole_chain() {
    let world = World::new();
    let fault = kusto_fake::Fault::Refused(ErrorKind::Unavailable);
    let plan = kusto_fake::FaultPlan::new(fault).on(kusto_storage::Operation::PutMessage);
    world.storage.plan(plan);
    block_on(conformance::queue_store(
        &world.storage,
        &world.issued.queues[0],
        &world.clock,
    ));
}

#[test]
#[should_panic(
    expected = "an endpoint of queued ingestion: a summary counts every blob; but what came was 0, not 3"
)]
fn an_endpoint_that_forgets_what_it_took() {
    let offered = IngestionConfiguration::new().with_containers(["https://a.blob.core.windows.net/c?sig=S"]);
    block_on(conformance::queued_endpoint(&ScriptedQueued::new(offered)));
}

#[test]
#[should_panic(
    expected = "an endpoint of queued ingestion: a service without the routes is told by its code"
)]
fn an_endpoint_that_offers_what_it_should_not() {
    let endpoint = ScriptedQueued::new(IngestionConfiguration::new());
    block_on(conformance::absent_queued_endpoint(&endpoint));
}
