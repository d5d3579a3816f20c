//! `--journal`: a run that is done again does what is left, and names what nobody knows of.

use std::collections::BTreeSet;
use std::path::Path;

use kusto_emulator::Route;
use kusto_ingest::testing::Operation;
use serde_json::json;

use crate::setup::command::{CommandOutput, end, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

/// A folder of files with a row each, a Kusto, and where the journal is.
pub(super) struct Job {
    pub(super) folder: Folder,
    pub(super) kusto: Kusto,
    pub(super) journal: String,
}

impl Job {
    pub(super) fn new(name: &str, files: usize) -> Self {
        let folder = Folder::new(name);
        for number in 0..files {
            folder.write(&format!("data/{number}.csv"), format!("{number}\n"));
        }
        let journal = format!("{}/the.journal", folder.path());
        Self {
            folder,
            kusto: Kusto::with(&["D.T(a:long)"]),
            journal,
        }
    }

    pub(super) fn data(&self) -> String {
        format!("{}/data", self.folder.path())
    }

    /// Runs it, and everything that was queued is in the table.
    pub(super) fn run(&self, more: &[&str]) -> CommandOutput {
        let ran = self.kusto.run(
            &self
                .arguments(more)
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        );
        self.kusto.drained();
        ran
    }

    pub(super) fn arguments(&self, more: &[&str]) -> Vec<String> {
        let all = [
            "ingest",
            &self.data(),
            "--parallel",
            "1",
            "--journal",
            &self.journal,
        ];
        all.iter().chain(more).map(|word| (*word).to_owned()).collect()
    }

    /// Runs it to a line of the journal, at which it ends as if it were killed.
    pub(super) fn killed_at(&self, line: &str) {
        let arguments = self.arguments(&[]);
        let mut command = self
            .kusto
            .command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let ran = end(start(command.env("KUSTO_INGEST_ABORT_AT_LINE", line)));
        assert_eq!(ran.code, -1, "it is ended by a signal: {ran:?}");
        self.kusto.drained();
    }

    pub(super) fn rows(&self) -> Vec<i64> {
        let rows = self.kusto.rows();
        let numbers = rows
            .as_array()
            .expect("there are rows")
            .iter()
            .map(|row| row[0].as_i64());
        let mut rows: Vec<i64> = numbers.map(|number| number.expect("it is a number")).collect();
        rows.sort_unstable();
        rows
    }
}

fn ids(ran: &CommandOutput) -> Vec<String> {
    let results = ran.json()["results"].as_array().cloned().unwrap_or_default();
    results
        .iter()
        .map(|result| result["source_id"].to_string())
        .collect()
}

#[test]
fn what_is_done_is_left_out_and_what_is_new_is_sent() {
    let job = Job::new("resume_done", 2);
    let first = job.run(&[]);
    assert_eq!(
        (first.code, &first.json()["summary"]["done_before"]),
        (0, &json!(0)),
        "{first:?}"
    );
    let posts = || {
        job.kusto
            .emulator
            .request_count(Route::Storage(Operation::PutMessage))
    };
    let again = job.run(&[]);
    assert_eq!((again.code, posts()), (0, 2), "{again:?}");
    assert_eq!(
        (
            &again.json()["summary"]["sources"],
            &again.json()["summary"]["done_before"]
        ),
        (&json!(0), &json!(2))
    );
    assert!(again.err.contains("2 sources are left out"), "{again:?}");
    job.folder.write("data/2.csv", "2\n");
    let third = job.run(&[]);
    assert_eq!((third.code, ids(&third).len(), posts()), (0, 1, 3), "{third:?}");
    assert_eq!(job.rows(), [0, 1, 2]);
}

#[test]
fn what_is_killed_before_it_is_sent_is_sent_once_under_the_same_id() {
    // The third line about sources says that the second one is about to be sent, and is not written.
    let job = Job::new("resume_unsent", 3);
    job.killed_at("3");
    let again = job.run(&[]);
    assert_eq!(
        (again.code, &again.json()["summary"]["done_before"]),
        (0, &json!(1)),
        "{again:?}"
    );
    assert_eq!(again.json()["results"][0]["may_be_duplicated"], json!(false));
    assert!(!again.err.contains("twice"), "{again:?}");
    assert_eq!(job.rows(), [0, 1, 2]);
}

#[test]
fn what_is_killed_while_it_is_sent_is_named_and_sent_again_under_the_same_id() {
    // The fourth says that the second one is queued. It is, and nobody could write that down.
    let job = Job::new("resume_unknown", 3);
    job.killed_at("4");
    let again = job.run(&[]);
    let results = again.json()["results"].clone();
    assert_eq!(
        (again.code, results[0]["may_be_duplicated"].as_bool()),
        (0, Some(true)),
        "{again:?}"
    );
    assert_eq!(results[1]["may_be_duplicated"], json!(false));
    assert!(again.err.contains("1.csv may be ingested twice"), "{again:?}");
    assert_eq!(job.rows(), [0, 1, 1, 2]);
    let name = "they are names";
    let (database, table) = ("D".try_into().expect(name), "T".try_into().expect(name));
    let extents = job.kusto.emulator.fake().extents(&database, &table);
    let ids: BTreeSet<_> = extents.iter().map(|extent| extent.source_id).collect();
    assert_eq!(
        (extents.len(), ids.len()),
        (4, 3),
        "the second one was sent twice under one id"
    );
}

#[test]
fn what_is_unknown_is_only_named_where_somebody_wants_nothing_twice() {
    let job = Job::new("resume_report", 2);
    job.killed_at("2");
    let again = job.run(&["--on-unknown", "report"]);
    let result = &again.json()["results"][0];
    assert_eq!(
        (again.code, &result["state"]),
        (4, &json!("Unknown")),
        "{again:?}"
    );
    assert!(
        result["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("--on-unknown retry")),
        "{result}"
    );
    assert_eq!(job.rows(), [0, 1]);
}

#[test]
fn what_was_queued_before_is_waited_for_and_not_sent_again() {
    let job = Job::new("resume_wait", 2);
    let first = job.run(&["--track"]);
    assert_eq!(first.json()["summary"]["queued"], json!(2), "{first:?}");
    let again = job.run(&["--wait"]);
    assert_eq!(
        (again.code, &again.json()["summary"]["succeeded"]),
        (0, &json!(2)),
        "{again:?}"
    );
    assert_eq!(ids(&first), ids(&again));
    let third = job.run(&["--wait"]);
    assert_eq!(
        third.json()["summary"]["done_before"],
        json!(2),
        "the journal knows their ends: {third:?}"
    );
    assert_eq!(job.rows(), [0, 1]);
}

#[test]
fn a_file_that_changed_since_fails_is_left_out_or_is_sent_as_somebody_says() {
    let job = Job::new("resume_changed", 2);
    assert_eq!(job.run(&[]).code, 0);
    job.folder.write("data/1.csv", "100\n101\n");
    let failed = job.run(&[]);
    let result = &failed.json()["results"][0];
    assert_eq!(
        (failed.code, &result["state"]),
        (5, &json!("Failed")),
        "{failed:?}"
    );
    let why = result["error"]["message"].as_str().expect("it says why");
    assert!(
        why.contains("it had 2 bytes") && why.contains("and has 8 bytes"),
        "{why}"
    );
    assert_eq!(
        job.run(&["--changed", "skip"]).json()["summary"]["done_before"],
        json!(2)
    );
    assert_eq!(job.rows(), [0, 1]);
    for _ in 0..2 {
        assert_eq!(job.run(&["--changed", "send"]).code, 0);
        assert_eq!(job.rows(), [0, 1, 100, 101], "it is sent once");
    }
}

#[test]
fn a_file_whose_run_ended_before_it_was_deleted_is_deleted_by_the_next() {
    let job = Job::new("resume_delete", 2);
    assert_eq!(job.run(&[]).code, 0);
    let again = job.run(&["--delete-source"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(!Path::new(&job.data()).join("0.csv").exists());
    assert_eq!(job.rows(), [0, 1]);
}

#[test]
fn a_journal_of_something_else_is_refused_before_anything_is_sent() {
    let job = Job::new("resume_refused", 1);
    assert_eq!(job.run(&[]).code, 0);
    let changes = job.kusto.changes();
    let table = job
        .kusto
        .run(&["ingest", &job.data(), "--journal", &job.journal, "--shard", "0/2"]);
    table.refused(2, "its shard is not given, and that of this run is 0/2");
    let text = std::fs::read_to_string(&job.journal).expect("it is text");
    std::fs::write(&job.journal, text.replacen("0.csv", "9.csv", 1)).expect("it can be written");
    job.run(&[]).refused(2, "line 2");
    let csv = job.folder.write("no.journal", "a,b\n1,2\n");
    job.kusto
        .run(&["ingest", &job.data(), "--journal", &csv])
        .refused(2, "it is no journal");
    let ran = job.kusto.run_with_input(
        &["ingest", "-", "--format", "csv", "--journal", &format!("{csv}2")],
        b"1\n",
    );
    ran.refused(2, "standard input can be read only once");
    assert_eq!(job.kusto.changes(), changes);
}

#[test]
fn blobs_are_resumed_as_they_are_listed_and_no_secret_is_in_the_journal() {
    let job = Job::new("resume_blobs", 0);
    for number in 0..3 {
        job.kusto.put_blob(&format!("in/{number}.csv"), "7\n");
    }
    let container = job.kusto.container_address();
    let report = format!("{}/report.csv", job.folder.path());
    let folder = container.replacen('?', "/in/?", 1);
    let run = |more: &[&str]| {
        let ran = job.kusto.run(
            &[
                &["ingest", &*folder, "--journal", &job.journal, "--report", &report],
                more,
            ]
            .concat(),
        );
        job.kusto.drained();
        ran
    };
    assert_eq!(run(&["--limit", "1"]).code, 0);
    let again = run(&[]);
    assert_eq!(
        (again.code, &again.json()["summary"]["done_before"]),
        (0, &json!(1)),
        "{again:?}"
    );
    assert_eq!(job.rows(), [7, 7, 7]);
    let (journal, report) = (
        std::fs::read_to_string(&job.journal).unwrap(),
        std::fs::read_to_string(&report).unwrap(),
    );
    assert_eq!(report.lines().count(), 4, "{report}");
    let secret = container.split_once("sig=").expect("it has a SAS").1;
    for text in [&journal, &report, &again.out, &again.err] {
        assert!(!text.contains(secret) && !text.contains("sig="), "{text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&job.journal).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
