//! `--journal`: what a second run must neither lose nor delete, nor call done.

use std::path::Path;

use kusto_ingest::testing::{IfMatch, ResourcePath};
use serde_json::json;

use super::resume::Job;

#[test]
fn a_file_that_was_written_anew_since_it_was_queued_is_skipped_and_not_deleted() {
    let job = Job::new("again_changed", 2);
    assert_eq!(job.run(&[]).code, 0);
    let changed = job.folder.write("data/1.csv", "100\n101\n");
    let again = job.run(&["--changed", "skip", "--delete-source"]);
    assert_eq!(
        (again.code, &again.json()["summary"]["done_before"]),
        (0, &json!(2)),
        "{again:?}"
    );
    assert!(
        !Path::new(&job.data()).join("0.csv").exists(),
        "it was ingested as it is"
    );
    assert_eq!(
        std::fs::read_to_string(changed).ok().as_deref(),
        Some("100\n101\n"),
        "nobody has ingested that"
    );
    assert_eq!(job.rows(), [0, 1]);
}

#[test]
fn what_is_unknown_and_has_changed_since_is_named_where_changes_are_skipped() {
    let job = Job::new("again_unknown", 1);
    job.killed_at("2");
    job.folder.write("data/0.csv", "100\n101\n");
    let again = job.run(&["--changed", "skip"]);
    let result = again.ended(4, "Unknown");
    let why = result["error"]["message"].as_str().unwrap_or_default();
    assert!(
        why.contains("nobody knows whether it arrived") && why.contains("--changed send"),
        "{result}"
    );
    assert!(result["receipt"].is_object(), "{result}");
    assert_eq!(again.json()["summary"]["done_before"], json!(0));
    assert_eq!(job.rows(), [0], "nothing was sent again");
}

#[test]
fn what_the_service_took_only_in_part_or_skipped_is_told_again_and_not_deleted() {
    for status in ["PartiallySucceeded", "Skipped"] {
        let job = Job::new(&format!("again_{status}"), 1);
        job.kusto.emulator.fake().pause_ingestion();
        let run = |more: &[&str]| {
            let arguments = job.arguments(more);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            job.kusto.run(&arguments)
        };
        run(&["--track"]).ended(0, "Queued");
        conclude(&job, status);
        let code = if status == "Skipped" { 0 } else { 4 };
        run(&["--wait"]).ended(code, status);
        run(&["--wait", "--delete-source"]).ended(code, status);
        assert!(Path::new(&job.data()).join("0.csv").exists(), "{status}");
    }
}

/// Has the service say this of every source.
fn conclude(job: &Job, status: &str) {
    let fake = job.kusto.emulator.fake();
    let table = ResourcePath::from(&fake.issued_resources().expect("it issues").status_table);
    for stored in fake.storage().entities(&table, None).expect("it is there") {
        let mut entity = stored.entity;
        entity.properties.insert("Status".to_owned(), status.into());
        let merged = fake.storage().merge_entity(&table, &entity, &IfMatch::Any);
        merged.expect("it is there");
    }
}

#[test]
fn a_container_that_may_be_empty_leaves_a_report_of_nothing_in_the_place_of_an_older_one() {
    let job = Job::new("again_empty", 0);
    let report = job.folder.write("report.csv", "of yesterday\n");
    let folder = job.kusto.container_address().replacen('?', "/none/?", 1);
    let ran = job
        .kusto
        .run(&["ingest", &folder, "--allow-empty", "--report", &report]);
    assert_eq!(
        (
            ran.code,
            &ran.json()["results"],
            &ran.json()["summary"]["sources"]
        ),
        (0, &json!([]), &json!(0)),
        "{ran:?}"
    );
    let text = std::fs::read_to_string(&report).expect("it is text");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("source,"), "{text}");
    assert!(!Path::new(&format!("{report}.partial")).exists());
}
