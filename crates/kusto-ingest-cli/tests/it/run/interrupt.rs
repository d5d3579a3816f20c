//! An interrupt: what is known by then is told, and nothing more is sent.

use std::time::Duration;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::testing::Operation;
use serde_json::{Value, json};

use crate::setup::command::{end, run, start};
use crate::setup::folder::{Folder, gzip};
use crate::setup::kusto::Kusto;
use crate::setup::many_blobs::ManyBlobs;
use crate::setup::poll::while_it_runs;

#[test]
#[cfg(unix)]
fn an_interrupt_ends_the_waiting_and_tells_what_is_known() {
    let folder = Folder::new("interrupt");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    let mut child = start(&mut kusto.command(&["ingest", &file, "--wait", "--output", "json"]));
    while_it_runs(&mut child, || {
        kusto.emulator.request_count(Route::Storage(Operation::GetEntity)) > 0
    });
    crate::setup::command::signal(&child, "-INT");
    let ran = end(child);
    ran.ended(130, "Pending");
    assert!(ran.result()["receipt"].is_object());
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_the_sending_and_tells_what_was_not_sent() {
    let folder = Folder::new("interrupted_sending");
    for number in 0..6 {
        folder.write(&format!("{number}.csv"), "1\n");
    }
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let upload = Route::Storage(Operation::PutBlob);
    let never = HttpFault::Delay(Duration::from_secs(3600));
    kusto
        .emulator
        .plan(HttpFaultPlan::new(never).on(upload).forever());
    let mut child =
        start(&mut kusto.command(&["ingest", folder.path(), "--parallel", "4", "--output", "json"]));
    while_it_runs(&mut child, || kusto.emulator.request_count(upload) >= 4);
    crate::setup::command::signal(&child, "-INT");
    let ran = end(child);
    let summary = &ran.json()["summary"];
    assert_eq!(
        (ran.code, &summary["unknown"], &summary["failed"]),
        (130, &json!(4), &json!(2)),
        "{ran:?}"
    );
    assert_eq!(ran.json()["results"][5]["error"]["kind"], "Interrupted");
    assert_eq!(
        kusto
            .emulator
            .request_count(Route::Storage(Operation::PutMessage)),
        0
    );
}

#[test]
#[cfg(unix)]
fn an_interrupt_of_direct_ingestion_tells_what_the_engine_has_of_each_source() {
    let folder = Folder::new("interrupted_direct");
    for number in 0..6 {
        folder.write(&format!("{number}.csv.gz"), gzip("1\n"));
    }
    let kusto = Kusto::with(&["D.T(a:long)"]);
    // What is issued is asked for, and one of the commands is accepted; another, and a look at the first, take long.
    let late = HttpFault::Delay(Duration::from_secs(3600));
    let plan = HttpFaultPlan::new(late).on(Route::Management).after(2).forever();
    kusto.emulator.plan(plan);
    let batches = ["--batch-files", "2", "--max-parallel", "2", "--output", "json"];
    let mut child = start(&mut kusto.command(&[&["direct", folder.path()], &batches[..]].concat()));
    while_it_runs(&mut child, || {
        kusto.emulator.request_count(Route::Management) >= 4
    });
    crate::setup::command::signal(&child, "-INT");
    let ran = end(child);
    let json = ran.json();
    let summary = ["pending", "unknown", "failed"].map(|state| json["summary"][state].as_u64());
    assert_eq!((ran.code, summary), (130, [Some(2); 3]), "{ran:?}");
    let results = json["results"].as_array().expect("they are results");
    for result in results {
        let expect = match result["state"].as_str() {
            Some("Pending") => json!(["operation", null]),
            Some("Unknown") => json!(["unknown", "the command was interrupted while it was sent"]),
            _ => json!([null, "the command was interrupted before it was sent"]),
        };
        let told = json!([result["receipt"]["state"]["kind"], result["error"]["message"]]);
        assert_eq!(told, expect, "{ran:?}");
    }
    assert_eq!(results[5]["state"], "Failed", "its command was never begun");

    // What was accepted can be asked for.
    kusto.emulator.clear_faults();
    let accepted = results
        .iter()
        .map(|result| &result["receipt"])
        .filter(|receipt| receipt["state"]["kind"] == "operation");
    let sent = folder.write("sent.json", accepted.map(Value::to_string).collect::<String>());
    let ran = run(&["wait", &sent, "--cluster", &kusto.cluster, "--output", "json"]);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["succeeded"]),
        (0, &json!(2)),
        "{ran:?}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupt_while_standard_input_is_awaited_sends_nothing() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let mut command = kusto.command(&["ingest", "-", "--format", "csv"]);
    let mut child = start(command.stdin(std::process::Stdio::piped()));
    let input = child.stdin.take();
    // Signals have a handler when the process sleeps on its input; until then this one would kill it.
    let id = child.id();
    while_it_runs(&mut child, || catches_interrupts(id));
    crate::setup::command::signal(&child, "-INT");
    let ran = end(child);
    drop(input);
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{ran:?}");
    assert_eq!(kusto.changes(), 0);
}

/// Whether a process has a handler for SIGINT, as the system says.
#[cfg(target_os = "linux")]
fn catches_interrupts(process: u32) -> bool {
    const SIGINT: u64 = 2;
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| mask & (1 << (SIGINT - 1)) != 0)
}

#[test]
#[cfg(unix)]
fn an_interrupt_of_what_is_sent_as_it_is_listed_tells_what_was_queued() {
    let (storage, kusto) = (ManyBlobs::open(100_000), Kusto::held());
    let posted = || {
        kusto
            .emulator
            .request_count(Route::Storage(Operation::PutMessage))
    };
    let arguments = [
        "ingest",
        &storage.container,
        "--rate",
        "200",
        "--output",
        "ndjson",
    ];
    let mut child = start(&mut kusto.command(&arguments));
    while_it_runs(&mut child, || posted() >= 3);
    crate::setup::command::signal(&child, "-INT");
    let ran = end(child);
    let lines: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    let summary = lines.last().expect("there is a summary");
    assert_eq!(
        (ran.code, summary["queued"].as_u64(), lines.len() as u64),
        (130, Some(posted()), posted() + 1),
        "{ran:?}"
    );
}

#[test]
#[cfg(unix)]
fn a_second_interrupt_ends_what_is_under_way_at_once() {
    let (storage, kusto) = (ManyBlobs::open(10), Kusto::held());
    let post = Route::Storage(Operation::PutMessage);
    let never = HttpFault::Delay(Duration::from_secs(3600));
    kusto.emulator.plan(HttpFaultPlan::new(never).on(post).forever());
    let mut child = start(&mut kusto.command(&["ingest", &storage.container]));
    while_it_runs(&mut child, || kusto.emulator.request_count(post) > 0);
    // Two signals that come at once may be heard as one.
    while child.try_wait().expect("it was started").is_none() {
        crate::setup::command::signal(&child, "-INT");
        std::thread::sleep(Duration::from_millis(20));
    }
    let ran = end(child);
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{ran:?}");
    assert!(ran.err.contains("ended at once by a second"), "{ran:?}");
}
