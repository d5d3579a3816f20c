//! `failures`: what the service reports to all clients of a cluster.

use futures::executor::block_on;
use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::storage::QueueStore;
use kusto_ingest::testing::Operation;
use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, kusto_ingest, run};
#[cfg(unix)]
use crate::setup::command::{end, signal, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::poll::until;
#[cfg(unix)]
use crate::setup::poll::while_it_runs;

fn failures(kusto: &Kusto, arguments: &[&str]) -> CommandOutput {
    let of = ["failures", "--cluster", &kusto.cluster, "--output", "json"];
    run(&[&of[..], arguments].concat())
}

/// A Kusto that has failed so many sources, since their table is missing, and what their commands printed.
fn failed(name: &str, sources: usize) -> (Kusto, Value) {
    let folder = Folder::new(name);
    for number in 0..sources {
        folder.write(&format!("{number}.csv"), "1\n");
    }
    let kusto = Kusto::held();
    let sent = kusto.run(&["ingest", folder.path()]);
    assert_eq!(sent.code, 0, "{sent:?}");
    kusto.emulator.resume_ingestion();
    until(|| kusto.emulator.fake().ingestions().len() >= sources);
    (kusto, sent.json())
}

#[test]
fn a_look_that_cannot_see_all_says_so_and_taking_sees_all() {
    let (kusto, _) = failed("failures_full", 40);
    let count = |ran: &CommandOutput| ran.json()["failures"].as_array().map(Vec::len);
    let seen = failures(&kusto, &["--limit", "1000"]);
    assert_eq!((seen.code, count(&seen)), (0, Some(32)), "{seen:?}");
    assert!(seen.err.contains("note: there may be more"), "{seen:?}");
    let few = failures(&kusto, &["--limit", "31"]);
    assert_eq!((few.code, count(&few), &*few.err), (0, Some(31), ""), "{few:?}");
    let taken = failures(&kusto, &["--limit", "1000", "--take"]);
    assert_eq!(
        (taken.code, count(&taken), &*taken.err),
        (0, Some(40), ""),
        "{taken:?}"
    );
}

#[test]
fn reports_are_looked_at_until_somebody_takes_them() {
    let (kusto, sent) = failed("failures", 1);
    for (arguments, taken) in [(&[][..], false), (&[], false), (&["--take"], true)] {
        let ran = failures(&kusto, arguments);
        let json = ran.json();
        assert_eq!(
            (ran.code, &json["taken"], &json["unreadable"]),
            (0, &json!(taken), &json!([])),
            "{ran:?}"
        );
        let [failure] = json["failures"].as_array().expect("they are reports").as_slice() else {
            panic!("one source failed: {ran:?}");
        };
        assert_eq!(failure["source_id"], sent["results"][0]["source_id"]);
        assert_eq!(
            (&failure["database"], &failure["table"]),
            (&json!("D"), &json!("T"))
        );
        assert_eq!(failure["error"]["code"], "BadRequest_TableNotExist");
        assert_eq!(
            (&failure["error"]["permanent"], &failure["should_retry"]),
            (&json!(true), &json!(false))
        );
        assert!(
            failure["failed_on"].is_string() && failure["source"].is_string(),
            "{failure}"
        );
    }
    assert_eq!(failures(&kusto, &[]).json()["failures"], json!([]));
}

#[test]
fn a_limit_holds_whether_they_are_taken_or_not() {
    let (kusto, _) = failed("failures_limit", 5);
    let count = |arguments: &[&str]| {
        failures(&kusto, arguments).json()["failures"]
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(count(&["--limit", "2"]), Some(2));
    assert_eq!(count(&["--limit", "3", "--take"]), Some(3));
    assert_eq!(count(&[]), Some(2));
}

#[test]
fn reports_are_cleared_unseen() {
    let (kusto, _) = failed("failures_cleared", 3);
    let ran = failures(&kusto, &["--clear"]);
    assert_eq!((ran.code, ran.json()), (0, json!({"cleared": true})), "{ran:?}");
    assert_eq!(failures(&kusto, &[]).json()["failures"], json!([]));
    let ran = run(&["failures", "--clear", "--cluster", &kusto.cluster]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "the queues of failures are cleared\n"),
        "{ran:?}"
    );
}

#[test]
fn people_get_a_table_and_hear_whose_the_reports_are() {
    let (kusto, sent) = failed("failures_text", 1);
    let text = |arguments: &[&str]| run(&[&["failures", "--cluster", &kusto.cluster], arguments].concat());
    let ran = text(&[]);
    let id = sent["results"][0]["source_id"].as_str().expect("it is text");
    let row = ran.out.lines().nth(1).unwrap_or_default();
    assert!(row.contains("D.T") && row.contains(id), "{ran:?}");
    assert!(ran.out.ends_with("1 report, left in the queues\n"), "{ran:?}");
    assert!(
        text(&["--take"])
            .out
            .ends_with("1 report, taken out of the queues\n")
    );
    let ran = text(&[]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "no failures are reported\n"));
}

#[test]
fn a_text_that_is_no_report_is_shown_without_its_secrets_and_blocks_nobody() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let queue = kusto
        .emulator
        .fake()
        .issued_resources()
        .expect("it issues")
        .failures;
    let storage = kusto.emulator.fake().storage();
    block_on(QueueStore::put(
        storage,
        &queue,
        "lost: 'https://h/c/my file;HUSH=='",
    ))
    .expect("memory takes it");
    let ran = failures(&kusto, &["--take"]);
    assert_eq!(
        (ran.code, &ran.json()["unreadable"]),
        (0, &json!(["lost: 'https://h/c/my file…'"])),
        "{ran:?}"
    );
    assert_eq!(failures(&kusto, &[]).json()["unreadable"], json!([]));
}

/// A Kusto whose queue holds so many texts that are no reports.
fn with_texts(count: usize) -> Kusto {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let queue = kusto
        .emulator
        .fake()
        .issued_resources()
        .expect("it issues")
        .failures;
    let storage = kusto.emulator.fake().storage();
    for number in 0..count {
        let text = format!("{number}: {}", "lost".repeat(256));
        block_on(QueueStore::put(storage, &queue, &text)).expect("memory takes it");
    }
    kusto
}

#[test]
fn more_than_a_batch_is_one_document() {
    let (kusto, _) = failed("failures_batches", 70);
    let ran = failures(&kusto, &["--take", "--limit", "100"]);
    let json = ran.json();
    let told = json["failures"].as_array().expect("they are reports");
    let sources: std::collections::HashSet<_> =
        told.iter().map(|failure| failure["source_id"].as_str()).collect();
    assert_eq!((ran.code, told.len(), sources.len()), (0, 70, 70));
    assert_eq!((&json["taken"], &json["unreadable"]), (&json!(true), &json!([])));
}

#[test]
#[cfg(target_os = "linux")]
fn no_more_is_taken_than_can_be_printed() {
    let kusto = with_texts(40);
    for (output, left) in [("text", 8), ("json", 0)] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = kusto_ingest(&["failures", "--cluster", &kusto.cluster]);
        command.args(["--take", "--limit", "100", "--output", output]);
        let ran = command.stdout(full.expect("Linux has it")).output();
        let ran = ran.expect("the binary was built");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{said}");
        assert!(said.contains("standard output"), "{said}");
        let json = failures(&kusto, &[]).json();
        assert_eq!(json["unreadable"].as_array().map(Vec::len), Some(left), "{json}");
    }
}

#[test]
#[cfg(unix)]
fn an_interrupt_prints_what_was_taken_and_leaves_the_rest() {
    let kusto = with_texts(640);
    let mut command = kusto_ingest(&["failures", "--cluster", &kusto.cluster]);
    let mut child = start(command.args(["--take", "--limit", "1000"]));
    // Nobody reads what it prints, which is more than a pipe holds: it gets no further than some batches.
    while_it_runs(&mut child, || {
        kusto
            .emulator
            .request_count(Route::Storage(Operation::ReceiveMessages))
            > 1
    });
    signal(&child, "-INT");
    let ran = end(child);
    let printed = ran.out.lines().filter(|line| line.contains("lostlost")).count();
    let said = format!("\n{printed} reports, taken out of the queues\n");
    assert!(
        ran.code == 130 && ran.out.ends_with(&said) && ran.err.contains("error: interrupted by SIGINT: "),
        "{} {printed}",
        ran.code
    );
    let left = failures(&kusto, &["--take", "--limit", "1000"]).json();
    let left = left["unreadable"].as_array().map(Vec::len);
    assert_eq!(left, Some(640 - printed), "none is lost");
    assert_ne!(left, Some(0));
}

#[test]
#[cfg(unix)]
fn an_interrupt_before_anything_is_taken_prints_nothing() {
    let kusto = with_texts(1);
    let never = HttpFault::Delay(std::time::Duration::from_secs(3600));
    let plan = HttpFaultPlan::new(never).on(Route::Management).forever();
    kusto.emulator.plan(plan);
    let mut child = start(&mut kusto_ingest(&[
        "failures",
        "--take",
        "--cluster",
        &kusto.cluster,
    ]));
    while_it_runs(&mut child, || kusto.emulator.request_count(Route::Management) > 0);
    signal(&child, "-INT");
    end(child).refused(130, "before anything was taken");
}

#[test]
fn what_cannot_be_read_leaves_standard_output_empty() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (arguments, why) in [
        (&["--limit", "0"][..], "--limit"),
        (&["--limit", "some"], "--limit"),
        (&["--nonsense"], "--nonsense"),
        (&["--clear", "--take"], "--take"),
        (&["--clear", "--limit", "3"], "--limit"),
        (&["--auth", "token"], "KUSTO_TOKEN"),
    ] {
        failures(&kusto, arguments).refused(2, why);
    }
    run(&["failures"]).refused(2, "KUSTO_CLUSTER");
    assert_eq!(kusto.emulator.requests().len(), 0);
    let fault = HttpFault::Status(403, "Forbidden".to_owned());
    kusto
        .emulator
        .plan(HttpFaultPlan::new(fault).on(Route::Management).forever());
    failures(&kusto, &[]).refused(3, "orbidden");
    assert_eq!(
        kusto
            .emulator
            .request_count(Route::Storage(Operation::PeekMessages)),
        0
    );
}
