//! Two clients of one cluster share its report queues over HTTP, and each is told of its own ingestions.

use futures::future::join_all;
use kusto_emulator::Route;
use kusto_ingest::sources::SourceId;
use kusto_ingest::status::{IngestionErrorCode, OperationStatus, StatusRecord, StatusRouter};
use kusto_ingest::{IngestClient, IngestionProperties, Kusto, LocalSource, ReportLevel, ReportMethod};
use kusto_ingest_core::testing::MINUTE;
use kusto_storage::Operation;

use crate::setup::{client, database, start, with_table};

const EACH: usize = 8;

async fn queue(kusto: &Kusto, table: &str) -> Vec<SourceId> {
    let properties = IngestionProperties::into_table(database().as_str(), table)
        .expect("good names")
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Queue);
    let client = kusto.queued();
    let mut queued = Vec::new();
    for _ in 0..EACH {
        let source = LocalSource::from_bytes("1\n").with_name("a.csv");
        let receipt = client
            .ingest_source(source.into(), &properties)
            .await
            .expect("it is queued");
        queued.push(receipt.source_id);
    }
    queued
}

async fn outcomes(router: &StatusRouter, sources: &[SourceId]) -> Vec<StatusRecord> {
    let outcomes = sources.iter().map(|source| {
        let mut watch = router.watch(*source).with_limit(MINUTE);
        async move { watch.outcome().await.expect("it is reported") }
    });
    join_all(outcomes).await
}

#[tokio::test]
async fn each_client_is_told_of_its_own_ingestions_and_takes_no_report_of_the_other() {
    let (emulator, one) = start(with_table("a:long")).await;
    let other = client(&emulator, |builder| builder);

    let ours = queue(&one, "t").await;
    let failing = queue(&one, "missing").await;
    emulator.drained().await;
    let theirs = queue(&other, "t").await;
    emulator.drained().await;

    let router = one.status_router();
    let done = outcomes(&router, &[&ours[..], &failing[..]].concat()).await;
    for (place, record) in done.iter().enumerate() {
        match place < EACH {
            true => assert_eq!(record.status, OperationStatus::Succeeded),
            false => assert_eq!(
                record.error_code,
                Some(IngestionErrorCode::BadRequestTableNotExist)
            ),
        }
    }
    let deleted = || emulator.request_count(Route::Storage(Operation::DeleteMessage));
    let by_one = deleted();
    assert_eq!(usize::try_from(by_one).expect("a small number"), 2 * EACH);
    assert!(
        other
            .report_queues()
            .has_successes()
            .await
            .expect("the queue answers")
    );

    let done = outcomes(&other.status_router(), &theirs).await;
    let seen: Vec<_> = done.iter().filter_map(|record| record.source_id).collect();
    assert_eq!(seen, theirs);
    assert_eq!(usize::try_from(deleted() - by_one).expect("a small number"), EACH);
    for kusto in [one, other] {
        assert!(
            !kusto
                .report_queues()
                .has_successes()
                .await
                .expect("the queue answers")
        );
        assert!(
            !kusto
                .report_queues()
                .has_failures()
                .await
                .expect("the queue answers")
        );
    }
}
