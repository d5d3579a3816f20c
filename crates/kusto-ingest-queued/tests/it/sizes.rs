//! The sizes of blobs that are there already.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use futures::future::pending;
use kusto_fake::testing::issue;
use kusto_fake::{BlobWrite, Fault, FaultPlan, MemoryStorage, OnConflict, ResourcePath};
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{BlobSource, BlobUri, ErrorKind, IngestClient as _, Result};
use kusto_storage::{BlobProbe, BlobSize, Operation, ResourceKind};

use super::world::World;

/// The user's own account, with one blob in it.
fn own(name: &str, length: usize, metadata: Option<(&str, &str)>) -> MemoryStorage {
    let storage = World::new().storage().clone();
    let _container = issue(&storage, ResourceKind::Container, "mine", "own");
    let write = BlobWrite::new(OnConflict::Replace);
    let write = match metadata {
        Some((name, value)) => write.with_metadata(name, value),
        None => write,
    };
    storage
        .put_blob(
            &ResourcePath::new("mine", "own"),
            name,
            vec![7; length].into(),
            &write,
        )
        .expect("the container exists");
    storage
}

fn blob(name: &str) -> BlobSource {
    BlobSource::parse(format!(
        "https://mine.blob.core.windows.net/own/{name}?sig=SECRET"
    ))
    .expect("a good address")
}

/// A world whose client asks `storage` for sizes.
fn asking(storage: &MemoryStorage) -> World {
    let mut world = World::new();
    world.client = world.client.clone().with_blob_probe(Arc::new(storage.clone()));
    world
}

#[test]
fn s02_c63_a_blob_is_asked_for_its_size_and_ingested_without_where_it_does_not_tell() {
    for (name, metadata, expect) in [
        ("b.csv.gz", None, 11_000),
        ("b.csv", None, 1_000),
        ("b.csv.gz", Some(("rawSizeBytes", "7000")), 7_000),
    ] {
        let storage = own(name, 1_000, metadata);
        let world = asking(&storage);
        let receipt = world.ingest(blob(name), &properties()).expect("it is there");
        assert_eq!(world.only_message()["RawDataSize"], expect, "{name}");
        assert_eq!(receipt.raw_bytes, Some(expect), "{name}");
        assert_eq!(storage.request_count(Operation::HeadBlob), 1);
    }
    let storage = own("b.csv.gz", 1_000, None);
    storage.plan(FaultPlan::new(Fault::Refused(ErrorKind::Forbidden)).on(Operation::HeadBlob));
    let world = asking(&storage);
    world
        .ingest(blob("b.csv.gz"), &properties())
        .expect("it is ingested all the same");
    assert!(world.only_message().get("RawDataSize").is_none());
}

/// A store that only the cluster reaches.
#[derive(Debug)]
struct OutOfReach;

#[async_trait]
impl BlobProbe for OutOfReach {
    async fn size_of(&self, _: &BlobUri) -> Result<BlobSize> {
        pending().await
    }
}

#[test]
fn a_blob_that_does_not_answer_is_ingested_without_its_size_also_under_a_deadline() {
    for deadline in [None, Some(Duration::from_secs(1))] {
        let mut world = World::new();
        let client = world.client.clone().with_blob_probe(Arc::new(OutOfReach));
        world.client = match deadline {
            Some(limit) => client.with_deadline(limit),
            None => client,
        };
        let receipt = world.ingest(blob("b.csv"), &properties());
        assert_eq!(receipt.expect("it is ingested").raw_bytes, None, "{deadline:?}");
    }
}

#[test]
fn s02_c64_a_blob_that_is_known_to_be_empty_is_not_ingested() {
    let world = asking(&own("b.csv", 0, None));
    let source = blob("b.csv");
    let id = source.id();
    let error = world
        .ingest(source, &properties())
        .expect_err("there is nothing in it");
    assert_eq!(
        (error.kind(), error.source_id()),
        (ErrorKind::EmptySource, Some(id))
    );
    assert!(!format!("{error:?}").contains("SECRET"));
    assert!(world.messages().is_empty());
}

#[test]
fn s02_d19_a_blob_is_not_asked_when_the_caller_knows_or_only_kusto_can_open_it() {
    let storage = own("b.csv", 1_000, None);
    let world = asking(&storage);
    let by_identity = "https://mine.blob.core.windows.net/own/b.csv;managed_identity=system";
    let by_identity = BlobSource::parse(by_identity).expect("a good address");
    for (source, expect) in [(blob("b.csv").with_raw_size(5), Some(5)), (by_identity, None)] {
        let receipt =
            block_on(world.client.ingest_source(source.into(), &properties())).expect("nothing fails");
        assert_eq!(receipt.raw_bytes, expect);
    }
    assert_eq!(storage.request_count(Operation::HeadBlob), 0);
}
