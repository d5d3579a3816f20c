//! Tags for ingesting only once: of several sources none goes missing, and no file is deleted that may be skipped.

use std::sync::Arc;

use kusto_ingest::status::SourceResult;
use kusto_ingest::{
    ErrorKind, Files, IngestClient, IngestClientExt as _, IngestionProperties, LocalSource, Source,
};

use crate::setup::{drained_rows, folder, properties, start, with_table};

fn once() -> IngestionProperties {
    properties()
        .with_ingest_by_tags(["day"])
        .with_ingest_if_not_exists(["day"])
}

fn refused(entries: &[SourceResult]) -> Vec<ErrorKind> {
    let errors = entries.iter().map(|entry| entry.outcome.as_ref().err());
    errors.flatten().map(kusto_ingest::Error::kind).collect()
}

#[tokio::test]
async fn several_sources_with_one_such_tag_are_refused_before_one_is_sent_whichever_way_they_go() {
    let (emulator, kusto) = start(with_table("text:string")).await;
    let folder = folder("once");
    let files = ["a.csv", "b.csv", "c.csv"].map(|name| folder.write(name, b"x\n"));
    let clients: [Arc<dyn IngestClient>; 3] = [
        Arc::new(kusto.queued()),
        Arc::new(kusto.managed()),
        Arc::new(kusto.direct()),
    ];
    let all_refused = [ErrorKind::InvalidInput; 3];
    for client in clients {
        let files = Files::new(&files).with_delete_after_ingestion();
        let result = files.ingest_with(&client, &once()).await;
        assert_eq!(refused(result.entries()), all_refused);
    }
    let sources = || [(); 3].map(|()| LocalSource::from_bytes("x\n").with_name("a.csv"));
    let result = kusto.queued().ingest_all(sources(), &once()).await;
    assert_eq!(refused(result.entries()), all_refused);
    let of_each = once();
    let sources = sources().map(|source| (Source::from(source), &of_each));
    let result = kusto.direct().ingest_many(sources.into()).await;
    assert_eq!(refused(result.entries()), all_refused);
    assert_eq!(emulator.requests().len(), 0, "{:?}", emulator.requests());
    assert_eq!(folder.names().len(), 3);
    assert_eq!(drained_rows(&emulator).await, 0);
}

#[tokio::test]
async fn a_file_that_is_queued_and_may_be_skipped_stays_and_one_that_is_in_the_table_goes() {
    let (emulator, kusto) = start(with_table("text:string")).await;
    let folder = folder("once deleted");
    let path = folder.write("a.csv", b"x\n");
    let deleting = || Files::single(&path).with_delete_after_ingestion();
    let result = deleting().ingest_with(&kusto.queued(), &once()).await;
    let warnings = &result.entries()[0].warnings;
    assert_eq!((result.receipts().count(), warnings.len()), (1, 1), "{result:?}");
    let told = warnings[0].chain();
    assert!(told.contains("it may still be skipped"), "{told}");
    assert_eq!(drained_rows(&emulator).await, 1);
    let result = deleting().ingest_with(&kusto.direct(), &once()).await;
    assert!(result.entries()[0].warnings.is_empty(), "{result:?}");
    assert!(path.exists(), "the engine has skipped it: {result:?}");
    let another = properties().with_ingest_if_not_exists(["another"]);
    let result = deleting().ingest_with(&kusto.direct(), &another).await;
    assert!(!path.exists(), "{result:?}");
}
