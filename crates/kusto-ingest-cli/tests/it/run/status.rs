//! `status` and `wait`: what became of sources, asked by another process.

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::testing::Operation;
use serde_json::json;

use crate::setup::command::{CommandOutput, end, feed, kusto_ingest, run, start};
use crate::setup::folder::{Folder, gzip};
use crate::setup::kusto::Kusto;
use crate::setup::poll::while_it_runs;

/// What such a command says of receipts on its standard input.
fn told(kusto: &Kusto, arguments: &[&str], receipts: &str) -> CommandOutput {
    let ask = ["-", "--cluster", &kusto.cluster, "--output", "json"];
    feed(
        &mut kusto_ingest(&[arguments, &ask[..]].concat()),
        receipts.as_bytes(),
    )
}

pub(crate) fn status(kusto: &Kusto, receipts: &str) -> CommandOutput {
    told(kusto, &["status"], receipts)
}

#[test]
fn what_was_tracked_is_asked_for_by_another_process() {
    let folder = Folder::new("track");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    let sent = kusto.run(&["ingest", &file, "--track"]);
    let receipt = sent.ended(0, "Queued")["receipt"].clone();
    assert_eq!(receipt["state"]["kind"], "tracked");
    assert_eq!(
        kusto.emulator.request_count(Route::Storage(Operation::GetEntity)),
        0,
        "it does not wait"
    );

    let ran = status(&kusto, &sent.out);
    let result = ran.ended(6, "Pending");
    assert_eq!((&result["source"], &result["receipt"]), (&json!(file), &receipt));
    assert_eq!(
        kusto.emulator.request_count(Route::Storage(Operation::GetEntity)),
        1,
        "it asks once"
    );

    kusto.emulator.resume_ingestion();
    // The table is missing: the service says so, and nobody else.
    let ran = status(&kusto, &sent.out);
    let error = &ran.ended(5, "Failed")["error"];
    assert_eq!(
        (&error["code"], &error["permanent"]),
        (&json!("BadRequest_TableNotExist"), &json!(true))
    );
    assert_eq!(
        (&ran.json()["database"], &ran.json()["table"]),
        (&json!("D"), &json!("T"))
    );
}

#[test]
fn waiting_ends_when_everything_is_final_or_the_time_is_over() {
    let folder = Folder::new("status_wait");
    let file = folder.write("a.csv", "1\n");
    for arguments in [&["status", "--wait"][..], &["wait"]] {
        let kusto = Kusto::held();
        let sent = folder.write("sent.json", kusto.run(&["ingest", &file, "--track"]).out);
        let limited = [
            arguments,
            &[&sent, "--wait-timeout", "0s", "--cluster", &kusto.cluster],
        ]
        .concat();
        assert_eq!(run(&limited).code, 6);

        let ask = [
            arguments,
            &[&sent, "--cluster", &kusto.cluster, "--output", "json"],
        ]
        .concat();
        let asked = || kusto.emulator.request_count(Route::Storage(Operation::GetEntity));
        let before = asked();
        let mut child = start(&mut kusto_ingest(&ask));
        while_it_runs(&mut child, || asked() > before);
        kusto.emulator.resume_ingestion();
        end(child).ended(5, "Failed");
    }
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_the_waiting_of_another_process_too() {
    let folder = Folder::new("status_interrupt");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    let sent = folder.write("sent.json", kusto.run(&["ingest", &file, "--track"]).out);
    let mut child = start(&mut kusto_ingest(&[
        "wait",
        &sent,
        "--cluster",
        &kusto.cluster,
        "--output",
        "json",
    ]));
    while_it_runs(&mut child, || {
        kusto.emulator.request_count(Route::Storage(Operation::GetEntity)) > 0
    });
    crate::setup::command::signal(&child, "-INT");
    end(child).ended(130, "Pending");
}

#[test]
fn what_does_not_report_to_the_table_is_said_to_be_out_of_sight() {
    let folder = Folder::new("untracked");
    let (file, empty) = (folder.write("a.csv", "1\n"), folder.write("empty.csv", ""));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let sent = kusto.run(&["ingest", &file, "--no-wait"]);
    let before = kusto.emulator.requests().len();
    let ran = status(&kusto, &sent.out);
    let error = &ran.ended(4, "Queued")["error"];
    assert_eq!(error["kind"], "NotTracked");
    assert!(ran.err.contains("--track") && ran.err.contains(&file), "{ran:?}");
    assert_eq!(kusto.emulator.requests().len(), before, "there is nobody to ask");

    // What was never sent stays what it was.
    let sent = kusto.run(&["ingest", &empty, &file, "--track"]);
    let ran = status(&kusto, &sent.out);
    assert_eq!(
        (ran.code, &ran.json()["results"]),
        (4, &json!([sent.json()["results"][0], ran.json()["results"][1],]))
    );
    assert_eq!(ran.json()["results"][1]["state"], "Succeeded");
}

#[test]
fn operations_of_the_engine_are_followed() {
    let folder = Folder::new("operations");
    let good = folder.write("good.multijson.gz", gzip("[{\"a\":1}]"));
    let bad = folder.write("bad.multijson.gz", gzip("[{\"a\":1},"));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (files, more, code, states) in [
        (&[&*good][..], &[][..], 0, &["Succeeded"][..]),
        (&[&bad], &[], 5, &["Failed"]),
        (&[&good, &bad], &[], 4, &["Succeeded", "Failed"]),
        (
            &[&good, &bad],
            &["--batch-files", "2"],
            4,
            &["PartiallySucceeded", "PartiallySucceeded"],
        ),
    ] {
        let sent = kusto.run(&[&["direct", "--async"], files, more].concat());
        assert_eq!(
            (sent.code, &sent.json()["results"][0]["state"]),
            (0, &json!("Pending")),
            "{sent:?}"
        );
        // An operation that one of them looks at may be under way when another is looked at.
        for ask in [&["wait"][..], &["status"]] {
            let ran = told(&kusto, ask, &sent.out);
            let json = ran.json();
            let told: Vec<_> = json["results"]
                .as_array()
                .expect("they are results")
                .iter()
                .map(|result| &result["state"])
                .collect();
            assert_eq!(
                (ran.code, told),
                (
                    code,
                    states
                        .iter()
                        .map(|state| json!(state))
                        .collect::<Vec<_>>()
                        .iter()
                        .collect()
                ),
                "{ran:?}"
            );
        }
    }
}

#[test]
fn an_operation_that_the_engine_does_not_show_is_unknown() {
    let folder = Folder::new("no_operation");
    let file = folder.write("a.csv.gz", gzip("1\n"));
    let sent = Kusto::with(&["D.T(a:long)"]).run(&["direct", &file, "--async"]);
    let other = Kusto::with(&["D.T(a:long)"]);
    let ran = status(&other, &sent.out);
    assert_eq!(ran.ended(4, "Unknown")["error"]["kind"], "NotFound");
    assert!(ran.err.contains("six hours"), "{ran:?}");
}

#[test]
fn a_status_that_may_not_be_read_ends_with_3() {
    let folder = Folder::new("status_forbidden");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let sent = kusto.run(&["ingest", &file, "--track"]);
    for (status_code, code, hint) in [(403, 3, false), (401, 3, true)] {
        let fault = HttpFault::Status(status_code, "Forbidden".to_owned());
        kusto
            .emulator
            .plan(HttpFaultPlan::new(fault).on(Route::Management).forever());
        let ran = status(&kusto, &sent.out);
        ran.ended(code, "Unknown");
        assert_eq!(ran.err.contains("no sign-in was tried"), hint, "{ran:?}");
        kusto.emulator.clear_faults();
    }
}
