//! Whole flows into a Kusto in memory.

use std::sync::Arc;

use futures::executor::block_on;
use futures::io::Cursor;
use kusto_endpoint::{ManagementEndpoint, RequestProperties};
use kusto_fake::{FakeKusto, Fault, FaultPlan, RequestKind, testing};
use kusto_ingest_core::{
    BlobSource, DataFormat, Error, ErrorKind, IngestClient, IngestionProperties, LocalSource, Receipt,
    ReceiptState, Result, Source,
};
use kusto_ingest_direct::{Batching, CommandMode, DirectIngestClient};
use kusto_ingest_upload::{BlobNaming, Uploaded, Uploader};
use kusto_storage::{BlobName, BlobStore};

use crate::world::properties;

struct World {
    kusto: FakeKusto,
    client: DirectIngestClient,
    properties: IngestionProperties,
}

impl World {
    fn new() -> Self {
        let (kusto, clock) = testing::kusto();
        let client = DirectIngestClient::new(Arc::new(kusto.clone()), Arc::new(clock));
        let properties = properties();
        kusto.create_database(&properties.database);
        let create = ".create table T (a:long, b:string)";
        block_on(kusto.execute(&properties.database, create, &RequestProperties::new())).expect("created");
        Self {
            kusto,
            client,
            properties,
        }
    }

    fn with(self, change: impl FnOnce(DirectIngestClient) -> DirectIngestClient) -> Self {
        let client = change(self.client);
        Self { client, ..self }
    }

    fn ingest(&self, source: impl Into<Source>) -> Result<Receipt> {
        block_on(self.client.ingest_source(source.into(), &self.properties))
    }

    fn blob(&self, name: &str, body: &'static str) -> BlobSource {
        testing::put_blob(&self.kusto, name, body)
    }

    fn rows(&self) -> usize {
        self.kusto
            .rows(&self.properties.database, &self.properties.table)
            .len()
    }

    fn extents(&self) -> Vec<uuid::Uuid> {
        let extents = self
            .kusto
            .extents(&self.properties.database, &self.properties.table);
        extents.iter().map(|extent| extent.id).collect()
    }
}

/// Puts what it is given into the storage that a Kusto issues, as it is.
#[derive(Debug)]
struct PlainUploader(FakeKusto);

#[async_trait::async_trait]
impl Uploader for PlainUploader {
    async fn upload(&self, source: &LocalSource, naming: &BlobNaming) -> Result<Uploaded> {
        use futures::io::AsyncReadExt;

        let mut bytes = Vec::new();
        let mut reader = source.payload().open(0).await?;
        reader.read_to_end(&mut bytes).await.expect("it can be read");
        let length = bytes.len() as u64;
        let container = self.0.issued_resources()?.containers[0].clone();
        // What is put as it is must not be called gzip.
        let name = BlobName::parse(naming.blob_name(source)?.as_str().trim_end_matches(".gz"))?;
        BlobStore::put(self.0.storage(), &container, &name, bytes.into()).await?;
        Ok(Uploaded::new(container.blob(&name)?, Some(length), length))
    }
}

#[test]
fn a_blob_is_loaded_and_the_receipt_names_its_extent() {
    let world = World::new().with(|client| client.with_mode(CommandMode::Sync));
    let receipt = world.ingest(world.blob("f.csv", "1,x\n2,y\n")).expect("loaded");
    assert_eq!(world.rows(), 2);
    let ReceiptState::Ingested { extents, .. } = receipt.state else {
        panic!("{receipt:?}");
    };
    assert_eq!(extents, world.extents());
}

#[test]
fn an_operation_is_followed_to_its_end() {
    let world = World::new();
    let receipt = world.ingest(world.blob("f.csv", "1,x\n")).expect("loaded");
    assert!(
        matches!(receipt.state, ReceiptState::Ingested { .. }),
        "{receipt:?}"
    );
    assert_eq!(
        (world.rows(), world.kusto.request_count(RequestKind::Operations)),
        (1, 1)
    );
    let gone = world
        .blob("gone.csv", "1,x\n")
        .uri()
        .expose()
        .replace("gone", "missing");
    let error = world
        .ingest(BlobSource::parse(gone).expect("an address"))
        .expect_err("it is not there");
    assert_eq!(error.code(), Some("Download_SourceNotFound"));
}

#[test]
fn a_batch_is_one_command_and_each_blob_has_its_extent() {
    let world = World::new().with(|client| {
        client
            .with_batching(Batching::many_per_command())
            .with_mode(CommandMode::Sync)
    });
    let blobs = [world.blob("1.csv", "1,x\n"), world.blob("2.csv", "2,y\n")];
    let sources = blobs
        .into_iter()
        .map(|blob| (blob.into(), &world.properties))
        .collect();
    let receipts = block_on(world.client.ingest_many(sources))
        .into_result()
        .expect("loaded");
    assert_eq!(world.kusto.request_count(RequestKind::Ingest), 1);
    let told: Vec<_> = receipts
        .iter()
        .map(|receipt| match &receipt.state {
            ReceiptState::Ingested { extents, .. } => extents[0],
            state => panic!("{state:?}"),
        })
        .collect();
    assert_eq!(told, world.extents());
}

#[test]
fn the_same_tag_is_ingested_once() {
    let mut world = World::new();
    world.properties = world
        .properties
        .with_ingest_by_tags(["x"])
        .with_ingest_if_not_exists(["x"]);
    let source = || LocalSource::from_bytes("1,x\n");
    assert!(matches!(
        world.ingest(source()).expect("loaded").state,
        ReceiptState::Ingested { .. }
    ));
    assert_eq!(
        world.ingest(source()).expect("no error").state,
        ReceiptState::Skipped
    );
    assert_eq!(world.rows(), 1);
}

#[test]
fn small_text_goes_inline_and_everything_else_through_the_uploader() {
    let world = World::new().with(|client| client.with_inline_limit(8));
    let uploader = Arc::new(PlainUploader(world.kusto.clone()));
    let large = "1,x\n2,y\n3,z\n";
    for (source, rows) in [
        (LocalSource::from_bytes(large), 3),
        (LocalSource::from_reader(Cursor::new(large.as_bytes())), 3),
        (LocalSource::from_reader(Cursor::new(b"1,\xff\n")), 1),
        (LocalSource::from_bytes(" 1,x\n"), 1),
    ] {
        let refused = world.ingest(LocalSource::new(source.payload().clone()).with_id(source.id()));
        if source.payload().is_replayable() {
            let kind = refused.expect_err("there is no uploader").kind();
            assert!(
                matches!(kind, ErrorKind::SizeLimitExceeded | ErrorKind::Data),
                "{kind:?}"
            );
            let client = world.client.clone().with_uploader(uploader.clone());
            let before = world.rows();
            block_on(client.ingest_source(source.into(), &world.properties)).expect("loaded");
            assert_eq!(world.rows() - before, rows);
        }
    }
    assert_eq!(world.kusto.request_count(RequestKind::IngestInline), 0);
    world
        .ingest(LocalSource::from_reader(Cursor::new(b"\xef\xbb\xbf1,x\n")))
        .expect("inline");
    assert_eq!(world.kusto.request_count(RequestKind::IngestInline), 1);
}

#[test]
fn what_was_read_of_a_stream_is_uploaded_with_the_rest() {
    let world = World::new().with(|client| client.with_inline_limit(8));
    let uploader = Arc::new(PlainUploader(world.kusto.clone()));
    let world = world.with(|client| client.with_uploader(uploader));
    for (bytes, rows) in [(&b"1,x\n2,y\n3,z\n"[..], 3), (b"1,\xff\n", 4)] {
        world
            .ingest(LocalSource::from_reader(Cursor::new(bytes)))
            .expect("loaded");
        assert_eq!(world.rows(), rows);
    }
    assert_eq!(world.kusto.request_count(RequestKind::IngestInline), 0);
}

#[test]
fn a_chunk_that_was_read_before_its_upload_keeps_its_number() {
    let world = World::new().with(|client| client.with_inline_limit(8));
    let uploader = Arc::new(PlainUploader(world.kusto.clone()));
    let world = world.with(|client| client.with_uploader(uploader));
    let chunk = LocalSource::from_reader(Cursor::new("1,x\n2,y\n3,z\n")).with_chunk(7);
    let blob = world.ingest(chunk).expect("loaded").blob;
    assert!(
        blob.as_deref().is_some_and(|blob| blob.contains("__00007.")),
        "{blob:?}"
    );
}

#[test]
fn what_the_service_refuses_is_an_error_of_that_source() {
    let world = World::new();
    let throttled = Error::new(ErrorKind::Throttled, "run the command").with_http_status(429);
    let throttled = FaultPlan::new(Fault::Error(throttled)).on(RequestKind::IngestInline);
    world.kusto.plan(throttled.times(2));
    world
        .ingest(LocalSource::from_bytes("1,x\n"))
        .expect("the third attempt");
    assert_eq!(
        (world.rows(), world.kusto.request_count(RequestKind::IngestInline)),
        (1, 3)
    );
    let unknown = IngestionProperties::into_table("D", "U")
        .expect("names")
        .with_format(DataFormat::Csv);
    let source = LocalSource::from_bytes("1,x\n");
    let id = source.id();
    let error =
        block_on(world.client.ingest_source(source.into(), &unknown)).expect_err("there is no such table");
    assert_eq!(
        (error.code(), error.source_id()),
        (Some("BadRequest_TableNotExist"), Some(id))
    );
}

#[test]
fn of_calls_that_are_to_ingest_once_the_first_is_loaded_and_the_next_is_skipped() {
    for mode in [CommandMode::Sync, CommandMode::Followed] {
        let mut world = World::new().with(|client| {
            client
                .with_batching(Batching::many_per_command())
                .with_parallelism(1)
                .with_mode(mode)
        });
        world.properties = world.properties.clone().with_ingest_by_tags(["x"]);
        world.properties = world.properties.clone().with_ingest_if_not_exists(["x"]);
        let blobs = [world.blob("1.csv", "1,x\n"), world.blob("2.csv", "2,y\n")];
        let states = blobs.map(|blob| {
            let source = vec![(blob.into(), &world.properties)];
            let told = block_on(world.client.ingest_many(source));
            let states: Vec<_> = told.receipts().map(|receipt| receipt.state.clone()).collect();
            states
        });
        let states = states.concat();
        assert_eq!(world.rows(), 1);
        let [ReceiptState::Ingested { extents, .. }, ReceiptState::Skipped] = states.as_slice() else {
            panic!("{mode:?}: {states:?}");
        };
        if mode == CommandMode::Sync {
            assert_eq!(*extents, world.extents());
        }
    }
}
