//! The blocking face: the same calls, from a plain thread and from inside an async program.

use kusto_emulator::Emulator;
use kusto_ingest::blocking::Kusto;
use kusto_ingest::{
    DatabaseName, ErrorKind, IngestionProperties, LocalSource, OperationStatus, ReportLevel, ReportMethod,
    Waiting,
};

/// Creates a table, ingests a row into it, and counts the rows.
fn walk(cluster: &str) -> String {
    let kusto = Kusto::connect(cluster).expect("a good address");
    let database = DatabaseName::net_default();
    kusto
        .execute(&database, ".create table t (a:long)")
        .expect("the command is good");
    let properties = IngestionProperties::into_table(&database, "t")
        .expect("good names")
        .reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let source = LocalSource::from_bytes("1\n").with_name("a.csv");
    let receipt = kusto.ingest(source, &properties).expect("it is queued");
    let row = receipt.status_locator().expect("it reports to the table");
    let record = kusto.until_final(row, &Waiting::eagerly()).expect("it ends");
    assert_eq!(record.status, OperationStatus::Succeeded);
    assert_eq!(
        kusto.status(row).expect("it is there").status,
        OperationStatus::Succeeded
    );
    let counted = kusto.query(&database, "t | count").expect("the query is good");
    counted.primary().expect("it has a table").rows[0][0].to_string()
}

#[test]
fn a_plain_thread_waits_for_its_calls() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("threads");
    let emulator = runtime.block_on(Emulator::start()).expect("a free port");
    assert_eq!(walk(&emulator.cluster()), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_an_async_program_it_blocks_and_does_not_panic() {
    let emulator = Emulator::start().await.expect("a free port");
    assert_eq!(walk(&emulator.cluster()), "1");
}

#[test]
fn a_file_that_is_missing_is_told_by_its_path() {
    let kusto = Kusto::connect("http://127.0.0.1:1").expect("a good address");
    let error = kusto.file("no/such/file.csv").expect_err("it is missing");
    assert_eq!(error.kind(), ErrorKind::SourceNotFound);
    assert!(error.chain().contains("no/such/file.csv"), "{}", error.chain());
}
