//! The main job on a real cluster, when `KUSTO_TEST_CONNECTION` names one: a connection string with a database in which
//! a table may be created and dropped.

use std::time::Duration;

use kusto_ingest::connection::ConnectionString;
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::sources::SourceId;
use kusto_ingest::status::{OperationStatus, PollSchedule};
use kusto_ingest::{IngestClient, IngestionProperties, Kusto, LocalSource, ReportLevel, ReportMethod};

const WAIT_TIMEOUT: Duration = Duration::from_secs(15 * 60);

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn queued_rows_arrive_in_a_real_table() {
    let Ok(text) = std::env::var("KUSTO_TEST_CONNECTION") else {
        eprintln!("SKIPPED: KUSTO_TEST_CONNECTION is not set; it names a cluster and a database to test on");
        return;
    };
    let connection: ConnectionString = text.parse().expect("KUSTO_TEST_CONNECTION can be read");
    let database = DatabaseName::parse(connection.database()).expect("it names a database");
    let kusto = Kusto::connect(&text).expect("it says how to sign in");
    let table = format!("KustoIngestLive{}", SourceId::random().as_uuid().simple());
    let command = async |text: String| {
        let answer = kusto
            .engine_endpoint()
            .execute(&database, &text, &RequestProperties::new())
            .await;
        answer.unwrap_or_else(|error| panic!("{}", error.chain()));
    };
    command(format!(".create table {table} (a:long, b:string)")).await;

    let properties = IngestionProperties::into_table(&database, table.as_str())
        .expect("good names")
        .with_flush_immediately()
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let source = LocalSource::from_bytes("1,one\n2,two\n").with_name("live.csv");
    let ended = async {
        let receipt = kusto.queued().ingest_source(source.into(), &properties).await?;
        let row = receipt.status_locator().expect("it reports to the table");
        kusto
            .wait_until_final(row, &PollSchedule::standard().with_limit(WAIT_TIMEOUT))
            .await
    }
    .await;
    command(format!(".drop table {table}")).await;
    let record = ended.unwrap_or_else(|error| panic!("{}", error.chain()));
    assert_eq!(record.status, OperationStatus::Succeeded, "{record:?}");
}
