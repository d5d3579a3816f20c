//! Rows and files of a program's own, through the facade and over HTTP, into the emulator.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use kusto_emulator::Emulator;
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest::rows::{RowSpool, RowWriter};
use kusto_ingest::sources::Sources;
use kusto_ingest::status::{OperationStatus, PollSchedule};
use kusto_ingest::{
    Files, IngestClientExt as _, IngestionProperties, Kusto, LocalSource, Receipt, ReportLevel, ReportMethod,
    Rows,
};
use kusto_ingest_tokio::testing::TestFolder;

struct World {
    emulator: Emulator,
    kusto: Kusto,
    database: DatabaseName,
    table: TableName,
}

impl World {
    async fn start() -> Self {
        let (database, table) = (DatabaseName::parse("D"), TableName::parse("T"));
        let (database, table) = (database.expect("a name"), table.expect("a name"));
        let schema = "number:long,text:string".parse().expect("a schema");
        let emulator = Emulator::builder()
            .with_table(database.clone(), table.clone(), schema)
            .start();
        let emulator = emulator.await.expect("a free port");
        let kusto = Kusto::connect(&emulator.cluster()).expect("a good address");
        Self {
            emulator,
            kusto,
            database,
            table,
        }
    }

    fn properties(&self) -> IngestionProperties {
        IngestionProperties::new(self.database.clone(), self.table.clone())
            .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table)
    }

    /// Waits for all of them, and gives the number of rows in the table.
    async fn rows_after(&self, receipts: &[Receipt]) -> usize {
        for receipt in receipts {
            let row = receipt.status_locator().expect("it reports to the table");
            let status = self
                .kusto
                .wait_until_final(row, &PollSchedule::interactive())
                .await;
            assert_eq!(status.expect("it ends").status, OperationStatus::Succeeded);
        }
        self.emulator.fake().rows(&self.database, &self.table).len()
    }
}

fn folder(name: &str) -> TestFolder {
    TestFolder::new(env!("CARGO_TARGET_TMPDIR"), name)
}

/// A thousand rows of ten bytes, which come once, in chunks of 400.
fn rows() -> Rows {
    let rows = (1_000..2_000).map(|number| (number, "text"));
    Rows::from_iter(rows, RowWriter::csv()).with_max_raw_bytes(4_000)
}

#[tokio::test]
async fn s02_c90_chunks_have_one_id_and_a_blob_and_a_status_each() {
    let world = World::start().await;
    let rows = rows();
    let id = rows.id();
    let receipts = rows.ingest_with(&world.kusto.queued(), &world.properties()).await;
    let receipts = receipts.expect("all are queued");
    assert!(receipts.iter().all(|receipt| receipt.source_id == id));
    let sizes: Vec<_> = receipts.iter().filter_map(|receipt| receipt.raw_bytes).collect();
    assert_eq!(sizes, [4_000, 4_000, 2_000]);
    for (chunk, receipt) in receipts.iter().enumerate() {
        let blob = receipt.blob.as_deref().expect("it has a blob");
        assert!(
            blob.contains(&format!("/D__T__{id}__rows__{chunk:05}__")),
            "{blob}"
        );
    }
    let statuses: HashSet<_> = receipts.iter().map(Receipt::status_locator).collect();
    assert_eq!(statuses.len(), 3);
    assert_eq!(world.rows_after(&receipts).await, 1_000);
}

#[tokio::test]
async fn s02_c93_rows_by_way_of_the_disk_arrive_and_leave_nothing_behind() {
    let (world, folder) = (World::start().await, folder("spooled rows"));
    let spool = RowSpool::new(rows()).with_folder(folder.path());
    let (queued, clock) = (world.kusto.queued(), world.kusto.clock());
    let result = spool.ingest_with(&queued, &world.properties(), &*clock).await;
    let receipts = result.into_result().expect("all are queued");
    assert_eq!(receipts.len(), 3);
    assert_eq!(world.rows_after(&receipts).await, 1_000);
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test]
async fn s02_c21_files_in_one_call_arrive_and_are_gone() {
    let (world, folder) = (World::start().await, folder("files to delete"));
    let files: Vec<PathBuf> = (0..20)
        .map(|number| folder.join(format!("{number}.csv")))
        .collect();
    for (number, file) in files.iter().enumerate() {
        fs::write(file, format!("{number},text\n")).expect("it can be written");
    }
    let result = Files::new(files)
        .with_delete_after_ingestion()
        .ingest_with(&world.kusto.queued(), &world.properties())
        .await;
    let receipts = result.into_result().expect("all are queued");
    assert_eq!(world.rows_after(&receipts).await, 20);
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test]
async fn sources_in_one_call_go_every_way_in() {
    let world = World::start().await;
    let source = |number: u32| LocalSource::from_bytes(format!("{number},text\n")).with_name("a.csv");
    let plain = IngestionProperties::new(world.database.clone(), world.table.clone());
    let queued = world
        .kusto
        .queued()
        .ingest_all((0..10).map(source), &world.properties())
        .await;
    let managed = world
        .kusto
        .managed()
        .ingest_all((10..20).map(source), &plain)
        .await;
    let direct = Sources::new((20..30).map(source));
    let direct = direct.ingest_with(&world.kusto.direct(), &plain).await;
    for result in [managed, direct] {
        assert_eq!(result.into_result().expect("all are taken").len(), 10);
    }
    let queued = queued.into_result().expect("all are queued");
    assert_eq!(world.rows_after(&queued).await, 30);
}
