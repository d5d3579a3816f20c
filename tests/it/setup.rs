//! What the flows share: an emulator with a table, a client of it, and the wait for what was queued.

use kusto_emulator::{Emulator, EmulatorBuilder, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest::status::{PollSchedule, StatusRecord};
use kusto_ingest::{
    IngestionProperties, Kusto, KustoBuilder, LocalSource, Receipt, ReportLevel, ReportMethod,
};
use kusto_ingest_tokio::testing::TestFolder;

/// The database of [`with_table`].
pub(crate) fn database() -> DatabaseName {
    DatabaseName::parse("db").expect("a name")
}

/// The table of [`with_table`].
pub(crate) fn table() -> TableName {
    TableName::parse("t").expect("a name")
}

/// Ingestion into that table.
pub(crate) fn properties() -> IngestionProperties {
    IngestionProperties::new(database(), table())
}

/// The same, with a row in the status table for each source.
pub(crate) fn tracked() -> IngestionProperties {
    properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table)
}

/// An emulator with the table `db.t` of these columns.
pub(crate) fn with_table(columns: &str) -> EmulatorBuilder {
    Emulator::builder().with_table(database(), table(), columns.parse().expect("a schema"))
}

/// An emulator whose messages stay in their queues.
pub(crate) fn paused() -> EmulatorBuilder {
    Emulator::builder().with_ingestion_paused()
}

/// Starts it.
pub(crate) async fn emulator(builder: EmulatorBuilder) -> Emulator {
    builder.start().await.expect("a free port")
}

/// Starts it, with a client at its defaults.
pub(crate) async fn start(builder: EmulatorBuilder) -> (Emulator, Kusto) {
    let emulator = emulator(builder).await;
    let kusto = client(&emulator, |builder| builder);
    (emulator, kusto)
}

/// A client of it with these settings.
pub(crate) fn client(emulator: &Emulator, set: impl FnOnce(KustoBuilder) -> KustoBuilder) -> Kusto {
    let builder = Kusto::builder(&emulator.cluster()).expect("a good address");
    set(builder).connect().expect("good settings")
}

/// Every request of this kind gets no answer until [`Emulator::clear_faults`].
pub(crate) fn silence(emulator: &Emulator, route: Route) {
    let silent = HttpFault::Delay(std::time::Duration::from_secs(3_600));
    emulator.plan(HttpFaultPlan::new(silent).on(route).forever());
}

/// A source of one row.
pub(crate) fn row() -> LocalSource {
    LocalSource::from_bytes("1,x\n").with_name("a.csv")
}

/// How many rows the table has once the queues are empty.
pub(crate) async fn drained_rows(emulator: &Emulator) -> usize {
    emulator.drained().await;
    emulator.fake().rows(&database(), &table()).len()
}

/// Waits for what was queued to end, and reads how.
pub(crate) async fn ended(kusto: &Kusto, receipt: &Receipt) -> StatusRecord {
    let row = receipt.status_locator().expect("it reports to the table");
    let record = kusto.wait_until_final(row, &PollSchedule::interactive()).await;
    record.expect("it ends")
}

/// An empty folder for a test.
pub(crate) fn folder(name: &str) -> TestFolder {
    TestFolder::new(env!("CARGO_TARGET_TMPDIR"), name)
}
