//! From a blob and a message to rows, as a client in another process sees it.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest_core::{
    BlobSource, Clock, DataFormat, IngestionProperties, ReportLevel, ReportMethod, TableName,
};
use kusto_ingest_message::IngestionMessage;
use kusto_storage::{BlobName, Operation};
use serde_json::json;

use crate::client::{Answered, World, below, database, table};

impl World {
    /// Puts a blob, and the message about it.
    async fn ingest(
        &self,
        name: &str,
        data: impl Into<bytes::Bytes>,
        properties: &IngestionProperties,
    ) -> Answered {
        let container = self.container(0);
        let headers = [("x-ms-blob-type", "BlockBlob")];
        let put = self
            .send("PUT", &below(&container, &format!("/{name}"), ""), &headers, data)
            .await;
        assert_eq!(put.status, 201, "{}", put.text());
        let address = container.blob(&BlobName::parse(name).expect("a name"));
        let blob = BlobSource::new(address.expect("an address"));
        let token = self.emulator.fake().identity_token();
        let message = IngestionMessage::new(&blob, properties, DataFormat::Csv, token);
        let text = message.encode(self.clock.now()).expect("a message");
        self.post(&text, "").await
    }

    async fn post(&self, text: &str, query: &str) -> Answered {
        let body = format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>");
        self.send("POST", &below(&self.queue(), "/messages", query), &[], body)
            .await
    }

    async fn count(&self) -> i64 {
        let answer = self.ask("/v1/rest/query", "T | count").await;
        answer.json()["Tables"][0]["Rows"][0][0]
            .as_i64()
            .expect("a number")
    }
}

fn properties() -> IngestionProperties {
    IngestionProperties::new(database(), table())
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn s03_g71_gzip_is_unpacked_whatever_it_is_called_and_a_name_that_lies_fails() {
    let world = World::start().await;
    for (name, data) in [
        ("raw.csv.gz", b"x,1\n".to_vec()),
        ("packed.csv", gzip("y,2\nz,3\n")),
    ] {
        let posted = world.ingest(name, data, &properties()).await;
        assert_eq!(posted.status, 201, "{}", posted.text());
    }
    world.emulator.drained().await;
    let rows = world.ask("/v1/rest/query", "T").await.json()["Tables"][0]["Rows"].clone();
    assert_eq!(rows, json!([["y", 2], ["z", 3]]));
    let failures = world
        .ask("/v1/rest/mgmt", ".show ingestion failures")
        .await
        .json();
    let failures = &failures["Tables"][0]["Rows"];
    assert_eq!(failures.as_array().map(Vec::len), Some(1), "{failures}");
    assert_eq!(failures[0][10], "BadRequest_InvalidBlob", "{failures}");
}

#[tokio::test]
async fn reports_stand_in_the_queues_of_successes_and_failures() {
    let world = World::start().await;
    let mut all = properties();
    all.report_level = ReportLevel::FailuresAndSuccesses;
    all.report_method = ReportMethod::Queue;
    world.ingest("good.csv", "x,1\n", &all).await;
    all.table = TableName::parse("Missing").unwrap();
    world.ingest("bad.csv", "x,1\n", &all).await;
    world.emulator.drained().await;
    let issued = world.emulator.fake().issued_resources().unwrap();
    for queue in [issued.successes, issued.failures] {
        let peeked = world
            .send("GET", &below(&queue, "/messages", "peekonly=true"), &[], "")
            .await;
        assert!(
            peeked.element("MessageText").is_some(),
            "{queue}: {}",
            peeked.text()
        );
    }
}

#[tokio::test]
async fn held_messages_wait_until_they_are_released() {
    let world = World::start_with(|builder| builder.with_ingestion_paused()).await;
    world.ingest("a.csv", "x,1\n", &properties()).await;
    assert_eq!(
        (world.emulator.fake().queued_message_count(), world.count().await),
        (1, 0)
    );
    world.emulator.resume_ingestion();
    world.emulator.drained().await;
    assert_eq!(world.count().await, 1);
}

#[tokio::test]
async fn a_message_that_another_one_took_is_worked_off_when_it_comes_back() {
    let world = World::start_with(|builder| builder.with_ingestion_paused()).await;
    world.ingest("a.csv", "x,1\n", &properties()).await;
    let queue = world.queue();
    let taken = world
        .send(
            "GET",
            &below(&queue, "/messages", "visibilitytimeout=60"),
            &[],
            "",
        )
        .await;
    assert!(taken.element("MessageId").is_some());
    world.emulator.resume_ingestion();
    let moved = async {
        // The worker has looked, found nothing, and sleeps until the message returns.
        while world.clock.sleepers() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(world.count().await, 0);
        world.clock.advance(Duration::from_secs(60));
    };
    tokio::join!(world.emulator.drained(), moved);
    assert_eq!(world.count().await, 1);
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_worked_off_all_the_same() {
    let world = World::start().await;
    let lost = HttpFaultPlan::new(HttpFault::ResponseLost).on(Route::Storage(Operation::PutMessage));
    world.emulator.plan(lost);
    let url = below(&world.queue(), "/messages", "");
    let body = "<QueueMessage><MessageText>no message of Kusto</MessageText></QueueMessage>";
    assert!(world.try_send("POST", &url, &[], body).await.is_err());
    world.emulator.drained().await;
    assert_eq!(world.emulator.fake().ingestions().len(), 1);
}

#[tokio::test]
async fn another_process_can_wait_until_all_is_worked_off() {
    let world = World::start().await;
    world.ingest("a.csv", "x,1\n", &properties()).await;
    let url = format!("{}/__emulator/drained", world.emulator.cluster());
    assert_eq!(world.send("GET", &url, &[], "").await.status, 204);
    assert_eq!(world.count().await, 1);
}

#[tokio::test]
async fn case_21_what_was_left_out_or_nulled_can_be_asked_for() {
    let world = World::start().await;
    let lines = b"x,no number\none field alone\n".to_vec();
    world.ingest("in.csv", lines, &properties()).await;
    world.emulator.drained().await;
    let url = format!("{}/__emulator/notes", world.emulator.cluster());
    let told = world.send("GET", &url, &[], Vec::new()).await.json();
    let note = &told["notes"][0];
    assert_eq!(
        (&note["rows"], &note["recordsLeftOut"], &note["valuesChanged"]),
        (&json!(1), &json!(1), &json!(1)),
        "{told}"
    );
    assert_eq!(note["reasons"], json!({"NotOfType": 1, "WrongNumberOfFields": 1}));
    assert_eq!(
        (&note["first"][0]["line"], &note["first"][0]["column"]),
        (&json!(1), &json!("b"))
    );
    assert_eq!(
        (&note["first"][1]["line"], &note["first"][1]["column"]),
        (&json!(2), &json!(null))
    );
    assert!(!told.to_string().contains("sig="), "{told}");
}
