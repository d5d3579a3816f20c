//! Uploads into containers of the user's own.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_fake::testing::{issue, storage};
use kusto_fake::{Fault, FaultPlan, MemoryStorage, ResourcePath};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{DataFormat, ErrorKind, LocalSource, ManualClock, Result};
use kusto_ingest_upload::{BlobNaming, Uploaded, Uploader, UserContainersUploader};
use kusto_storage::{Operation, ResourceKind, ResourceUri};

struct World {
    storage: MemoryStorage,
    uploader: UserContainersUploader,
}

fn uploader(
    containers: impl IntoIterator<Item = ResourceUri>,
    storage: &MemoryStorage,
    clock: &ManualClock,
) -> Result<UserContainersUploader> {
    let (blobs, clock) = (Arc::new(storage.clone()), Arc::new(clock.clone()));
    UserContainersUploader::new(containers, blobs, Arc::new(InlineCompressor::new()), clock)
}

impl World {
    fn new() -> Self {
        let (storage, clock) = storage();
        let containers =
            ["mine", "yours"].map(|account| issue(&storage, ResourceKind::Container, account, "kept"));
        let uploader = uploader(containers, &storage, &clock)
            .expect("they are signed")
            .with_settings(|uploader| uploader.with_block_size(1_000));
        Self { storage, uploader }
    }

    fn upload(&self) -> Uploaded {
        let properties = properties();
        let naming = BlobNaming::new(&properties, DataFormat::Parquet);
        let source = LocalSource::from_bytes(vec![7; 2_500]);
        block_on(self.uploader.upload(&source, &naming)).expect("a container takes it")
    }

    fn blocks_asked_of(&self, account: &str) -> u64 {
        let place = ResourcePath::new(account, "kept");
        self.storage.request_count_at(Operation::StageBlock, &place)
    }

    fn blobs(&self, account: &str) -> usize {
        let place = ResourcePath::new(account, "kept");
        let page = self.storage.list_blobs(&place, "", None, 100);
        page.expect("the container exists").blobs.len()
    }
}

#[test]
fn the_blob_is_in_the_users_container_and_its_sas_opens_it() {
    let world = World::new();
    let uploaded = world.upload();
    assert_eq!(world.blobs("mine") + world.blobs("yours"), 1);
    assert!(uploaded.blob.expose().ends_with(".parquet?sig=SECRET"));
    assert_eq!(uploaded.sent_bytes, 2_500);
    let blocks = world.blocks_asked_of("mine") + world.blocks_asked_of("yours");
    assert_eq!(blocks, 3, "of 1,000 bytes at most, as was set");
}

#[test]
fn an_account_that_fails_is_left_for_the_other_and_ranks_behind_it() {
    let world = World::new();
    let broken = FaultPlan::new(Fault::Refused(ErrorKind::Unavailable)).in_account("mine");
    world.storage.plan(broken.forever());
    for _ in 0..40 {
        world.upload();
    }
    assert_eq!((world.blobs("mine"), world.blobs("yours")), (0, 40));
    let tried = world.blocks_asked_of("mine");
    assert!(
        tried <= 3 * 3,
        "the first failure told enough, of three blocks with three tries each: {tried} were tried"
    );
}

#[test]
fn accounts_that_do_alike_share_the_blobs() {
    let world = World::new();
    for _ in 0..60 {
        world.upload();
    }
    let (mine, yours) = (world.blobs("mine"), world.blobs("yours"));
    assert!(mine > 0 && yours > 0, "{mine} and {yours}");
}

#[test]
fn kusto_reads_by_its_own_identity_where_that_is_wanted() {
    let world = World::new();
    let uploader = world.uploader.clone().with_managed_identity("system");
    let uploaded = World { uploader, ..world }.upload();
    assert!(
        uploaded
            .blob
            .expose()
            .ends_with(".parquet;managed_identity=system")
    );
    assert!(!uploaded.blob.expose().contains("SECRET"));
}

#[test]
fn a_folder_needs_no_sas() {
    let folder = ResourceUri::parse("file:///data/kept").expect("a good address");
    let (storage, clock) = storage();
    uploader([folder], &storage, &clock).expect("the file system decides who may write");
}

#[test]
fn containers_that_nothing_could_be_uploaded_into_are_refused() {
    let open = ResourceUri::parse("https://mine.blob.core.windows.net/kept").expect("a good address");
    for containers in [vec![], vec![open]] {
        let (storage, clock) = storage();
        let error = uploader(containers, &storage, &clock).expect_err("there is nowhere to go");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}
