//! How it ends once something was sent: states, and the exit codes that they add up to.

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::testing::Operation;
use serde_json::{Value, json};

use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

#[test]
fn s03_g59_one_of_three_fails_and_the_report_has_all() {
    let folder = Folder::new("one_of_three");
    for (name, contents) in [("a", "1\n"), ("b", ""), ("c", "3\n")] {
        folder.write(&format!("{name}.csv"), contents);
    }
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.tell(&["ingest", folder.path(), "--wait"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().skip(1).take(3).collect();
    for (line, said) in lines.iter().zip([
        ["a.csv", "Succeeded"],
        ["b.csv", "the source is empty"],
        ["c.csv", "Succeeded"],
    ]) {
        assert!(
            line.contains(folder.path()) && said.iter().all(|word| line.contains(word)),
            "{ran:?}"
        );
    }
}

#[test]
fn s03_g60_each_ending_has_its_code() {
    let folder = Folder::new("codes");
    let (file, empty) = (folder.write("in/a.csv", "1\n"), folder.write("in/empty.csv", ""));
    let nothing = Folder::new("codes_nothing");
    let refusing = Kusto::held();
    let unauthorized = HttpFault::Status(401, "Unauthorized".to_owned());
    let plan = HttpFaultPlan::new(unauthorized).on(Route::Management).forever();
    refusing.emulator.plan(plan);
    let held = Kusto::held();
    for (kusto, arguments, code) in [
        (&held, &[&*empty][..], 5),
        (&held, &[nothing.path()], 7),
        (&held, &[&file, "--wait", "--wait-timeout", "0s"], 6),
        (&held, &[&file, "--ignore"], 2),
        (&refusing, &[&file], 3),
    ] {
        let ran = kusto.tell(&[&["ingest"], arguments].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_missing_table_fails_with_the_code_of_the_status_row() {
    let folder = Folder::new("missing_table");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::of(Emulator::builder().with_database("D".try_into().unwrap()));
    let ran = kusto.run(&["ingest", &file, "--wait"]);
    ran.ended(5, "Failed");
    let error = &ran.result()["error"];
    assert_eq!(error["code"], "BadRequest_TableNotExist");
    assert_eq!(
        (&error["permanent"], &error["kind"]),
        (&json!(true), &json!("Rejected"))
    );
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| !message.is_empty()),
        "{error}"
    );
    assert_eq!(ran.result()["rows"], Value::Null);
    assert!(ran.result()["receipt"].is_object());
}

#[test]
fn a_status_that_is_not_final_in_time_ends_with_6() {
    let folder = Folder::new("timeout");
    let files = [folder.write("a.csv", "1\n"), folder.write("b.csv", "2\n")];
    let kusto = Kusto::held();
    for limit in ["0s", "100ms"] {
        let ran = kusto.run(&["ingest", &files[0], &files[1], "--wait", "--wait-timeout", limit]);
        assert_eq!(
            (ran.code, ran.json()["summary"]["pending"].as_u64()),
            (6, Some(2)),
            "{ran:?}"
        );
        assert_eq!(ran.json()["results"][0]["state"], "Pending");
    }
}

#[test]
fn a_service_that_forbids_or_wants_a_sign_in_ends_with_3() {
    let folder = Folder::new("forbidden");
    let file = folder.write("a.csv", "1\n");
    for (status, kind, says_what_works) in [(403, "Forbidden", false), (401, "Unauthenticated", true)] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let fault = HttpFault::Status(status, kind.to_owned());
        kusto
            .emulator
            .plan(HttpFaultPlan::new(fault).on(Route::Management).forever());
        let ran = kusto.run(&["ingest", &file]);
        assert_eq!(
            (ran.code, &ran.result()["error"]["kind"]),
            (3, &json!(kind)),
            "{ran:?}"
        );
        assert_eq!(
            ran.err.contains("no sign-in was tried"),
            says_what_works,
            "{ran:?}"
        );
        assert_eq!(kusto.changes(), 0);
    }
}

#[test]
fn what_may_have_been_loaded_is_unknown_and_not_failed() {
    let folder = Folder::new("unknown_load");
    let file = folder.write("a.csv", "1\n");
    for (command, route) in [("stream", Route::Streaming), ("inline", Route::Management)] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        kusto
            .emulator
            .plan(HttpFaultPlan::new(HttpFault::ResponseLost).on(route));
        let ran = kusto.run(&[command, &file]);
        ran.ended(4, "Unknown");
        assert_eq!(ran.result()["error"]["kind"], "OutcomeUnknown", "{command}");
    }
}

#[test]
fn a_message_that_may_have_arrived_is_unknown_and_not_done() {
    let folder = Folder::new("unknown");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let post = Route::Storage(Operation::PutMessage);
    kusto
        .emulator
        .plan(HttpFaultPlan::new(HttpFault::ResponseLost).on(post));
    let ran = kusto.run(&["ingest", &file]);
    ran.ended(4, "Unknown");
    assert_eq!(ran.result()["error"]["kind"], "OutcomeUnknown");

    // Whoever waits learns from the status row that it did arrive.
    kusto
        .emulator
        .plan(HttpFaultPlan::new(HttpFault::ResponseLost).on(post));
    let ran = kusto.run(&["ingest", &file, "--wait"]);
    ran.ended(0, "Succeeded");
    assert_eq!(ran.result()["error"], Value::Null);
}
