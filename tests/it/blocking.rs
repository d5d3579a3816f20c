//! The blocking face: the same calls, from a plain thread and from inside an async program.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kusto_emulator::Emulator;
use kusto_ingest::blocking::Kusto;
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::queued::Protocol;
use kusto_ingest::rows::RowWriter;
use kusto_ingest::sources::{Sources, reader};
use kusto_ingest::status::{OperationStatus, PollSchedule};
use kusto_ingest::upload::BlobNaming;
use kusto_ingest::{
    DataFormat, Error, ErrorKind, Files, IngestionProperties, LocalSource, Receipt, ReportLevel,
    ReportMethod, Rows,
};
use tokio::io::AsyncWriteExt as _;

use crate::setup::{folder, row, tracked, with_table};

/// Creates a table, ingests a row into it, and counts the rows.
fn flow(cluster: &str) -> String {
    let kusto = Kusto::connect(cluster).expect("a good address");
    let database = DatabaseName::net_default();
    kusto
        .command(&database, ".create table t (a:long)")
        .expect("the command is good");
    let properties = IngestionProperties::into_table(&database, "t")
        .expect("good names")
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let source = LocalSource::from_bytes("1\n").with_name("a.csv");
    let receipt = kusto.queued().ingest(source, &properties).expect("it is queued");
    let row = receipt.status_locator().expect("it reports to the table");
    let record = kusto
        .wait_until_final(row, &PollSchedule::interactive())
        .expect("it ends");
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
    assert_eq!(flow(&emulator.cluster()), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_an_async_program_it_blocks_and_does_not_panic() {
    let emulator = Emulator::start().await.expect("a free port");
    assert_eq!(flow(&emulator.cluster()), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_in_and_every_kind_of_source_has_its_blocking_call() {
    let emulator = Emulator::start().await.expect("a free port");
    let kusto = Kusto::connect(&emulator.cluster()).expect("a good address");
    let database = DatabaseName::net_default();
    for command in [
        ".create table t (a:long)",
        ".alter table t policy streamingingestion enable",
    ] {
        kusto.command(&database, command).expect("the command is good");
    }
    let properties = IngestionProperties::into_table(&database, "t")
        .expect("good names")
        .with_format(DataFormat::Csv);
    let bytes = || LocalSource::from_bytes("1\n");
    for client in [kusto.queued(), kusto.streaming(), kusto.managed(), kusto.direct()] {
        client.ingest(bytes(), &properties).expect("it is taken");
    }
    let own = kusto.client(kusto.asynchronous().direct());
    own.ingest(bytes(), &properties).expect("it is taken");

    let both = kusto
        .streaming()
        .ingest_all(Sources::new([bytes(), bytes()]), &properties)
        .expect("there is a runtime");
    assert_eq!((both.receipts().count(), both.is_global()), (2, false));
    let missing = kusto
        .queued()
        .ingest_files(Files::single("no/such/file.csv"), &properties)
        .expect("there is a runtime");
    assert_eq!(
        missing.errors().next().expect("one").kind(),
        ErrorKind::SourceNotFound
    );
    let rows = kusto
        .streaming()
        .ingest_rows(Rows::from_vec(vec![(1,), (2,)], RowWriter::csv()), &properties)
        .expect("they are taken");
    assert_eq!(rows.len(), 1);

    one_source_by_its_kind(&kusto, &properties);
    let failures = kusto.wait(|kusto| async move { kusto.report_queues().peek_failures(32).await });
    assert_eq!(failures.expect("the queues can be read").len(), 0);
    emulator.drained().await;
    let counted = kusto.query(&database, "t | count").expect("the query is good");
    assert_eq!(counted.primary().expect("it has a table").rows[0][0], 12);
}

/// A file, bytes and a blob of one row each.
fn one_source_by_its_kind(kusto: &Kusto, properties: &IngestionProperties) {
    let folder = folder("files of the blocking face");
    std::fs::write(folder.join("a.csv"), "1\n").expect("it can be written");
    let naming = BlobNaming::new(properties, DataFormat::Csv);
    let uploaded = kusto.wait(|kusto| async move {
        let source = LocalSource::from_bytes("1\n");
        kusto.uploader().upload(&source, &naming).await
    });
    let blob = uploaded.expect("there is a container").blob;
    let client = kusto.direct();
    let receipts = [
        client.ingest_file(folder.join("a.csv"), properties),
        client.ingest_bytes("1\n", properties),
        client.ingest_blob(blob.expose(), properties),
    ];
    let receipts = receipts.map(|receipt| receipt.expect("it is taken"));
    let waiting = PollSchedule::interactive();
    for record in kusto
        .wait_for_all(&receipts, &waiting)
        .expect("there is a runtime")
    {
        assert_eq!(record.expect("it has ended").status, OperationStatus::Succeeded);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_async_a_receipt_is_followed_whichever_way_it_went() {
    let emulator = with_table("a:long,b:string").start().await.expect("a free port");
    for protocol in [Protocol::Queue, Protocol::Rest] {
        let builder = kusto_ingest::Kusto::builder(&emulator.cluster()).expect("a good address");
        let kusto = Kusto::build(builder.with_protocol(protocol)).expect("good settings");
        let receipt = kusto.queued().ingest(row(), &tracked()).expect("it is taken");
        let waiting = PollSchedule::interactive();
        let record = kusto.wait_for(&receipt, &waiting).expect("it ends");
        assert_eq!(record.status, OperationStatus::Succeeded, "{receipt:?}");
        let record = kusto.status_of(&receipt).expect("it is known");
        assert_eq!(record.status, OperationStatus::Succeeded, "{receipt:?}");
        let locators: Vec<_> = receipt.status_locator().into_iter().cloned().collect();
        let records = kusto
            .wait_all_final(&locators, &waiting)
            .expect("there is a runtime");
        assert!(records.iter().all(Result::is_ok), "{records:?}");
    }
}

#[test]
fn a_file_that_is_missing_is_told_by_its_path() {
    let kusto = Kusto::connect("http://127.0.0.1:1").expect("a good address");
    let error = kusto.file("no/such/file.csv").expect_err("it is missing");
    assert_eq!(error.kind(), ErrorKind::SourceNotFound);
    assert!(error.chain().contains("no/such/file.csv"), "{}", error.chain());
}

/// Runs it on a thread of its own, so that one that never ends fails and holds up nothing.
fn ends<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(work()));
    result
        .recv_timeout(Duration::from_secs(60))
        .expect("it ends, and does not panic")
}

/// Ingests what a task of the runtime is about to write, and has nobody else to write it.
fn ingest_from_this_runtime(cluster: &str) -> kusto_ingest::Result<Receipt> {
    let (mut writer, read) = tokio::io::duplex(1);
    tokio::spawn(async move { writer.write_all(b"1\n").await });
    let source = LocalSource::new(reader(read)).with_name("a.csv");
    let properties = IngestionProperties::into_table("NetDefaultDB", "t").expect("good names");
    Kusto::connect(cluster)
        .expect("a good address")
        .streaming()
        .ingest(source, &properties)
}

fn check_refused(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{}", error.chain());
    assert!(error.to_string().contains("spawn_blocking"), "{error}");
}

#[test]
fn a_call_that_would_wait_for_its_own_runtime_is_refused() {
    let one_thread = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    };
    let at = "http://127.0.0.1:1";
    let from_main = ends(move || one_thread().block_on(async { ingest_from_this_runtime(at) }));
    check_refused(&from_main.expect_err("the task that writes would never run"));
    let from_a_task = ends(move || {
        let task = async { tokio::spawn(async { ingest_from_this_runtime(at) }).await };
        one_thread().block_on(task).expect("it does not panic")
    });
    check_refused(&from_a_task.expect_err("the task that writes would never run"));
    let from_one_of_many = ends(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("threads");
        let task = async { tokio::spawn(async { ingest_from_this_runtime(at) }).await };
        runtime.block_on(task).expect("it does not panic")
    });
    check_refused(&from_one_of_many.expect_err("the task that writes would never run"));
}

#[tokio::test]
async fn a_thread_that_is_there_to_be_blocked_may_call() {
    let emulator = Emulator::start().await.expect("a free port");
    let cluster = emulator.cluster();
    let counted = tokio::task::spawn_blocking(move || flow(&cluster));
    assert_eq!(counted.await.expect("it does not panic"), "1");
}
