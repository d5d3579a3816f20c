//! Two clients of one cluster share its report queues over HTTP, and each is told of its own ingestions.

use std::time::Duration;

use futures::future::join_all;
use kusto_emulator::{Emulator, Route};
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::sources::SourceId;
use kusto_ingest::status::{IngestionErrorCode, OperationStatus, StatusRecord, StatusRouter};
use kusto_ingest::{IngestClient, IngestionProperties, Kusto, LocalSource, ReportLevel, ReportMethod};
use kusto_storage::Operation;

const EACH: usize = 8;

/// How long a report may take that nothing holds up.
const PATIENCE: Duration = Duration::from_secs(60);

async fn queue(kusto: &Kusto, database: &DatabaseName, table: &str) -> Vec<SourceId> {
    let properties = IngestionProperties::into_table(database, table)
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
        let mut watch = router.watch(*source).with_limit(PATIENCE);
        async move { watch.outcome().await.expect("it is reported") }
    });
    join_all(outcomes).await
}

#[tokio::test]
async fn each_client_is_told_of_its_own_ingestions_and_takes_no_report_of_the_other() {
    let database = DatabaseName::parse("Samples").expect("a good name");
    let builder = Emulator::builder().with_database(database.clone());
    let emulator = builder.start().await.expect("a free port");
    let [one, other] = [0; 2].map(|_| Kusto::connect(&emulator.cluster()).expect("a good address"));
    let created = one
        .engine_endpoint()
        .execute(&database, ".create table T (a:long)", &RequestProperties::new())
        .await;
    created.expect("the command is good");

    let ours = queue(&one, &database, "T").await;
    let failing = queue(&one, &database, "Missing").await;
    emulator.drained().await;
    let theirs = queue(&other, &database, "T").await;
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
