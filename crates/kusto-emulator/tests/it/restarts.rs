//! What waited when an emulator ended goes on in the next one that has its folder, or is told why it cannot.

use kusto_emulator::{Emulator, EmulatorBuilder};
use kusto_ingest_core::{
    BlobSource, Clock, DataFormat, DatabaseName, IngestionProperties, Result, TableName,
};
use kusto_ingest_message::IngestionMessage;
use kusto_ingest_tokio::testing::TestFolder;
use kusto_storage::{BlobName, BlobStore, QueueStore};

const DATABASE: &str = "NetDefaultDB";

fn kept_in(folder: &TestFolder) -> EmulatorBuilder {
    Emulator::builder().with_persistence(folder.path())
}

fn folder(name: &str) -> TestFolder {
    TestFolder::new(env!("CARGO_TARGET_TMPDIR"), name)
}

/// An emulator that ingests nothing yet, with a table and a blob.
async fn paused(folder: &TestFolder) -> Result<(Emulator, BlobSource)> {
    let emulator = kept_in(folder).with_ingestion_paused().start().await?;
    emulator.query(DATABASE, ".create table T (a:long)")?;
    let container = &emulator.fake().issued_resources()?.containers[0];
    let name = BlobName::parse("rows.csv")?;
    BlobStore::put(emulator.fake().storage(), container, &name, "1\n2\n".into()).await?;
    let blob = BlobSource::new(container.blob(&name)?);
    Ok((emulator, blob))
}

#[tokio::test]
async fn what_is_queued_in_one_account_is_ingested_after_a_start_with_another() {
    let folder = folder("queued_in_another_account");
    let (emulator, blob) = paused(&folder).await.expect("it starts");
    let properties = IngestionProperties::new(
        DatabaseName::net_default(),
        TableName::parse("T").expect("a name"),
    );
    let fake = emulator.fake();
    let message = IngestionMessage::new(&blob, &properties, DataFormat::Csv, fake.identity_token());
    let text = message.encode(emulator.clock().now()).expect("a short message");
    let queue = &fake.issued_resources().expect("issued").queues[0];
    QueueStore::put(fake.storage(), queue, &text)
        .await
        .expect("queued");
    emulator.shutdown().await;

    let again = kept_in(&folder).with_accounts(["another"]).start().await;
    let again = again.expect("it starts");
    again.drained().await;
    assert_eq!(again.rows(DATABASE, "T").expect("names").len(), 2);
}

#[tokio::test]
async fn an_asynchronous_command_whose_table_was_dropped_has_failed_after_a_start() {
    let folder = folder("asynchronous_and_dropped");
    let (emulator, blob) = paused(&folder).await.expect("it starts");
    let command = format!(".ingest async into table T (h'{}')", blob.uri().expose());
    emulator.query(DATABASE, &command).expect("it is taken");
    emulator.query(DATABASE, ".drop table T").expect("it is dropped");
    emulator.shutdown().await;

    let again = kept_in(&folder).start().await.expect("it starts");
    let shown = again.query(DATABASE, ".show operations | project State, Status");
    let shown = shown.expect("it is shown").to_dataset();
    let operations = &shown.tables[0].rows;
    assert_eq!((operations.len(), &operations[0][0]), (1, &"Failed".into()));
    let why = operations[0][1].as_str().expect("a text");
    assert!(why.contains("BadRequest_TableNotExist"), "{why}");
}
