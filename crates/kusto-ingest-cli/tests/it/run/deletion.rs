//! `--delete-source`: what was ingested goes, and nothing else.

use std::path::Path;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::testing::Operation;

use crate::setup::command::{end, start};
use crate::setup::folder::{Folder, gzip};
use crate::setup::kusto::{Kusto, embedded};
use crate::setup::poll::while_it_runs;

fn is_there(file: &str) -> bool {
    Path::new(file).exists()
}

#[test]
fn each_way_deletes_what_it_brought_and_keeps_what_failed() {
    let folder = Folder::new("deletion");
    for arguments in [
        &["ingest"][..],
        &["ingest", "--wait"],
        &["ingest", "--track"],
        &["stream"],
        &["managed"],
        &["managed", "--tag", "x", "--wait"],
        &["direct"],
        &["direct", "--async", "--batch-files", "2"],
    ] {
        let files = [
            folder.write("in/a.csv", "1\n"),
            folder.write("in/b.csv.gz", gzip("2\n")),
            folder.write("in/empty.csv", ""),
        ];
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let sources = [&files[0], &files[1], &files[2]].map(String::as_str);
        let ran = kusto.run(&[arguments, &sources, &["--delete-source"]].concat());
        assert_eq!(ran.code, 4, "{arguments:?}: {ran:?}");
        assert_eq!(
            files.each_ref().map(|file| is_there(file)),
            [false, false, true],
            "{arguments:?}"
        );
        let ran = kusto.run(&[arguments, &[&files[2]]].concat());
        assert_eq!((ran.code, is_there(&files[2])), (5, true), "{ran:?}");
    }
}

#[test]
fn nothing_goes_that_was_not_asked_for() {
    let folder = Folder::new("no_deletion");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for command in ["ingest", "stream", "managed", "direct", "inline"] {
        assert_eq!(
            (kusto.run(&[command, &file]).code, is_there(&file)),
            (0, true),
            "{command}"
        );
    }
}

#[test]
fn a_file_stays_until_it_is_known_to_have_arrived() {
    let folder = Folder::new("deletion_unknown");
    let file = folder.write("a.csv", "1\n");
    // Whether the message was taken is not known.
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let lost = HttpFaultPlan::new(HttpFault::ResponseLost).on(Route::Storage(Operation::PutMessage));
    kusto.emulator.plan(lost);
    kusto
        .run(&["ingest", &file, "--delete-source"])
        .ended(4, "Unknown");
    assert!(is_there(&file));
    // It was queued, and is not ingested in time.
    let kusto = Kusto::held();
    let wait = ["ingest", &file, "--delete-source", "--wait"];
    kusto
        .run(&[&wait[..], &["--wait-timeout", "0s"]].concat())
        .ended(6, "Pending");
    assert!(is_there(&file));
    // It was queued, and the table is missing.
    kusto.emulator.resume_ingestion();
    kusto.run(&wait).ended(5, "Failed");
    assert!(is_there(&file));
}

#[test]
fn a_file_that_changes_meanwhile_stays() {
    let folder = Folder::new("deletion_changed");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    kusto.emulator.fake().pause_ingestion();
    let arguments = ["ingest", &*file, "--delete-source", "--wait", "--output", "json"];
    let mut child = start(&mut kusto.command(&arguments));
    while_it_runs(&mut child, || {
        kusto.emulator.request_count(Route::Storage(Operation::GetEntity)) > 0
    });
    folder.write("a.csv", "1\n2\n");
    kusto.emulator.resume_ingestion();
    let ran = end(child);
    ran.ended(0, "Succeeded");
    assert!(is_there(&file) && ran.err.starts_with("warning: "), "{ran:?}");
    assert!(ran.err.contains("it has changed since it was read, so it stays") && ran.err.contains("a.csv"));
}

#[test]
fn a_blob_is_deleted_by_the_service_where_it_is_queued() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for command in ["ingest", "managed"] {
        let blob = kusto.put_blob("mine.csv", "1\n");
        let before = kusto.emulator.requests().len();
        for refused in ["stream", "direct"] {
            let ran = kusto.run(&[refused, &blob, "--delete-source"]);
            ran.refused(2, "only blobs that are queued");
            assert!(!ran.err.contains("sig="), "{ran:?}");
        }
        assert_eq!(kusto.emulator.requests().len(), before);
        kusto.run(&[command, &blob, "--wait"]).ended(0, "Succeeded");
        assert!(
            kusto.has_blob("mine.csv"),
            "{command}: nobody said that it may go"
        );
        kusto
            .run(&[command, &blob, "--wait", "--delete-source"])
            .ended(0, "Succeeded");
        assert!(!kusto.has_blob("mine.csv"), "{command}");
    }
}

#[test]
fn what_cannot_be_deleted_ends_with_2_before_anything_is_sent() {
    let folder = Folder::new("deletion_refused");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (arguments, why) in [
        (
            &["ingest", "-", "--format", "csv"][..],
            "standard input is no file",
        ),
        (&["direct", &file, &file], "named twice"),
        (&["stream", folder.path(), &file], "named twice"),
        (&["inline", &file], "--delete-source"),
    ] {
        kusto
            .run(&[arguments, &["--delete-source"]].concat())
            .refused(2, why);
    }
    embedded(&["ingest", &file, "--delete-source"]).refused(2, "--emulator");
    assert_eq!((kusto.emulator.requests().len(), is_there(&file)), (0, true));
}

#[test]
#[cfg(unix)]
fn a_file_is_the_same_by_whatever_way_it_is_named() {
    let folder = Folder::new("deletion_same");
    let file = folder.write("in/a.csv", "1\n");
    let link = format!("{}/link.csv", folder.path());
    std::os::unix::fs::symlink(&file, &link).expect("the folder takes it");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let roundabout = format!("{}/in/../in/./a.csv", folder.path());
    for again in [&roundabout, &link] {
        for files in [[&file, again], [again, &file]] {
            let arguments = ["ingest", files[0], files[1]];
            kusto
                .run(&[&arguments[..], &["--delete-source"]].concat())
                .refused(2, "named twice");
            // Who does not want it deleted may ingest it as often as he likes.
            assert_eq!(kusto.run(&arguments).code, 0, "{files:?}");
        }
    }
    assert!(is_there(&file));
}

#[test]
#[cfg(unix)]
fn a_symbolic_link_and_what_it_leads_to_stay_with_a_warning() {
    let folder = Folder::new("deletion_link");
    let file = folder.write("data.csv", "1\n");
    let link = format!("{}/link.csv", folder.path());
    std::os::unix::fs::symlink(&file, &link).expect("the folder takes it");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.run(&["ingest", &link, "--delete-source"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.err.contains("warning: ") && ran.err.contains("symbolic link"),
        "{ran:?}"
    );
    assert!(is_there(&file) && is_there(&link));
}

#[test]
fn what_a_stopped_run_left_in_the_folder_is_told_by_the_next_one_that_deletes() {
    let folder = Folder::new("deletion_left");
    let file = folder.write("a.csv", "1\n");
    let left = folder.write(".kusto-ingest-deleting-0123-old.csv", "0\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.run(&["ingest", &file]);
    assert_eq!(
        (ran.code, ran.err.contains(&left)),
        (0, false),
        "nobody asked: {ran:?}"
    );
    let ran = kusto.run(&["ingest", folder.path(), "--delete-source"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("stopped") && ran.err.contains(&left), "{ran:?}");
    assert!(is_there(&left) && !is_there(&file));
}
