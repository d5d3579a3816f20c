//! A source whose ingestion panics has ended, and nobody waits for it.

use bytes::Bytes;
use kusto_fake::BlobDownloader;
use kusto_ingest_core::{BlobUri, Result};
use kusto_ingest_message::{IngestionErrorCode, OperationStatus};
use std::sync::Arc;

use super::world::World;

/// A store whose blobs nobody gets.
#[derive(Debug)]
struct Panicking;

impl BlobDownloader for Panicking {
    fn covers(&self, _: &BlobUri) -> bool {
        true
    }

    fn download(&self, _: &BlobUri) -> Result<Vec<Bytes>> {
        panic!("a defect of the store's")
    }
}

#[test]
fn a_source_that_panics_fails_and_is_counted_no_more() {
    let world = World::new("a:string");
    world.kusto.set_blob_downloader(Arc::new(Panicking));
    let ingested = world.ingest(&world.blob("1.csv", "1\n"), &world.properties());
    assert_eq!(ingested.status, OperationStatus::Failed);
    let code = IngestionErrorCode::GeneralInternalServerError;
    assert_eq!(ingested.error_code, Some(code));
    assert_eq!(world.kusto.queued_message_count(), 0);
}

#[test]
fn an_operation_that_panics_fails() {
    let world = World::new("a:string");
    let blob = world.blob("1.csv", "1\n");
    world.kusto.set_blob_downloader(Arc::new(Panicking));
    let command = format!(".ingest async into table T (h'{}')", blob.uri().expose());
    world.run(&command).expect("it is noted");
    world.kusto.drain();
    let shown = world.run(".show operations").expect("they are shown");
    assert_eq!(shown.value(0, "State"), Some(&"Failed".into()));
}
