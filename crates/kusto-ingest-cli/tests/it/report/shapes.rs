//! The shapes of a report: short and long for people, one document and line by line for programs.

use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, run};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

/// So many files, of which the second and third are empty.
fn files(name: &str, count: usize) -> Folder {
    let folder = Folder::new(name);
    for at in 0..count {
        let contents = if (1..3).contains(&at) { "" } else { "1\n" };
        folder.write(&format!("{at:02}.csv"), contents);
    }
    folder
}

fn lines(ran: &CommandOutput) -> Vec<Value> {
    let lines = ran.out.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("every line is JSON")
}

#[test]
fn a_long_run_prints_its_failures_and_a_summary_and_a_short_one_everything() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (count, listed) in [(20, 20), (21, 2)] {
        let folder = files(&format!("long_{count}"), count);
        let ran = kusto.tell(&["ingest", folder.path(), "--wait"]);
        let rows = ran.out.lines().filter(|line| line.contains(folder.path()));
        let rows: Vec<&str> = rows.collect();
        assert_eq!((ran.code, rows.len()), (4, listed), "{ran:?}");
        let failed = rows.iter().filter(|row| row.contains("the source is empty"));
        assert_eq!(failed.count(), 2, "{ran:?}");
        let summary = format!("{count} sources into D.T: {} succeeded, 2 failed", count - 2);
        assert!(ran.out.contains(&summary), "{ran:?}");
        let says_so = ran.out.contains("19 sources without a failure are not listed");
        assert_eq!(says_so, listed == 2, "{ran:?}");
    }
}

#[test]
fn programs_get_all_sources_in_one_document_or_line_by_line() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let folder = files("all_sources", 30);
    let document = kusto.run(&["ingest", folder.path(), "--wait"]).json();
    assert_eq!(document["results"].as_array().map(Vec::len), Some(30));

    let ran = kusto.tell(&["ingest", folder.path(), "--wait", "--output", "ndjson"]);
    let mut lines = lines(&ran);
    // 28 are queued, and each of 30 ends.
    assert_eq!((ran.code, lines.len()), (4, 59), "{ran:?}");
    let summary = lines.pop().expect("there are 59");
    let queued: Vec<Value> = lines.extract_if(.., |line| line["event"] == "queued").collect();
    assert_eq!(queued.len(), 28, "{ran:?}");
    assert!(queued.iter().all(|line| line["receipt"].is_object()), "{ran:?}");
    lines.sort_by_key(|line| line["source"].to_string());
    let told = ["event", "database", "table", "sources", "failed"].map(|name| summary[name].clone());
    assert_eq!(json!(told), json!(["summary", "D", "T", 30, 2]), "{summary}");
    for (line, result) in lines
        .iter()
        .zip(document["results"].as_array().into_iter().flatten())
    {
        let told = ["event", "database", "table"].map(|name| line[name].clone());
        assert_eq!(json!(told), json!(["result", "D", "T"]), "{line}");
        for name in ["source", "state", "error", "may_be_duplicated"] {
            assert_eq!(line[name], result[name], "{line}");
        }
    }
}

#[test]
fn rows_of_a_query_and_reports_of_failures_are_told_line_by_line() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let folder = Folder::new("ndjson_rows");
    let (file, broken) = (
        folder.write("a.csv", "1\n2\n"),
        folder.write("b.csv.gz", "no gzip"),
    );
    assert_eq!(kusto.run(&["ingest", &file, "--wait"]).code, 0);
    let of = ["--cluster", &kusto.cluster, "--output", "ndjson"];
    let ran = run(&[&["query", "T", "-d", "D"], &of[..]].concat());
    assert_eq!(lines(&ran), [json!({"a": 1}), json!({"a": 2})]);

    let blob = kusto.put_blob("b.csv", "\"open\n");
    let gone = blob.replace("b.csv", "gone.csv");
    kusto.run(&["ingest", &gone, &broken]);
    crate::setup::poll::until(|| lines(&run(&[&["failures"], &of[..]].concat())).len() > 1);
    let told = lines(&run(&[&["failures"], &of[..]].concat()));
    assert_eq!(
        (&told[0]["event"], &told[0]["table"]),
        (&json!("failure"), &json!("T"))
    );
    let summary = json!({"event": "summary", "failures": told.len() - 1, "unreadable": 0, "taken": false});
    assert_eq!(told.last(), Some(&summary));
    let cleared = run(&[&["failures", "--clear"], &of[..]].concat());
    assert_eq!(lines(&cleared), [json!({"event": "cleared"})]);
}
