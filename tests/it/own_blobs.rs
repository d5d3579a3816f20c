//! Blobs of the user's own: containers to upload into, and blobs that are there already.

use kusto_emulator::{Emulator, Route};
use kusto_fake::ResourcePath;
use kusto_ingest::status::OperationStatus;
use kusto_ingest::storage::ResourceUri;
use kusto_ingest::{BlobSource, IngestClient as _, Kusto, KustoBuilder, LocalSource, Receipt};
use kusto_storage::{Operation, ResourceKind};

use crate::setup::{client, ended, start, tracked, with_table};

/// An emulator with a table, and a container in it that Kusto does not issue.
struct World {
    emulator: Emulator,
    kusto: Kusto,
    container: ResourceUri,
}

impl World {
    async fn start() -> Self {
        let (emulator, kusto) = start(with_table("a:long, b:string")).await;
        let address = format!("{}/devstoreaccount1/my-own?sv=1&sig=OWN", emulator.cluster());
        let container = ResourceUri::parse(&address).expect("a good address");
        let storage = emulator.fake().storage();
        storage
            .issue(ResourceKind::Container, &container)
            .expect("a new container");
        Self {
            emulator,
            kusto,
            container,
        }
    }

    fn blobs(&self) -> usize {
        let place = ResourcePath::from(&self.container);
        let page = self.emulator.fake().storage().list_blobs(&place, "", None, 10);
        page.expect("the container exists").blobs.len()
    }
}

/// Waits until what the receipt is about is in the table.
async fn arrived(kusto: &Kusto, receipt: &Receipt) {
    let record = ended(kusto, receipt).await;
    assert_eq!(record.status, OperationStatus::Succeeded, "{record:?}");
}

#[tokio::test]
async fn a_source_goes_through_a_user_container_into_the_table() {
    let world = World::start().await;
    let kusto = client(&world.emulator, |builder| {
        builder.with_user_containers([world.container.clone()], |uploader| uploader)
    });
    let source = LocalSource::from_bytes("1,x\n2,y\n").with_name("a.csv");
    let receipt = kusto
        .queued()
        .ingest_source(source.into(), &tracked())
        .await
        .expect("it is queued");
    assert!(
        receipt
            .blob
            .as_deref()
            .expect("it has a blob")
            .contains("/my-own/")
    );
    arrived(&kusto, &receipt).await;
    assert_eq!(world.blobs(), 1, "it stays where it is");
}

#[tokio::test]
async fn s02_c63_a_blob_that_is_there_is_asked_for_its_size_once_unless_that_is_switched_off() {
    let world = World::start().await;
    let place = ResourcePath::from(&world.container);
    let write = kusto_fake::BlobWrite::new(kusto_fake::OnConflict::Replace);
    let storage = world.emulator.fake().storage();
    storage
        .put_blob(&place, "b.csv", "1,x\n".into(), &write)
        .expect("the container exists");
    let address = format!(
        "{}/b.csv?{}",
        world.container.redacted(),
        world.container.expose().query().expect("signed")
    );
    let silent = client(&world.emulator, KustoBuilder::without_blob_probe);
    for (kusto, size, asked) in [(silent, None, 0), (world.kusto.clone(), Some(4), 1)] {
        let source = BlobSource::parse(&address).expect("a good address");
        let receipt = kusto
            .queued()
            .ingest_source(source.into(), &tracked())
            .await
            .expect("it is queued");
        assert_eq!(receipt.raw_bytes, size);
        arrived(&kusto, &receipt).await;
        let heads = world.emulator.request_count(Route::Storage(Operation::HeadBlob));
        assert_eq!(heads, asked);
    }
}
