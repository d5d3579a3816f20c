//! Rows and files of a program's own, through the facade and over HTTP, into the emulator.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::retry::NoRetry;
use kusto_ingest::rows::{RowSpool, RowWriter};
use kusto_ingest::sources::Sources;
use kusto_ingest::status::OperationStatus;
use kusto_ingest::{Error, Files, IngestClientExt as _, Kusto, LocalSource, Receipt, Rows};
use kusto_storage::Operation;

use crate::setup::{client, drained_rows, ended, folder, properties, start, tracked, with_table};

async fn emulator() -> (Emulator, Kusto) {
    start(with_table("number:long,text:string")).await
}

/// Waits for all of them, and gives the number of rows in the table.
async fn rows_after(emulator: &Emulator, kusto: &Kusto, receipts: &[Receipt]) -> usize {
    for receipt in receipts {
        assert_eq!(ended(kusto, receipt).await.status, OperationStatus::Succeeded);
    }
    drained_rows(emulator).await
}

/// A thousand rows of ten bytes, which come once, in chunks of 400.
fn rows() -> Rows {
    let rows = (1_000..2_000).map(|number| (number, "text"));
    Rows::from_iter(rows, RowWriter::csv()).with_max_raw_bytes(4_000)
}

#[tokio::test]
async fn s02_c90_chunks_have_one_id_and_a_blob_and_a_status_each() {
    let (emulator, kusto) = emulator().await;
    let rows = rows();
    let id = rows.id();
    let receipts = rows.ingest_with(&kusto.queued(), &tracked()).await;
    let receipts = receipts.expect("all are queued");
    assert!(receipts.iter().all(|receipt| receipt.source_id == id));
    let sizes: Vec<_> = receipts.iter().filter_map(|receipt| receipt.raw_bytes).collect();
    assert_eq!(sizes, [4_000, 4_000, 2_000]);
    for (chunk, receipt) in receipts.iter().enumerate() {
        let blob = receipt.blob.as_deref().expect("it has a blob");
        assert!(
            blob.contains(&format!("/db__t__{id}__rows__{chunk:05}__")),
            "{blob}"
        );
    }
    let statuses: HashSet<_> = receipts.iter().map(Receipt::status_locator).collect();
    assert_eq!(statuses.len(), 3);
    assert_eq!(rows_after(&emulator, &kusto, &receipts).await, 1_000);
}

#[tokio::test]
async fn rows_whose_second_chunk_is_refused_fail_with_the_receipt_of_the_first() {
    let emulator = with_table("number:long,text:string")
        .start()
        .await
        .expect("a free port");
    let kusto = client(&emulator, |builder| builder.with_post_retry(Arc::new(NoRetry)));
    let away = HttpFault::Status(503, "ServerBusy".to_owned());
    emulator.plan(
        HttpFaultPlan::new(away)
            .on(Route::Storage(Operation::PutMessage))
            .after(1)
            .forever(),
    );
    let error = kusto.queued().ingest_rows(rows(), &tracked()).await;
    let error = error.expect_err("the second chunk finds no queue");
    assert!(!error.is_permanent(), "{error:?}");
    assert_eq!(error.accepted().len(), 1, "{error:?}");
    assert_eq!(error.accepted()[0].raw_bytes, Some(4_000));
    assert_eq!(rows_after(&emulator, &kusto, error.accepted()).await, 400);
}

#[tokio::test]
async fn several_sources_that_become_one_error_leave_the_receipts_of_the_others_in_it() {
    let (emulator, kusto) = emulator().await;
    let good = LocalSource::from_bytes("1,text\n").with_name("a.csv");
    let nothing = LocalSource::from_bytes("").with_name("b.csv");
    let result = kusto.queued().ingest_all([good, nothing], &tracked()).await;
    let error = Error::from(result.into_result().expect_err("one has no bytes"));
    assert_eq!(rows_after(&emulator, &kusto, error.accepted()).await, 1);
}

#[tokio::test]
async fn s02_c93_rows_by_way_of_the_disk_arrive_and_leave_nothing_behind() {
    let ((emulator, kusto), folder) = (emulator().await, folder("spooled rows"));
    let spool = RowSpool::new(rows()).with_folder(folder.path());
    let (queued, clock) = (kusto.queued(), kusto.clock());
    let result = spool.ingest_with(&queued, &tracked(), &*clock).await;
    let receipts = result.into_result().expect("all are queued");
    assert_eq!(receipts.len(), 3);
    assert_eq!(rows_after(&emulator, &kusto, &receipts).await, 1_000);
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test]
async fn s02_c21_files_in_one_call_arrive_and_are_gone() {
    let ((emulator, kusto), folder) = (emulator().await, folder("files to delete"));
    let files: Vec<PathBuf> = (0..20)
        .map(|number| folder.join(format!("{number}.csv")))
        .collect();
    for (number, file) in files.iter().enumerate() {
        fs::write(file, format!("{number},text\n")).expect("it can be written");
    }
    let result = Files::new(files)
        .with_delete_after_ingestion()
        .ingest_with(&kusto.queued(), &tracked())
        .await;
    let receipts = result.into_result().expect("all are queued");
    assert_eq!(rows_after(&emulator, &kusto, &receipts).await, 20);
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test]
async fn sources_in_one_call_go_every_way_in() {
    let (emulator, kusto) = emulator().await;
    let source = |number: u32| LocalSource::from_bytes(format!("{number},text\n")).with_name("a.csv");
    let plain = properties();
    let queued = kusto.queued().ingest_all((0..10).map(source), &tracked()).await;
    let managed = kusto.managed().ingest_all((10..20).map(source), &plain).await;
    let direct = Sources::new((20..30).map(source));
    let direct = direct.ingest_with(&kusto.direct(), &plain).await;
    for result in [managed, direct] {
        assert_eq!(result.into_result().expect("all are taken").len(), 10);
    }
    let queued = queued.into_result().expect("all are queued");
    assert_eq!(rows_after(&emulator, &kusto, &queued).await, 30);
}
