//! Ends that scripts rely on: codes with words, and pipes that nobody reads.

use std::process::{Command, Stdio};

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use serde_json::json;

use crate::setup::command::{kusto_ingest, run};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

/// A pipe that nobody reads any more.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    drop(reader);
    writer.into()
}

/// How a command ends whose standard output nobody reads, and what it says about it.
fn unread(command: &mut Command) -> (Option<i32>, String) {
    let ended = command.stdout(closed()).output().expect("the binary was built");
    (
        ended.status.code(),
        String::from_utf8(ended.stderr).expect("it writes UTF-8"),
    )
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_is_quiet_and_ends_as_the_system_ends_others() {
    let folder = Folder::new("closed_pipe");
    let (file, empty) = (folder.write("a.csv", "1\n"), folder.write("empty.csv", ""));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let quiet = (Some(141), String::new());
    let query = ["query", "T", "--cluster", &kusto.cluster, "-d", "D"];
    assert_eq!(unread(&mut kusto_ingest(&query)), quiet);
    assert_eq!(unread(&mut kusto_ingest(&["ingest", "--help"])), quiet);
    assert_eq!(
        unread(&mut kusto_ingest(&[
            "failures",
            "--take",
            "--cluster",
            &kusto.cluster
        ])),
        quiet
    );
    // What became of the sources goes before how it was told.
    assert_eq!(unread(&mut kusto.command(&["ingest", &file, "--wait"])), quiet);
    assert_eq!(kusto.rows(), json!([[1]]));
    let (code, told) = unread(&mut kusto.command(&["ingest", &empty]));
    assert!(code == Some(5) && told.contains("empty.csv"), "{code:?} {told}");

    // Where nobody reads what went wrong, the code still says it.
    for (arguments, code) in [
        (&["query"][..], 2),
        (&["query", "Missing", "--cluster", &kusto.cluster, "-d", "D"], 5),
    ] {
        let ended = kusto_ingest(arguments)
            .stderr(closed())
            .output()
            .expect("the binary was built");
        assert_eq!(
            (ended.status.code(), ended.stdout.len()),
            (Some(code), 0),
            "{arguments:?}"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_takes_nothing_is_said() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("it is there");
    let query = ["query", "T", "--cluster", &kusto.cluster, "-d", "D"];
    let ended = kusto_ingest(&query)
        .stdout(full)
        .output()
        .expect("the binary was built");
    let told = String::from_utf8(ended.stderr).expect("it writes UTF-8");
    assert!(
        ended.status.code() == Some(1) && told.contains("standard output"),
        "{told}"
    );
}

#[test]
fn a_wait_that_is_over_says_so() {
    let folder = Folder::new("six");
    let files = [folder.write("a.csv", "1\n"), folder.write("b.csv", "2\n")];
    let receipts = format!("{}/receipts.jsonl", folder.path());
    let kusto = Kusto::held();
    let ran = kusto.tell(&[
        "ingest",
        &files[0],
        &files[1],
        "--wait",
        "--wait-timeout",
        "0s",
        "--receipts",
        &receipts,
    ]);
    let said = format!(
        "error: the wait of 0ns is over: 2 of 2 sources are pending; `kusto-ingest status {receipts}` asks again\n"
    );
    assert_eq!((ran.code, &*ran.err), (6, &*said), "{ran:?}");
    let ran = run(&["status", &receipts, "--cluster", &kusto.cluster]);
    assert_eq!(ran.code, 6);
    assert!(
        ran.err.starts_with("error: 2 of 2 sources are pending"),
        "{ran:?}"
    );
}

#[test]
fn no_answer_of_a_service_is_a_usage_error_or_a_bug() {
    let folder = Folder::new("answers");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (status, code) in [
        (400, 5),
        (404, 5),
        (409, 5),
        (418, 5),
        (302, 5),
        (401, 3),
        (403, 3),
        (503, 8),
    ] {
        let fault = HttpFault::Status(status, "Planned".to_owned());
        kusto
            .emulator
            .plan(HttpFaultPlan::new(fault.clone()).on(Route::Query).forever());
        let query = ["query", "T", "--cluster", &kusto.cluster, "-d", "D"];
        let ran = run(&query);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (code, ""),
            "query, {status}: {ran:?}"
        );
        kusto.emulator.clear_faults();
        if status == 503 {
            // What is issued is asked for again and again.
            continue;
        }
        kusto
            .emulator
            .plan(HttpFaultPlan::new(fault).on(Route::Management).forever());
        for command in [
            &["failures", "--cluster", &kusto.cluster][..],
            &["ingest", &file, "-d", "D", "-t", "T", "--cluster", &kusto.cluster],
        ] {
            let ran = run(command);
            assert_eq!(ran.code, code, "{command:?}, {status}: {ran:?}");
        }
        kusto.emulator.clear_faults();
    }
}
