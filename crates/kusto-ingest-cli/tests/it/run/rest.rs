//! Queued ingestion over REST: what the command sends, and how its receipts are followed.

use kusto_emulator::{Emulator, Route};
use kusto_ingest::endpoint::IngestionMethod;
use kusto_ingest::testing::{Operation, RestService};
use serde_json::json;

use crate::setup::command::run;
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

const POST: Route = Route::Storage(Operation::PutMessage);

/// A folder of so many files of one row, and the address of it.
fn files(name: &str, count: usize) -> (Folder, String) {
    let folder = Folder::new(name);
    let paths: Vec<String> = (0..count)
        .map(|number| folder.write(&format!("{number:03}.csv"), &*format!("{number}\n")))
        .collect();
    let list = folder.write("sources.txt", &*paths.join("\n"));
    (folder, list)
}

fn asked(kusto: &Kusto, route: Route) -> u64 {
    kusto.emulator.request_count(route)
}

#[test]
fn files_share_requests_and_their_receipts_are_waited_for_by_another_command() {
    let (folder, list) = files("rest_many", 60);
    let receipts = format!("{}/day.receipts", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.run(&[
        "ingest",
        "--from-file",
        &list,
        "--protocol",
        "rest",
        "--receipts",
        &receipts,
    ]);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["queued"]),
        (0, &json!(60)),
        "{ran:?}"
    );
    assert!(
        asked(&kusto, Route::QueuedSubmission) <= 6,
        "{}",
        asked(&kusto, Route::QueuedSubmission)
    );
    assert_eq!(
        (asked(&kusto, POST), asked(&kusto, Route::IngestionConfiguration)),
        (0, 1)
    );
    let written = std::fs::read_to_string(&receipts).expect("it was written");
    assert!(!written.contains("sig="), "{written}");
    let before = asked(&kusto, Route::QueuedOperation);
    let waited = run(&["wait", &receipts, "--cluster", &kusto.cluster, "--output", "json"]);
    assert_eq!(
        (waited.code, &waited.json()["summary"]["succeeded"]),
        (0, &json!(60)),
        "{waited:?}"
    );
    let operations = asked(&kusto, Route::QueuedSubmission);
    let looks = asked(&kusto, Route::QueuedOperation) - before;
    assert!(
        looks <= 6 * operations,
        "{looks} questions for {operations} operations of 60 sources"
    );
    assert_eq!(kusto.query("D", "T | count")["rows"], json!([[60]]));
}

#[test]
fn a_source_that_failed_is_told_with_the_services_code() {
    let folder = Folder::new("rest_failed");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    let sent = kusto.run(&["ingest", &file, "--protocol", "rest"]);
    assert_eq!(
        sent.ended(0, "Queued")["receipt"]["state"]["kind"],
        "queued_operation"
    );
    let pending = super::status::status(&kusto, &sent.out);
    pending.ended(6, "Pending");
    kusto.emulator.resume_ingestion();
    kusto.drained();
    let ended = super::status::status(&kusto, &sent.out);
    assert_eq!(
        ended.ended(5, "Failed")["error"]["code"],
        "BadRequest_TableNotExist"
    );
}

#[test]
fn the_way_is_that_of_the_service_where_the_command_lets_it_choose() {
    let folder = Folder::new("rest_auto");
    let file = folder.write("a.csv", "1\n");
    for (service, by_queue) in [
        (RestService::new(), 0),
        (RestService::new().with_preferred(Some(IngestionMethod::Queue)), 1),
        (RestService::off(), 1),
    ] {
        let table = ("D".try_into().expect("a name"), "T".try_into().expect("a name"));
        let builder = Emulator::builder().with_table(table.0, table.1, "a:long".parse().expect("a schema"));
        let kusto = Kusto::of(builder.with_rest_service(service.clone()));
        let ran = kusto.run(&["ingest", &file, "--protocol", "auto", "--wait"]);
        ran.ended(0, "Succeeded");
        assert_eq!(asked(&kusto, POST), by_queue, "{service:?}");
        assert_eq!(
            asked(&kusto, Route::QueuedSubmission),
            1 - by_queue,
            "{service:?}"
        );
        assert_eq!(kusto.rows(), json!([[1]]));
    }
}

#[test]
fn who_insists_is_told_that_the_cluster_does_not_offer_it_before_anything_is_sent() {
    let folder = Folder::new("rest_absent");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::of(Emulator::builder().with_rest_service(RestService::off()));
    let ran = kusto.run(&["ingest", &file, "--protocol", "rest"]);
    assert_ne!(ran.code, 0);
    assert!(
        ran.out.contains("does not offer queued ingestion over REST")
            || ran.err.contains("does not offer queued ingestion over REST"),
        "{ran:?}"
    );
    assert_eq!(asked(&kusto, Route::Storage(Operation::PutBlob)), 0);
}

#[test]
fn what_has_not_begun_is_cancelled_by_the_receipts_of_another_command() {
    let folder = Folder::new("rest_cancel");
    let files = ["a.csv", "b.csv"].map(|name| folder.write(name, "1\n"));
    let receipts = format!("{}/receipts", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    kusto.emulator.fake().pause_ingestion();
    let sent = kusto.run(&[
        "ingest",
        &files[0],
        &files[1],
        "--protocol",
        "rest",
        "--receipts",
        &receipts,
    ]);
    assert_eq!(sent.code, 0, "{sent:?}");
    let status = [
        "status",
        &receipts,
        "--cluster",
        &kusto.cluster,
        "--output",
        "json",
    ];
    let canceled = run(&[&status[..], &["--cancel"]].concat());
    assert_eq!(canceled.code, 5, "{canceled:?}");
    assert!(
        canceled
            .err
            .contains(" canceled, 0 ingested, 0 failed, 0 under way"),
        "{canceled:?}"
    );
    for result in canceled.json()["results"].as_array().expect("there are results") {
        assert_eq!(result["error"]["code"], "Canceled", "{result}");
    }
    kusto.emulator.resume_ingestion();
    kusto.drained();
    assert_eq!(kusto.rows(), json!([]));
    // What went through a queue cannot be.
    let queued = kusto.run(&["ingest", &files[0], "--track"]);
    let kept = folder.write("queued", &queued.out);
    let ask = ["status", &kept, "--cluster", &kusto.cluster, "--cancel"];
    run(&ask).refused(2, "there is nothing to cancel");
}
