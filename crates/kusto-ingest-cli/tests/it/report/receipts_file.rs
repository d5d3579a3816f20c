//! `--receipts FILE`: whatever ends the command, another process learns of everything that was accepted.

use std::collections::BTreeMap;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::testing::Operation;
use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, run};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

const POST: Route = Route::Storage(Operation::PutMessage);

/// The receipts of a file, one a line.
fn lines(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let whole = text.lines().map(serde_json::from_str);
    whole.collect::<Result<_, _>>().unwrap_or_default()
}

/// How many receipts there are of each kind.
#[cfg(unix)]
fn kinds(file: &str) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for line in lines(file) {
        *kinds
            .entry(line["state"]["kind"].as_str().unwrap_or_default().to_owned())
            .or_default() += 1;
    }
    kinds
}

/// What `status` says of a file of receipts.
fn status(kusto: &Kusto, file: &str) -> CommandOutput {
    run(&["status", file, "--cluster", &kusto.cluster, "--output", "json"])
}

/// How many sources are in each state.
fn states(ran: &CommandOutput) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    for result in ran.json()["results"].as_array().expect("they are results") {
        *states
            .entry(result["state"].as_str().unwrap_or_default().to_owned())
            .or_default() += 1;
    }
    states
}

fn counts<const KINDS: usize>(counts: [(&str, usize); KINDS]) -> BTreeMap<String, usize> {
    counts
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect()
}

/// Ingests eight files, two at a time, and sends the signal once five are queued and two wait for an answer that does not
/// come.
#[cfg(unix)]
fn ended_by(signal: &str, folder: &Folder, kusto: &Kusto, receipts: &str) -> CommandOutput {
    for number in 0..8 {
        folder.write(&format!("in/{number}.csv"), "1\n");
    }
    let late = HttpFault::Delay(std::time::Duration::from_secs(3600));
    let late = HttpFaultPlan::new(late).on(POST).after(5).forever();
    kusto.emulator.plan(late);
    let files = format!("{}/in", folder.path());
    let more = ["--track", "--parallel", "2", "--receipts", receipts];
    let ingest = [&["ingest", &*files], &more[..]].concat();
    let mut child = crate::setup::command::start(&mut kusto.command(&ingest));
    crate::setup::poll::while_it_runs(&mut child, || {
        lines(receipts).len() == 5 && kusto.emulator.request_count(POST) == 7
    });
    crate::setup::command::signal(&child, signal);
    crate::setup::command::end(child)
}

#[test]
#[cfg(unix)]
fn a_signal_that_can_be_caught_leaves_receipts_of_everything_that_was_posted() {
    for (signal, name) in [("-INT", "SIGINT"), ("-TERM", "SIGTERM"), ("-HUP", "SIGHUP")] {
        if signal == "-HUP" && crate::setup::command::ignores_hang_up() {
            continue;
        }
        let folder = Folder::new(&format!("ended_by{signal}"));
        let receipts = format!("{}/receipts.jsonl", folder.path());
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let ran = ended_by(signal, &folder, &kusto, &receipts);
        assert_eq!(ran.code, 130, "{signal}: {ran:?}");
        let ending = format!("error: interrupted by {name}: of 8 sources: 1 failed, 5 queued, 2 unknown; ");
        assert!(
            ran.err.contains(&ending) && ran.err.contains(&receipts),
            "{ran:?}"
        );
        assert_eq!(kinds(&receipts), counts([("tracked", 5), ("unknown", 2)]));
        let ran = status(&kusto, &receipts);
        let expected = counts([("Succeeded", 5), ("Unknown", 2)]);
        assert_eq!(states(&ran), expected, "{signal}: {ran:?}");
        let sources = ran.json()["results"].to_string();
        assert!(sources.contains("in/0.csv"), "{sources}");
    }
}

#[test]
#[cfg(unix)]
fn a_killed_command_leaves_receipts_of_everything_that_was_queued() {
    let folder = Folder::new("ended_by-KILL");
    let receipts = format!("{}/receipts.jsonl", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = ended_by("-KILL", &folder, &kusto, &receipts);
    assert_eq!(
        (ran.code, kinds(&receipts)),
        (-1, counts([("tracked", 5)])),
        "{ran:?}"
    );
    let ran = status(&kusto, &receipts);
    assert_eq!(states(&ran), counts([("Succeeded", 5)]), "{ran:?}");
    let sources = ran.json()["results"].to_string();
    assert!(sources.contains("in/0.csv"), "{sources}");
}

#[test]
#[cfg(unix)]
fn a_killed_direct_ingestion_leaves_the_operation_that_the_engine_goes_on_with() {
    let folder = Folder::new("killed_direct");
    let files = ["a.csv.gz", "b.csv.gz"].map(|name| folder.write(name, crate::setup::folder::gzip("1\n")));
    let receipts = format!("{}/receipts.jsonl", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    // What is issued is asked for, and the command is accepted; a look at its operation takes long.
    let late = HttpFault::Delay(std::time::Duration::from_secs(3600));
    kusto
        .emulator
        .plan(HttpFaultPlan::new(late).on(Route::Management).after(2).forever());
    let ingest = [
        "direct",
        &files[0],
        &files[1],
        "--batch-files",
        "2",
        "--receipts",
        &receipts,
    ];
    let mut child = crate::setup::command::start(&mut kusto.command(&ingest));
    crate::setup::poll::while_it_runs(&mut child, || lines(&receipts).len() == 2);
    crate::setup::command::signal(&child, "-KILL");
    assert_eq!(crate::setup::command::end(child).code, -1);
    assert_eq!(kinds(&receipts), counts([("operation", 2)]));
    kusto.emulator.clear_faults();
    let ran = run(&["wait", &receipts, "--cluster", &kusto.cluster, "--output", "json"]);
    assert_eq!(
        (ran.code, states(&ran)),
        (0, counts([("Succeeded", 2)])),
        "{ran:?}"
    );
    assert_eq!(ran.json()["results"][1]["source"], json!(files[1]));
}

#[test]
#[cfg(unix)]
fn a_second_interrupt_ends_the_command_at_once_and_a_hang_up_does_not() {
    let folder = Folder::new("second_interrupt");
    for number in 0..400 {
        folder.write(&format!("in/{number}.csv"), "1\n");
    }
    let (files, receipts) = (
        format!("{}/in", folder.path()),
        format!("{}/receipts.jsonl", folder.path()),
    );
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let late = HttpFault::Delay(std::time::Duration::from_secs(3600));
    kusto.emulator.plan(HttpFaultPlan::new(late).on(POST).forever());
    let ingest = [
        "ingest",
        &files,
        "--parallel",
        "4",
        "--output",
        "json",
        "--receipts",
        &receipts,
    ];
    let mut child = crate::setup::command::start(&mut kusto.command(&ingest));
    crate::setup::poll::while_it_runs(&mut child, || kusto.emulator.request_count(POST) == 4);
    crate::setup::command::signal(&child, "-TERM");
    crate::setup::poll::while_it_runs(&mut child, || lines(&receipts).len() == 4);
    // Nobody reads the report, which is longer than a pipe. Some supervisors hang up after they terminate.
    crate::setup::command::signal(&child, "-HUP");
    crate::setup::command::signal(&child, "-INT");
    let child = std::cell::RefCell::new(child);
    crate::setup::poll::until(|| matches!(child.borrow_mut().try_wait(), Ok(Some(_))));
    let mut child = child.into_inner();
    drop(child.stdout.take());
    let ran = crate::setup::command::end(child);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            130,
            "error: ended at once by a second SIGINT: nothing is reported\n"
        )
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_hang_up_that_nohup_has_ignored_is_ignored() {
    let folder = Folder::new("nohup");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    let ingest = kusto.command(&["ingest", &file, "--wait", "--output", "json"]);
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", "trap '' HUP; exec \"$@\"", "sh"])
        .arg(ingest.get_program())
        .args(ingest.get_args());
    for (name, value) in ingest.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let looked = || kusto.emulator.request_count(Route::Storage(Operation::GetEntity));
    let mut child = crate::setup::command::start(&mut shell);
    crate::setup::poll::while_it_runs(&mut child, || looked() > 0);
    crate::setup::command::signal(&child, "-HUP");
    kusto.emulator.resume_ingestion();
    // The table is missing: it waited until somebody said so.
    crate::setup::command::end(child).ended(5, "Failed");
}

#[test]
fn a_receipt_of_unknown_outcome_is_kept_as_well() {
    let folder = Folder::new("unknown_receipt");
    let file = folder.write("a.csv", "1\n");
    let receipts = format!("{}/receipts.jsonl", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    kusto
        .emulator
        .plan(HttpFaultPlan::new(HttpFault::ResponseLost).on(POST));
    let ran = kusto.tell(&["ingest", &file, "--track", "--receipts", &receipts]);
    assert_eq!(ran.code, 4, "{ran:?}");
    let kept = lines(&receipts);
    assert_eq!((kept.len(), &kept[0]["state"]["kind"]), (1, &json!("unknown")));
    // The status table knows better.
    status(&kusto, &receipts).ended(0, "Succeeded");
}

#[test]
fn lines_are_added_by_every_way_and_for_this_user_alone() {
    let folder = Folder::new("appended");
    let (file, empty) = (folder.write("a.csv", "1\n"), folder.write("empty.csv", ""));
    let receipts = format!("{}/receipts.jsonl", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (at, way) in ["ingest", "stream", "managed", "direct", "inline"]
        .into_iter()
        .enumerate()
    {
        let ran = kusto.tell(&[way, &file, "--receipts", &receipts]);
        assert_eq!((ran.code, lines(&receipts).len()), (0, at + 1), "{way}: {ran:?}");
    }
    // What was not accepted has no receipt.
    assert_eq!(kusto.tell(&["ingest", &empty, "--receipts", &receipts]).code, 5);
    let kept = lines(&receipts);
    assert_eq!(kept.len(), 5);
    assert!(kept.iter().all(|line| line["source"] == json!(file)), "{kept:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&receipts)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // A line that was cut stays alone.
    let cut = folder.write("cut.jsonl", r#"{"source_id":"#);
    assert_eq!(kusto.tell(&["stream", &file, "--receipts", &cut]).code, 0);
    let ran = status(&kusto, &cut);
    ran.ended(0, "Succeeded");
    assert!(ran.err.contains("line 1 of the receipts is cut"), "{ran:?}");
}

#[test]
fn a_file_that_cannot_take_receipts_ends_with_2_before_anything_is_sent() {
    let folder = Folder::new("no_receipts");
    let file = folder.write("in/a.csv", "1\n");
    let data = folder.write("data.csv", "a,b\n");
    let source = folder.write("in/b.csv", "{\n");
    let into_nothing = format!("{}/missing/receipts", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (receipts, why) in [
        (folder.path(), "directory"),
        (&*into_nothing, "No such file"),
        (&data, "something else"),
        (&source, "one of the sources"),
        ("-", "standard output"),
    ] {
        let ran = kusto.tell(&["ingest", &file, &source, "--receipts", receipts]);
        ran.refused(2, why);
    }
    assert_eq!(std::fs::read_to_string(&data).expect("it is there"), "a,b\n");
    assert_eq!(kusto.emulator.requests().len(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_more_is_sent_and_nothing_deleted_once_receipts_cannot_be_kept() {
    let folder = Folder::new("full_disk");
    for number in 0..6 {
        folder.write(&format!("{number}.csv"), "1\n");
    }
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let more = [
        "--parallel",
        "1",
        "--receipts",
        "/dev/full",
        "--delete-source",
        "--output",
        "json",
    ];
    let ran = crate::setup::command::end(crate::setup::command::start(
        &mut kusto.command(&[&["ingest", folder.path()], &more[..]].concat()),
    ));
    assert_eq!((ran.code, kusto.emulator.request_count(POST)), (4, 1), "{ran:?}");
    assert_eq!(states(&ran), counts([("Queued", 1), ("Failed", 5)]));
    assert_eq!(ran.json()["results"][5]["error"]["kind"], "NotSent");
    assert!(ran.err.contains("/dev/full"), "{ran:?}");
    let left = std::fs::read_dir(folder.path()).expect("it is there").count();
    assert_eq!(left, 6);
}

#[test]
#[cfg(target_os = "linux")]
fn a_receipt_that_cannot_be_kept_is_told_and_printed_also_where_nothing_else_was_to_begin() {
    let folder = Folder::new("full_disk_at_the_end");
    let file = folder.write("a.csv", "1\n");
    let list = folder.write("list", &file);
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let full = ["--receipts", "/dev/full"];
    for source in [&[&*file][..], &["--from-file", &list]] {
        let ran = kusto.tell(&[&["ingest", "--track"], source, &full].concat());
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.err.contains("failed to write a receipt to /dev/full"),
            "{ran:?}"
        );
        let line = ran.out.lines().find(|line| line.starts_with("{\"source\""));
        let kept = folder.write("kept.jsonl", line.unwrap_or_else(|| panic!("{ran:?}")));
        status(&kusto, &kept).ended(0, "Succeeded");
    }
    let waited = kusto.run(&[&["ingest", &*file, "--wait"], &full[..]].concat());
    waited.ended(1, "Succeeded");
    assert!(waited.err.contains("/dev/full"), "{waited:?}");
}

#[test]
fn a_secret_in_a_source_is_not_kept() {
    let folder = Folder::new("secret_receipt");
    let receipts = format!("{}/receipts.jsonl", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let blob = kusto.put_blob("a.csv", "1\n");
    let (_, sas) = blob.split_once("sig=").expect("it has a SAS");
    let sas = sas.split('&').next().unwrap_or_default();
    let ran = kusto.tell(&["ingest", &blob, "--track", "--receipts", &receipts]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let kept = std::fs::read_to_string(&receipts).expect("it is there");
    assert!(kept.contains("a.csv") && !kept.contains(sas), "{kept}");
}
