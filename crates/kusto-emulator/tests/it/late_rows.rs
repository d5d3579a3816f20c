//! A client that opens its status row only after it has queued its message is told the truth all the same.

use std::time::Duration;

use kusto_ingest_core::{BlobSource, Clock, DataFormat, IngestionProperties, ReportLevel, ReportMethod};
use kusto_ingest_message::{IngestionMessage, StatusLocation};
use kusto_storage::{BlobName, BlobStore, QueueStore};
use serde_json::json;

use crate::client::{World, below, database, table};

impl World {
    /// Queues a source that is reported to a row of the status table, which nobody has opened.
    async fn queue_unopened(&self, data: &'static str, key: &str) {
        let storage = self.emulator.fake().storage();
        let name = BlobName::parse("late.csv").expect("a name");
        BlobStore::put(storage, &self.container(0), &name, data.into())
            .await
            .expect("put");
        let blob = BlobSource::new(self.container(0).blob(&name).expect("an address"));
        let location = StatusLocation::new(self.status_table().expose().as_str(), key, "0");
        let properties = IngestionProperties::new(database(), table())
            .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
        let token = self.emulator.fake().identity_token();
        let message = IngestionMessage::new(&blob, &properties, DataFormat::Csv, token).with_status(location);
        let text = message.encode(self.clock.now()).expect("a short message");
        QueueStore::put(storage, &self.queue(), &text)
            .await
            .expect("queued");
        self.emulator.drained().await;
    }

    async fn row(&self, key: &str) -> Option<String> {
        let path = format!("(PartitionKey='{key}',RowKey='0')");
        let answer = self
            .send("GET", &below(&self.status_table(), &path, ""), &[], "")
            .await;
        (answer.status == 200).then(|| answer.json()["Status"].as_str().expect("a text").to_owned())
    }
}

#[tokio::test]
async fn a_row_that_is_opened_after_the_ingestion_has_failed_says_so_at_once() {
    let world = World::start().await;
    world.queue_unopened("\"never closed", "k").await;
    assert_eq!(world.row("k").await, None, "nobody has opened it");
    let pending = json!({"PartitionKey": "k", "RowKey": "0", "Status": "Pending", "Mine": 7}).to_string();
    let opened = world
        .send(
            "POST",
            &below(&world.status_table(), "", ""),
            &[("prefer", "return-no-content")],
            pending,
        )
        .await;
    assert_eq!(opened.status, 204, "{}", opened.text());
    assert_eq!(world.row("k").await.as_deref(), Some("Failed"));
    let path = "(PartitionKey='k',RowKey='0')";
    let row = world
        .send("GET", &below(&world.status_table(), path, ""), &[], "")
        .await
        .json();
    assert_eq!(
        (&row["Mine"], &row["ErrorCode"]),
        (&json!(7), &json!("Stream_ClosingQuoteMissing"))
    );
}

#[tokio::test]
async fn a_row_that_nobody_opens_is_there_after_two_seconds_of_the_emulators_clock() {
    let world = World::start().await;
    world.queue_unopened("x,1\n", "k").await;
    world.clock.advance(Duration::from_millis(1999));
    assert_eq!(world.row("k").await, None);
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(world.row("k").await.as_deref(), Some("Succeeded"));
}
