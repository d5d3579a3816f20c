//! The files that a command itself writes or reads: none is a source, and none takes the place of another one.

use std::path::Path;

use serde_json::json;

use crate::setup::command::{feed, run};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

const DATA: &str = "{\"a\":1}\n";

fn text(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Runs it without anything being sent: standard error says why, and no file is another one.
fn refused(kusto: &Kusto, folder: &Folder, arguments: &[&str], why: &str) {
    let files = || {
        let files = std::fs::read_dir(folder.path()).expect("it is there");
        let mut files: Vec<_> = files
            .map(|file| file.expect("it is there").path())
            .filter(|path| path.is_file())
            .map(|path| (text(&path), path))
            .collect();
        files.sort();
        files
    };
    let before = files();
    let ran = kusto.tell(arguments);
    ran.refused(2, why);
    assert_eq!(files(), before, "{arguments:?}");
    assert_eq!(kusto.emulator.requests().len(), 0, "{arguments:?}");
}

#[test]
fn a_source_is_no_file_of_the_command_by_whatever_path_and_list() {
    let folder = Folder::new("own_sources");
    let source = folder.write("s.json", DATA);
    folder.write("below/b.json", DATA);
    let around = format!("{}/below/../s.json", folder.path());
    let list = folder.write("list.txt", format!("# of today\n{source}\n"));
    let own_list = folder.write("own.txt", format!("{}/own.txt\n", folder.path()));
    let beside = folder.write("r.json.partial", DATA);
    let report = format!("{}/r.json", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for option in [
        "--report",
        "--receipts",
        "--journal",
        "--log-file",
        "--mapping-file",
    ] {
        let why = format!("{option} {around} cannot be used: it is one of the sources");
        refused(&kusto, &folder, &["ingest", &source, option, &around], &why);
        refused(
            &kusto,
            &folder,
            &["ingest", "--from-file", &list, option, &around],
            &why,
        );
    }
    for way in ["stream", "managed", "direct", "inline"] {
        let why = "it is one of the sources";
        refused(&kusto, &folder, &[way, &source, "--receipts", &around], why);
        refused(
            &kusto,
            &folder,
            &[way, &source, "--log-file", &around, "-vv"],
            why,
        );
    }
    let format = ["--format", "json"];
    let given = [&["ingest", &beside, "--report", &report], &format[..]].concat();
    refused(
        &kusto,
        &folder,
        &given,
        "r.json.partial cannot be used: it is one of the sources",
    );
    let given = [&["ingest", "--from-file", &own_list], &format[..]].concat();
    refused(&kusto, &folder, &given, "--from-file");
    let given = ["list", &source, "--log-file", &source];
    run(&given).refused(2, "one of the sources");
    assert_eq!(text(&source), DATA);
}

#[test]
#[cfg(unix)]
fn a_source_is_no_file_of_the_command_by_a_link_of_either_kind() {
    let folder = Folder::new("own_links");
    let source = folder.write("s.json", DATA);
    let [soft, hard] = ["soft.json", "hard.json"].map(|name| format!("{}/{name}", folder.path()));
    std::os::unix::fs::symlink(&source, &soft).expect("it can be made");
    std::fs::hard_link(&source, &hard).expect("it can be made");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for link in [&soft, &hard] {
        let why = "it is one of the sources";
        refused(&kusto, &folder, &["ingest", &source, "--report", link], why);
        refused(&kusto, &folder, &["ingest", link, "--log-file", &source], why);
    }
}

#[test]
fn two_options_do_not_share_a_file_that_one_of_them_writes() {
    let folder = Folder::new("own_shared");
    let source = folder.write("s.json", DATA);
    let shared = folder.write("shared.json", "");
    let list = folder.write("list.json", format!("{source}\n"));
    let new = format!("{}/new.json", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for [one, other] in [
        ["--report", "--journal"],
        ["--report", "--receipts"],
        ["--journal", "--receipts"],
        ["--receipts", "--log-file"],
        ["--journal", "--log-file"],
        ["--report", "--mapping-file"],
    ] {
        for path in [&shared, &new] {
            let given = ["ingest", &source, one, path, other, path];
            refused(
                &kusto,
                &folder,
                &given,
                &format!("{one} and {other} cannot both use {path}"),
            );
        }
    }
    let given = ["ingest", "--from-file", &list, "--report", &list];
    refused(
        &kusto,
        &folder,
        &given,
        "--report and --from-file cannot both use",
    );
    let partial = format!("{new}.partial");
    let given = ["ingest", &source, "--report", &new, "--receipts", &partial];
    refused(
        &kusto,
        &folder,
        &given,
        "new.json.partial: give each a file of its own",
    );
    let merged = run_merge(&shared);
    merged.refused(2, "--report and the journals cannot both use");
    run(&["status", &shared, "--log-file", &shared]).refused(2, "the receipts and --log-file");
}

fn run_merge(journal: &str) -> crate::setup::command::CommandOutput {
    run(&["merge", journal, "--report", journal])
}

#[test]
fn what_runs_leave_in_the_folder_that_they_ingest_is_left_out_by_the_next_ones() {
    let folder = Folder::new("own_left_out");
    let data = format!("{}/data", folder.path());
    folder.write("data/s.csv", "1\n");
    let own = |name: &str| format!("{data}/{name}");
    let kusto = Kusto::with(&["D.T(a:string)"]);
    let (report, journal) = (own("report.csv"), own("journal.csv"));
    let (receipts, log) = (own("receipts.csv"), own("log.csv"));
    let more = [
        "--report",
        &report,
        "--journal",
        &journal,
        "--receipts",
        &receipts,
    ];
    let ingest = [&["ingest", &data, "--wait", "--log-file", &log], &more[..]].concat();
    assert_eq!(kusto.run(&ingest).code, 0);
    for path in [&report, &journal, &receipts, &log] {
        assert!(!text(path).is_empty(), "{path} was written");
    }
    folder.write("data/t.csv", "2\n");
    let again = kusto.run(&ingest);
    assert_eq!(again.code, 0, "{again:?}");
    for (path, option) in [
        (&report, "--report"),
        (&journal, "--journal"),
        (&receipts, "--receipts"),
        (&log, "--log-file"),
    ] {
        let note = format!("note: {path} is left out: it is the file of {option}");
        assert!(again.err.contains(&note), "{note}: {again:?}");
    }
    assert_eq!(kusto.rows(), json!([["1"], ["2"]]));
    let listed = run(&["list", &data, "--log-file", &log, "--output", "json"]);
    assert_eq!(
        listed.json()["summary"]["sources"],
        json!(5),
        "the log alone is its own"
    );
}

#[test]
fn a_report_is_not_put_in_the_place_of_a_source_that_a_list_on_standard_input_names() {
    let folder = Folder::new("own_piped");
    let source = folder.write("s.csv", "1\n");
    let other = folder.write("t.csv", "2\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for more in [&[][..], &["--wait"]] {
        let ingest = [&["ingest", "--from-file", "-", "--report", &source], more].concat();
        let ran = feed(
            &mut kusto.command(&ingest),
            format!("{source}\n{other}\n").as_bytes(),
        );
        assert_eq!(ran.code, 4, "{ran:?}");
        assert!(ran.err.contains("it is the file of --report"), "{ran:?}");
        assert!(
            ran.err.contains("it is one of the sources, and stays as it is"),
            "{ran:?}"
        );
        assert_eq!(text(&source), "1\n");
    }
}

#[test]
fn what_is_no_unfinished_report_is_not_replaced_by_one() {
    let folder = Folder::new("own_partial");
    let source = folder.write("s.csv", "1\n");
    for name in ["r.csv", "r.json"] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let report = format!("{}/{name}", folder.path());
        let beside = folder.write(&format!("{name}.partial"), "of somebody\n");
        let why = format!("it is written as {beside} first, and that is something else");
        refused(&kusto, &folder, &["ingest", &source, "--report", &report], &why);
        // What an ended run has left is.
        let begun = if name == "r.csv" {
            "source,source_id,st"
        } else {
            "{\n  \"database\": \"D\""
        };
        for left in ["", begun] {
            folder.write(&format!("{name}.partial"), left);
            assert_eq!(kusto.tell(&["ingest", &source, "--report", &report]).code, 0);
            assert!(text(&report).contains("s.csv"), "{left}");
        }
    }
}

#[test]
fn files_of_reasons_are_no_sources_when_what_was_set_aside_is_ingested() {
    let folder = Folder::new("own_reasons");
    folder.write("failed/a.json", DATA);
    folder.write(
        "failed/a.json.reason.json",
        "{\"a\":13,\n\"may_be_ingested\":true}\n",
    );
    folder.write("failed/b.reason.json", "{\"a\":2}\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.run(&["ingest", &format!("{}/failed", folder.path()), "--wait"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.err
            .contains("1 files of reasons, NAME.reason.json, are left out"),
        "{ran:?}"
    );
    let rows = kusto.rows().to_string();
    assert!(["[[1],[2]]", "[[2],[1]]"].contains(&&*rows), "{rows}");
}
