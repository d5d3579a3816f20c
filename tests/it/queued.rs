//! Queued ingestion through the facade, over HTTP, into the emulator: the main job.

use futures::future::join_all;
use kusto_emulator::{Emulator, Route};
use kusto_ingest::clock::Timestamp;
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::status::{IngestionErrorCode, OperationStatus, PollSchedule, ReceiptState};
use kusto_ingest::{
    BlobSource, ErrorKind, IngestClientExt, IngestionProperties, Kusto, LocalSource, Receipt, ReportLevel,
    ReportMethod, Source, file,
};
use kusto_storage::Operation;
use serde_json::Value;

/// The sample of the README, and what its columns hold.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/samples/seattle-weather.csv");
const WEATHER: &str = ".create table Weather (date:datetime, precipitation:real, temp_max:real, temp_min:real, wind:real, weather:string)";

struct World {
    emulator: Emulator,
    kusto: Kusto,
    database: DatabaseName,
}

impl World {
    async fn start() -> Self {
        let database = DatabaseName::parse("Samples").expect("a good name");
        let emulator = Emulator::builder()
            .with_database(database.clone())
            .start()
            .await
            .expect("a free port");
        let kusto = Kusto::connect(&emulator.cluster()).expect("a good address");
        Self {
            emulator,
            kusto,
            database,
        }
    }

    async fn command(&self, command: &str) {
        let answer = self
            .kusto
            .engine_endpoint()
            .execute(&self.database, command, &RequestProperties::new())
            .await;
        answer.expect("the command is good");
    }

    async fn query(&self, query: &str) -> Vec<Vec<Value>> {
        let answer = self
            .kusto
            .query_endpoint()
            .query(&self.database, query, &RequestProperties::new())
            .await;
        answer
            .expect("the query is good")
            .primary()
            .expect("it has a table")
            .rows
            .clone()
    }

    async fn ingest(&self, source: impl Into<Source> + Send, properties: &IngestionProperties) -> Receipt {
        self.kusto
            .queued()
            .ingest(source, properties)
            .await
            .expect("it is queued")
    }

    async fn status(&self, receipt: &Receipt) -> (OperationStatus, Option<IngestionErrorCode>) {
        let row = receipt.status_locator().expect("it reports to the table");
        let record = self
            .kusto
            .wait_until_final(row, &PollSchedule::interactive())
            .await
            .expect("it ends");
        (record.status, record.error_code)
    }
}

fn tracked() -> IngestionProperties {
    IngestionProperties::into_table("Samples", "Weather")
        .expect("good names")
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table)
}

#[tokio::test]
async fn the_sample_arrives_value_by_value() {
    let world = World::start().await;
    world.command(WEATHER).await;
    let sample = file(SAMPLE).await.expect("the sample is in the repository");
    let receipt = world.ingest(sample, &tracked().with_ignore_first_record()).await;
    assert_eq!(world.status(&receipt).await, (OperationStatus::Succeeded, None));
    assert_eq!(world.query("Weather | count").await, [[Value::from(1_461)]]);

    let rows = world.query("Weather").await;
    let mut file = csv::Reader::from_path(SAMPLE).expect("the sample is CSV");
    let mut compared = 0;
    for (row, record) in rows.iter().zip(file.records()) {
        let record = record.expect("a good record");
        let at = row[0].as_str().expect("a text");
        assert_eq!(
            Timestamp::parse(at).ok(),
            Timestamp::parse(&record[0].replace('/', "-")).ok(),
            "{row:?}"
        );
        for place in 1..5 {
            assert_eq!(row[place].as_f64(), record[place].parse().ok(), "{row:?}");
        }
        assert_eq!(row[5], record[5]);
        compared += 1;
    }
    assert_eq!((compared, rows.len()), (1_461, 1_461));
}

#[tokio::test]
async fn a_receipt_goes_to_another_process_and_is_asked_there() {
    let world = World::start().await;
    world.command(WEATHER).await;
    let source = LocalSource::from_bytes("2012-01-01,0.0,12.8,5.0,4.7,drizzle\n").with_name("day.csv");
    let text = serde_json::to_string(&world.ingest(source, &tracked()).await).expect("a receipt is data");
    assert!(!text.contains("sig="), "{text}");

    let elsewhere = Kusto::connect(&world.emulator.cluster()).expect("a good address");
    let receipt: Receipt = serde_json::from_str(&text).expect("it reads back");
    let row = receipt.status_locator().expect("it reports to the table");
    let record = elsewhere
        .wait_until_final(row, &PollSchedule::interactive())
        .await
        .expect("it ends");
    assert_eq!(record.status, OperationStatus::Succeeded);
}

#[tokio::test]
async fn a_missing_table_is_told_by_the_status_row() {
    let world = World::start().await;
    let receipt = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &tracked())
        .await;
    let missing = Some(IngestionErrorCode::BadRequestTableNotExist);
    assert_eq!(world.status(&receipt).await, (OperationStatus::Failed, missing));
}

#[tokio::test]
async fn bytes_streams_and_blobs_go_the_same_way() {
    let world = World::start().await;
    world.command(".create table Weather (a:long, b:string)").await;
    let csv = tracked().with_format("csv".parse().expect("a format"));
    let stream = LocalSource::from_reader(futures::io::Cursor::new(b"1,stream\n".to_vec()));
    let first = world.ingest(stream, &csv).await;
    let second = world.ingest(LocalSource::from_bytes("2,bytes\n"), &csv).await;
    assert_eq!(first.raw_bytes, Some(9));

    let staged = world
        .emulator
        .fake()
        .issued_resources()
        .expect("storage is issued")
        .containers[0]
        .clone();
    let name = kusto_storage::BlobName::parse("mine.csv").expect("a good name");
    let body = bytes::Bytes::from_static(b"3,blob\n");
    let storage = world.emulator.fake().storage().clone();
    kusto_storage::BlobStore::put(&storage, &staged, &name, body)
        .await
        .expect("the container is there");
    let blob = BlobSource::new(staged.blob(&name).expect("a good address"));
    let third = world.ingest(blob, &tracked()).await;

    for receipt in [&first, &second, &third] {
        assert_eq!(world.status(receipt).await, (OperationStatus::Succeeded, None));
    }
    let mut rows = world.query("Weather").await;
    rows.sort_by_key(|row| row[0].as_i64());
    let texts: Vec<_> = rows.iter().map(|row| row[1].as_str().expect("a text")).collect();
    assert_eq!(texts, ["stream", "bytes", "blob"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s02_c77_many_at_once_share_resources_and_connections() {
    let world = World::start().await;
    world.command(".create table Weather (a:long)").await;
    let properties = IngestionProperties::into_table("Samples", "Weather").expect("good names");
    let receipts = join_all((0..200).map(|number| {
        let source = LocalSource::from_bytes(format!("{number}\n")).with_name("a.csv");
        world.ingest(source, &properties)
    }))
    .await;
    assert!(
        receipts
            .iter()
            .all(|receipt| receipt.state == ReceiptState::Queued)
    );
    world.emulator.drained().await;
    assert_eq!(world.query("Weather | count").await, [[Value::from(200)]]);
    assert_eq!(
        world.emulator.request_count(Route::Storage(Operation::PutBlob)),
        200,
        "one PUT each"
    );
    assert_eq!(
        world
            .emulator
            .request_count(Route::Storage(Operation::PutMessage)),
        200,
        "one POST each"
    );
    assert!(
        world.emulator.connection_count() <= 128,
        "{} sockets",
        world.emulator.connection_count()
    );
}

#[tokio::test]
async fn an_engine_address_is_told_from_the_ingestion_address() {
    let emulator = Emulator::builder()
        .with_engine_port(0)
        .start()
        .await
        .expect("two free ports");
    let engine = emulator.engine().expect("it has an engine of its own");
    let kusto = Kusto::connect(&engine).expect("a good address");
    let source = LocalSource::from_bytes("1\n").with_name("a.csv");
    let error = kusto
        .queued()
        .ingest(source, &tracked())
        .await
        .expect_err("it is the wrong address");
    assert_eq!(error.kind(), ErrorKind::WrongEndpoint, "{}", error.chain());
    assert!(error.is_permanent());
    assert_eq!(emulator.request_count(Route::Storage(Operation::PutBlob)), 0);
}

#[tokio::test]
async fn a_cluster_that_refuses_connections_is_told_as_such() {
    let gone = {
        let emulator = Emulator::start().await.expect("a free port");
        let cluster = emulator.cluster();
        emulator.shutdown().await;
        cluster
    };
    let kusto = Kusto::connect(&gone).expect("a good address");
    let error = kusto
        .data_management()
        .execute(
            &DatabaseName::net_default(),
            ".show version",
            &RequestProperties::new(),
        )
        .await;
    assert_eq!(error.expect_err("nobody listens").kind(), ErrorKind::Connection);
}

#[tokio::test]
async fn who_is_not_trusted_or_wants_an_unknown_sign_in_is_told_before_anything_is_sent() {
    for (text, kind) in [
        (
            "https://kusto.evil.example;Fed=true;AppClientId=me;AppKey=CANARY;Authority Id=contoso",
            ErrorKind::InvalidInput,
        ),
        (
            "http://help.kusto.windows.net;Fed=true;AppClientId=me;AppKey=CANARY;Authority Id=contoso",
            ErrorKind::InvalidInput,
        ),
        ("https://help.kusto.windows.net", ErrorKind::Unauthenticated),
        (
            "https://help.kusto.windows.net;Fed=true;User ID=me;Password=CANARY",
            ErrorKind::InvalidInput,
        ),
        ("https://help.kusto.windows.net;Fed=true", ErrorKind::Unsupported),
    ] {
        let error = Kusto::connect(text).expect_err(text);
        assert_eq!(error.kind(), kind, "{}", error.chain());
        assert!(!format!("{error:?} {}", error.chain()).contains("CANARY"));
    }
}

#[tokio::test]
async fn a_token_goes_with_every_command_and_the_walk_is_the_same() {
    let world = World::start().await;
    world.command(WEATHER).await;
    let text = format!(
        "Data Source={};Fed=true;UserToken=CANARY",
        world.emulator.cluster()
    );
    let kusto = Kusto::connect(&text).expect("a loopback address is trusted");
    let source = LocalSource::from_bytes("2012-01-01,0.0,12.8,5.0,4.7,drizzle\n").with_name("day.csv");
    let receipt = kusto
        .queued()
        .ingest(source, &tracked())
        .await
        .expect("it is queued");
    assert_eq!(world.status(&receipt).await.0, OperationStatus::Succeeded);
}
