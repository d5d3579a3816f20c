//! Every client over a Kusto in memory, as a test of somebody else's program has it.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_ingest_core::{
    IngestClient, IngestClientExt, IngestionProperties, LocalSource, PollSchedule, ReportLevel, ReportMethod,
};
use kusto_ingest_status::wait_until_final;
use kusto_ingest_testkit::{RequestKind, testing};

const CREATE: &str = ".create table Weather (at:datetime, wind:real)";

fn into_weather() -> IngestionProperties {
    IngestionProperties::into_table("Samples", "Weather").expect("two names")
}

fn row() -> LocalSource {
    LocalSource::from_bytes("2012-01-01,4.7\n").with_name("weather.csv")
}

#[test]
fn every_client_brings_a_row_into_the_fake() {
    let fake = testing::kusto("Samples", CREATE).expect("a good command");
    let clients: [Arc<dyn IngestClient>; 4] = [
        Arc::new(testing::queued(&fake)),
        Arc::new(testing::streaming(&fake)),
        Arc::new(testing::managed(&fake)),
        Arc::new(testing::direct(&fake)),
    ];
    for (number, client) in clients.iter().enumerate() {
        block_on(client.ingest(row(), &into_weather())).expect("it is taken");
        fake.drain();
        let properties = into_weather();
        let rows = fake.rows(&properties.database, &properties.table).len();
        assert_eq!(rows, number + 1, "{client:?}");
    }
    assert_eq!(
        fake.request_count(RequestKind::Streaming),
        2,
        "streaming and managed"
    );
}

#[test]
fn a_status_is_read_without_anybody_who_drains() {
    let fake = testing::kusto("Samples", CREATE).expect("a good command");
    let properties = into_weather().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let receipt = block_on(testing::queued(&fake).ingest(row(), &properties)).expect("it is queued");
    let locator = receipt.status_locator().expect("it reports to the table");
    let (clock, status) = (fake.clock(), testing::status(&fake));
    let record = block_on(wait_until_final(
        &*clock,
        &*status,
        locator,
        &PollSchedule::interactive(),
    ));
    record.expect("it is read").into_result().expect("it is ingested");
}

#[test]
fn a_command_that_is_refused_makes_no_kusto() {
    assert!(testing::kusto("Samples", ".make it so").is_err());
    assert!(testing::kusto(" ", CREATE).is_err());
}
