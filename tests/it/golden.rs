//! The documented messages, byte for byte, as they leave the process: the whole flow over a network that takes
//! everything and remembers it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Method, Request, Transport};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::io::Cursor;
use kusto_ingest::clock::Timestamp;
use kusto_ingest::mapping::{ColumnMapping, IngestionMapping, MappingKind, Transform};
use kusto_ingest::properties::{ValidationImplications, ValidationOptions, ValidationPolicy};
use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest::sources::SourceId;
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{
    BlobSource, Error, IngestClient, IngestionProperties, LocalSource, Receipt, ReportLevel, ReportMethod,
    Source,
};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::{ClientDetails, ManualClock};
use kusto_ingest_message::IdentityToken;
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_status::TableStatusTracker;
use kusto_ingest_upload::ContainerUploader;
use kusto_storage::ResourceUri;
use kusto_storage_azure::{AzureBlobProbe, AzureStorage};
use serde_json::Value;

/// A request as it left.
#[derive(Clone, Debug)]
struct Sent {
    method: Method,
    url: String,
    body: Bytes,
}

/// Takes every request, as the services do when all is well.
#[derive(Clone, Debug, Default)]
struct Network(Arc<Mutex<Vec<Sent>>>);

#[async_trait]
impl HttpClient for Network {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let body = match request.body() {
            azure_core::http::Body::Bytes(bytes) => bytes.clone(),
            azure_core::http::Body::SeekableStream(_) => unreachable!("small bodies are bytes"),
        };
        let url = request.url().to_string();
        let status = if url.contains(".table.") { 204 } else { 201 };
        let method = request.method();
        self.0
            .lock()
            .expect("no test panics with it")
            .push(Sent { method, url, body });
        Ok(AsyncRawResponse::from_bytes(
            status.into(),
            Headers::new(),
            Bytes::new(),
        ))
    }
}

/// What the documented messages were written for.
struct Documented {
    account: &'static str,
    container: &'static str,
    now: &'static str,
}

impl Documented {
    /// The whole flow, and all that was sent.
    async fn flow(
        &self,
        source: impl Into<Source>,
        properties: &IngestionProperties,
    ) -> (Receipt, Vec<Sent>) {
        let issued = |service: &str, account: &str, name: &str, more: &str| {
            let address = format!(
                "https://{account}.{service}.core.windows.net/{name}?sv=2022-11-02{more}&sig=REDACTED%3D"
            );
            ResourceUri::parse(&address).expect("a good address")
        };
        let table = "ingestionsstatus20260102";
        let issued = IngestionResources::empty()
            .with_containers([issued("blob", self.account, self.container, "")])
            .with_queues([issued("queue", self.account, "ready-0", "")])
            .with_status_tables([issued("table", "acct9", table, &format!("&tn={table}"))]);
        let token = IdentityToken::parse("IDENTITY-TOKEN").expect("it is not blank");
        let resources = Arc::new(FixedResources::new(issued, token));
        let network = Network::default();
        let storage = Arc::new(AzureStorage::new(Transport::new(Arc::new(network.clone()))));
        let clock = Arc::new(ManualClock::new(at(self.now)));
        let uploader = ContainerUploader::new(
            resources.clone(),
            storage.clone(),
            Arc::new(InlineCompressor::new()),
            clock.clone(),
        );
        let tracker = TableStatusTracker::new(storage.clone(), resources.clone(), clock.clone());
        let probe = AzureBlobProbe::new((*storage).clone(), clock.clone());
        let client = QueuedIngestClient::new(resources, Arc::new(uploader), storage, clock)
            .with_status(Arc::new(tracker))
            .with_blob_probe(Arc::new(probe))
            .with_tracing(ClientDetails::new("Kusto.Rust.Client", "0.1.0").with_application("my-app"));
        let receipt = client
            .ingest_source(source.into(), properties)
            .await
            .expect("all is taken");
        let sent = network.0.lock().expect("no test panics with it").clone();
        (receipt, sent)
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a good time")
}

fn id(text: &str) -> SourceId {
    text.parse().expect("a GUID")
}

/// The JSON in the body of a post, by the text alone: its base64 stands between the tags, and nothing else is there.
fn message(post: &Sent) -> String {
    let body = std::str::from_utf8(&post.body).expect("it is text");
    let text = body
        .strip_prefix("<QueueMessage><MessageText>")
        .and_then(|rest| rest.strip_suffix("</MessageText></QueueMessage>"))
        .expect("the message stands between its tags");
    let json = STANDARD.decode(text).expect("it is padded base64");
    String::from_utf8(json).expect("it is text")
}

/// The same without what is the blob's own for each attempt: two underscores and eight hexadecimal digits before its
/// extension. It must be there.
fn without_attempt(message: &str) -> String {
    let blob = named(message);
    let path = blob.split('?').next().expect("there is a path");
    let (_, last) = path.rsplit_once("__").expect("the attempt has its mark");
    let (mark, _) = last.split_once('.').expect("there is an extension");
    assert!(
        mark.len() == 8 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{path}"
    );
    message.replacen(&format!("__{mark}."), ".", 1)
}

/// The address of a blob that a message names.
fn named(message: &str) -> String {
    let message: Value = serde_json::from_str(message).expect("it is JSON");
    message["BlobPath"].as_str().expect("a text").to_owned()
}

/// Methods, and the beginnings of the hosts.
fn summary(sent: &[Sent]) -> Vec<(Method, &str)> {
    let host = |url: &str| url.find(".core").map_or(0, |end| end);
    sent.iter()
        .map(|sent| (sent.method, &sent.url["https://".len()..host(&sent.url)]))
        .collect()
}

#[tokio::test]
async fn s02_c1_the_documented_message_of_a_file_goes_over_the_wire() -> Result<(), Error> {
    let documented = Documented {
        account: "acct1",
        container: "tmp-0",
        now: "2026-01-02T03:04:05.678901Z",
    };
    let file = LocalSource::from_bytes(vec![b'1'; 1_578])
        .with_name("dataset.csv")
        .with_id(id("11111111-1111-4111-8111-111111111111"));
    let properties = IngestionProperties::into_table("MyDb", "MyTable")?;
    let (receipt, sent) = documented.flow(file, &properties).await;
    assert_eq!(receipt.state, ReceiptState::Queued);
    assert_eq!(
        summary(&sent),
        [(Method::Put, "acct1.blob"), (Method::Post, "acct1.queue")]
    );
    let golden = include_str!("../../crates/kusto-ingest-message/tests/golden/m1.json").trim_end();
    let message = message(&sent[1]);
    assert_eq!(without_attempt(&message), golden);
    assert_eq!(sent[0].url, named(&message), "the blob is where the message says");
    assert!(sent[1].url.contains("/ready-0/messages?"), "{}", sent[1].url);
    Ok(())
}

#[tokio::test]
async fn s02_c2_the_documented_message_of_a_stream_follows_its_status_row() -> Result<(), Error> {
    let documented = Documented {
        account: "acct2",
        container: "tmp-3",
        now: "2026-01-02T03:04:05Z",
    };
    let source_id = "22222222-2222-4222-8222-222222222222";
    let stream = LocalSource::from_reader(Cursor::new(vec![b' '; 4_096])).with_id(id(source_id));
    let text = |name: &str| ColumnMapping::new(name).with_type("string");
    let columns = vec![
        ColumnMapping::new("ts")
            .with_type("datetime")
            .with_path("$.ts")
            .with_transform(Transform::DateTimeFromUnixMilliseconds),
        text("msg").with_path("$.message"),
        text("src").with_transform(Transform::SourceLocation),
        text("batch").with_constant("b-7"),
    ];
    let properties = IngestionProperties::into_table("Logs", "Events")?
        .with_format("multijson".parse()?)
        .with_mapping(IngestionMapping::inline(MappingKind::Json, columns)?)
        .with_additional_tags(["env:prod"])
        .with_drop_by_tags(["2026-01-02"])
        .with_ingest_by_tags(["part-0001"])
        .with_ingest_if_not_exists(["part-0001"])
        .with_flush_immediately()
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::QueueAndTable)
        .with_creation_time(at("2026-01-01"))
        .with_extend_schema(true);
    let (receipt, sent) = documented.flow(stream, &properties).await;
    assert!(matches!(receipt.state, ReceiptState::Tracked(_)), "{receipt:?}");
    assert_eq!(
        summary(&sent),
        [
            (Method::Put, "acct2.blob"),
            (Method::Post, "acct9.table"),
            (Method::Post, "acct2.queue")
        ]
    );
    let golden = include_str!("../../crates/kusto-ingest-message/tests/golden/m2.json").trim_end();
    let message = message(&sent[2]);
    assert_eq!(without_attempt(&message), golden);
    assert_eq!(sent[0].url, named(&message), "the blob is where the message says");
    let row: Value = serde_json::from_slice(&sent[1].body).expect("a row is JSON");
    assert_eq!(
        (&row["PartitionKey"], &row["RowKey"], &row["Status"]),
        (&source_id.into(), &source_id.into(), &"Pending".into())
    );
    Ok(())
}

#[tokio::test]
async fn s02_c3_the_documented_message_of_a_blob_is_all_that_is_sent() -> Result<(), Error> {
    let documented = Documented {
        account: "acct1",
        container: "tmp-0",
        now: "2026-01-02T03:04:05Z",
    };
    let theirs = BlobSource::parse(
        "https://mydata.blob.core.windows.net/raw/2026/export.csv.zip;managed_identity=system",
    )?
    .with_id(id("33333333-3333-4333-8333-333333333333"))
    .with_delete_after_ingestion();
    let properties = IngestionProperties::into_table("Db", "T able")?
        .with_mapping(IngestionMapping::reference(MappingKind::Csv, "CsvMap1")?)
        .with_validation_policy(ValidationPolicy {
            options: ValidationOptions::ValidateCsvInputConstantColumns,
            implications: ValidationImplications::BestEffort,
        })
        .with_ignore_first_record()
        .with_ignore_size_limit()
        .with_zip_pattern(".*\\.csv$")
        .with_reporting(ReportLevel::None, ReportMethod::Queue);
    let (_, sent) = documented.flow(theirs, &properties).await;
    assert_eq!(summary(&sent), [(Method::Post, "acct1.queue")]);
    let golden = include_str!("../../crates/kusto-ingest-message/tests/golden/m3.json").trim_end();
    assert_eq!(message(&sent[0]), golden);
    Ok(())
}
