//! What is said where nothing of a kind can be used.

use kusto_endpoint::{Dataset, Table};
use kusto_ingest_core::{ErrorKind, Timestamp};
use kusto_ingest_resources::IngestionResources;

fn issued(rows: &[(&str, &str)]) -> IngestionResources {
    let columns = [("ResourceTypeName", "string"), ("StorageRoot", "string")];
    let table = Table::of("t", &columns);
    let table = rows
        .iter()
        .fold(table, |table, (kind, root)| table.with_row([*kind, *root]));
    IngestionResources::from_dataset(&Dataset::single(table)).expect("it is a table of two columns")
}

/// The words of the error of who wants a queue.
fn no_queue(resources: &IngestionResources) -> String {
    let error = resources.queues().expect_err("there is no queue");
    assert_eq!(error.kind(), ErrorKind::NoResources);
    assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    error.to_string()
}

const QUEUE: &str = "SecuredReadyForAggregationQueue";

#[test]
fn who_finds_nothing_is_told_what_was_issued() {
    let resources = issued(&[
        ("TempStorage", "https://a.blob.core.windows.net/c1?sig=SECRET"),
        ("tempstorage", "https://b.blob.core.windows.net/c2?sig=SECRET"),
        ("Novelty", "https://b.blob.core.windows.net/n"),
    ]);
    let told = no_queue(&resources);
    assert!(
        told.contains("Kusto issued no queue for ingestion messages"),
        "{told}"
    );
    assert!(told.contains("issued 2 TempStorage, 1 Novelty"), "{told}");
    assert!(!told.contains("left out"), "{told}");
    assert!(no_queue(&issued(&[])).contains("issued nothing"));
    assert!(resources.failure_queues().is_err() && resources.containers().is_ok());
}

#[test]
fn who_finds_nothing_is_told_how_many_were_left_out_and_why_the_first_was() {
    let told = no_queue(&issued(&[
        (QUEUE, "http://acct.queue.localhost:10001/q1?sig=SECRET"),
        (QUEUE, "not an address;SECRET=="),
        (QUEUE, "https://user:SECRET@host/q3"),
        (QUEUE, "file:///queues/q4"),
        ("IngestionsStatusTable", "no address either"),
    ]));
    assert!(
        told.contains("no queue for ingestion messages that can be used"),
        "{told}"
    );
    assert!(
        told.contains("issued 4 SecuredReadyForAggregationQueue, 1 IngestionsStatusTable"),
        "{told}"
    );
    assert!(
        told.contains(
            "left out 4 SecuredReadyForAggregationQueue because it is not https, as \
             http://acct.queue.localhost:10001/q1; it is not a URL, as "
        ),
        "{told}"
    );
}

#[test]
fn what_is_not_used_for_its_age_or_its_scheme_is_told_as_well() {
    let resources = issued(&[(
        QUEUE,
        "http://127.0.0.1:10001/acct/q1?se=2026-01-01T00:00:00Z&sig=SECRET",
    )]);
    assert!(resources.queues().is_ok());
    for (left, why) in [
        (
            resources.valid_at(Timestamp::parse("2026-01-02").expect("it is a date")),
            "its SAS has expired, as http://127.0.0.1:10001/acct/q1",
        ),
        (resources.encrypted(), "it is plain http"),
    ] {
        let told = no_queue(&left);
        assert!(
            told.contains("left out 1 SecuredReadyForAggregationQueue"),
            "{told}"
        );
        assert!(told.contains(why), "{told}");
    }
    let folder = issued(&[("TempStorage", "file:///blobs/c")]);
    assert!(folder.containers().is_ok());
    let error = folder
        .without_folders()
        .containers()
        .expect_err("it is not accepted");
    assert!(error.to_string().contains("it is a folder"), "{error}");
}
