//! `--shard` and `merge`: parts of a job, each a process of its own, and one report of all.

use std::collections::BTreeSet;

use serde_json::json;

use crate::setup::command::{end, run, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

fn folder(name: &str, files: usize) -> Folder {
    let folder = Folder::new(name);
    for number in 0..files {
        folder.write(&format!("data/{number}.csv"), format!("{number}\n"));
    }
    folder
}

#[test]
fn three_shards_take_every_source_once() {
    let folder = folder("shards", 30);
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let data = format!("{}/data", folder.path());
    let journal = format!("{}/{{shard}}.journal", folder.path());
    let children: Vec<_> = (0..3)
        .map(|index| {
            let arguments = [
                "ingest",
                &data,
                "--shard",
                "/3",
                "--journal",
                &journal,
                "--output",
                "json",
            ];
            let mut command = kusto.command(&arguments);
            // As an indexed job of Kubernetes says it.
            start(command.env("JOB_COMPLETION_INDEX", index.to_string()))
        })
        .collect();
    let taken: Vec<u64> = children
        .into_iter()
        .map(|child| {
            let ran = end(child);
            assert_eq!(ran.code, 0, "{ran:?}");
            ran.json()["summary"]["queued"].as_u64().expect("it is a number")
        })
        .collect();
    kusto.drained();
    assert!(
        taken.iter().all(|taken| *taken > 0) && taken.iter().sum::<u64>() == 30,
        "{taken:?}"
    );
    let rows: BTreeSet<String> = kusto
        .rows()
        .as_array()
        .expect("rows")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        (rows.len(), kusto.rows().as_array().map(Vec::len)),
        (30, Some(30))
    );
}

#[test]
fn journals_of_shards_are_one_report_that_names_what_is_missing() {
    let folder = folder("merged", 30);
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let (data, report) = (
        format!("{}/data", folder.path()),
        format!("{}/all.csv", folder.path()),
    );
    let journals: Vec<String> = (0..3)
        .map(|index| format!("{}/{index}.journal", folder.path()))
        .collect();
    for (index, journal) in journals.iter().enumerate() {
        let ran = kusto.run(&[
            "ingest",
            &data,
            "--shard",
            &format!("{index}/3"),
            "--journal",
            journal,
        ]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let all: Vec<&str> = journals.iter().map(String::as_str).collect();
    let merged = run(&[&["merge", "--report", &report, "--output", "json"], &all[..]].concat());
    assert_eq!(
        (merged.code, &merged.json()["summary"]["queued"]),
        (0, &json!(30)),
        "{merged:?}"
    );
    let report = std::fs::read_to_string(&report).expect("it is written");
    assert_eq!(report.lines().count(), 31, "{report}");

    let two = run(&[&["merge"], &all[..2]].concat());
    assert_eq!(two.code, 4, "{two:?}");
    assert!(two.err.contains("no journal of the shards 2/3"), "{two:?}");
    // All are named, as they will be, and the first one is not there yet.
    std::fs::remove_file(all[0]).expect("it is there");
    let early = run(&[&["merge"], &all[..]].concat());
    assert_eq!(early.code, 4, "{early:?}");
    assert!(early.err.contains("no journal of the shards 0/3"), "{early:?}");
    run(&["merge", all[0]]).refused(2, all[0]);
    let no_shard = format!("{}/typo.journal", folder.path());
    run(&[&["merge"], &all[..], &[&*no_shard]].concat()).refused(2, &no_shard);
    std::fs::copy(all[1], all[0]).expect("it is there");
    run(&["merge", all[0], all[1]]).refused(2, "another journal is of the same shard");
    let whole = format!("{}/whole.journal", folder.path());
    kusto.run(&["ingest", &data, "--limit", "1", "--journal", &whole]);
    run(&["merge", all[0], &whole]).refused(2, "it is of all sources, and the first journal of 3 shards");
}

#[test]
fn a_list_has_the_shard_and_a_shard_of_few_sources_may_be_empty() {
    let folder = folder("shard_list", 1);
    let data = format!("{}/data", folder.path());
    let listed: Vec<(i32, u64)> = (0..5)
        .map(|index| {
            let ran = run(&[
                "list",
                &data,
                "--shard",
                &format!("{index}/5"),
                "--output",
                "json",
            ]);
            (
                ran.code,
                ran.json()["summary"]["sources"].as_u64().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        listed.iter().map(|(_, sources)| sources).sum::<u64>(),
        1,
        "{listed:?}"
    );
    assert!(listed.iter().all(|(code, _)| *code == 0), "{listed:?}");
    run(&["list", &data, "--shard", "5/5"]).refused_plainly(2, "of 5 shards the last is 4/5");
    run(&["list", &data, "--shard", "/5"]).refused_plainly(2, "JOB_COMPLETION_INDEX is not set");
}

#[test]
fn a_run_is_done_again_with_what_is_new_and_reported_in_a_file() {
    let folder = folder("repeated", 2);
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let data = format!("{}/data", folder.path());
    let (journal, report) = (
        format!("{}/j", folder.path()),
        format!("{}/r.json", folder.path()),
    );
    let arguments = [
        "ingest",
        &*data,
        "--journal",
        &journal,
        "--repeat",
        "2",
        "--repeat-pause",
        "10ms",
        "--report",
        &report,
    ];
    let ran = end(start(
        &mut kusto.command(&[&arguments[..], &["--output", "ndjson"]].concat()),
    ));
    assert_eq!(ran.code, 0, "{ran:?}");
    let summaries: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.contains("\"event\":\"summary\""))
        .collect();
    let done: Vec<bool> = summaries
        .iter()
        .map(|line| line.contains("\"done_before\":2"))
        .collect();
    assert_eq!(done, [false, true, true], "{ran:?}");
    kusto.drained();
    assert_eq!(kusto.rows().as_array().map(Vec::len), Some(2));
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&report).expect("it is there")).expect("it is JSON");
    assert_eq!(
        (
            report["results"].as_array().map(Vec::len),
            &report["summary"]["queued"]
        ),
        (Some(2), &json!(2))
    );
    let wrong = format!("{}/r.txt", folder.path());
    kusto
        .run(&["ingest", &data, "--report", &wrong])
        .refused(2, "neither .csv nor .json");
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_a_pause() {
    let folder = folder("interrupted_pause", 1);
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let data = format!("{}/data", folder.path());
    let journal = format!("{}/j", folder.path());
    let arguments = [
        "ingest",
        &data,
        "--journal",
        &journal,
        "--repeat",
        "forever",
        "--repeat-pause",
        "1h",
        "--report",
        &format!("{}/r.csv", folder.path()),
    ];
    let mut child = start(&mut kusto.command(&arguments));
    // The report is put into its place when the first run has ended.
    crate::setup::poll::while_it_runs(&mut child, || {
        std::path::Path::new(folder.path()).join("r.csv").exists()
    });
    crate::setup::command::signal(&child, "-INT");
    assert_eq!(end(child).code, 130);
}
