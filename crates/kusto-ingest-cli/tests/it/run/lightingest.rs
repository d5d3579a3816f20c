//! The command line of LightIngest, by the command and by the program's name.

use std::process::Command;

use serde_json::json;

use crate::setup::command::{CommandOutput, end, kusto_ingest, run, start};
use crate::setup::folder::{Folder, gzip};
use crate::setup::kusto::Kusto;

fn lightingest(kusto: &Kusto, arguments: &[&str]) -> CommandOutput {
    run(&[&["lightingest", &kusto.cluster], arguments].concat())
}

#[test]
fn a_folder_goes_into_the_table_and_the_end_is_waited_for() {
    let folder = Folder::new("lightingest");
    folder.write("a.csv", "a\n1\n");
    folder.write("deep/b.csv", "a\n2\n");
    folder.write("c.txt", "3\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let source = format!("-source:{}", folder.path());
    let ran = lightingest(
        &kusto,
        &["-db:D", "-table:T", &source, "-ignoreFirst:true", "-format:csv"],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("2 sources into D.T: 2 succeeded"), "{ran:?}");
    assert_eq!(kusto.rows().as_array().map(Vec::len), Some(2));
}

#[test]
fn a_list_asks_no_cluster_and_a_program_of_that_name_takes_the_same() {
    let folder = Folder::new("lightingest_list");
    folder.write("a.csv", "1\n");
    let source = format!("-source:{}", folder.path());
    let cluster = "https://ingest-c.westeurope.kusto.windows.net;Fed=True";
    let given = [cluster, "-table:T", &source, "-listOnly"];
    let ran = run(&[&["lightingest"], &given[..]].concat());
    assert!(ran.code == 0 && ran.out.contains("a.csv"), "{ran:?}");

    let binary = kusto_ingest(&[]);
    let program = format!("{}/LightIngest", folder.path());
    std::fs::copy(binary.get_program(), &program).expect("it can be copied");
    let by_name = end(start(Command::new(&program).args(given)));
    assert_eq!((by_name.code, by_name.out), (0, ran.out));
    let help = end(start(Command::new(&program).arg("/?")));
    assert!(
        help.code == 0 && help.out.contains("-creationTimePattern"),
        "{help:?}"
    );
}

#[test]
fn failures_end_as_ours_do_unless_the_old_codes_are_wanted() {
    let folder = Folder::new("lightingest_codes");
    folder.write("a.csv", "");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let source = format!("-source:{}", folder.path());
    let given = ["-db:D", "-table:T", &source];
    assert_eq!(lightingest(&kusto, &given).code, 5);
    assert_eq!(
        lightingest(&kusto, &[&given[..], &["-legacyExitCodes"]].concat()).code,
        0
    );
    let wrong = lightingest(
        &kusto,
        &["-db:D", "-table:T", &source, "-pattern:*", "-nonsense:1"],
    );
    wrong.refused(2, "no argument -nonsense");
}

#[test]
fn a_folder_in_which_nothing_matches_ends_with_its_code_and_tells_of_the_pattern_that_is_implied() {
    let folder = Folder::new("lightingest_packed");
    folder.write("a.csv.gz", gzip("1\n"));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let source = format!("-source:{}", folder.path());
    let given = ["-db:D", "-table:T", &source, "-format:csv"];
    lightingest(&kusto, &given).refused(7, "without -pattern, only names that end in .csv are taken");
    let other = lightingest(&kusto, &[&given[..], &["-pattern:*.json"]].concat());
    other.refused(7, "there is nothing to ingest");
    assert!(!other.err.contains("-pattern,"), "{other:?}");
    let twice = lightingest(
        &kusto,
        &[&given[..], &["-repeatCount:1", "-repeatPause:0"]].concat(),
    );
    assert_eq!(
        (twice.code, twice.err.matches("there is nothing").count()),
        (7, 2),
        "{twice:?}"
    );
    let legacy = lightingest(&kusto, &[&given[..], &["-legacyExitCodes"]].concat());
    assert_eq!(legacy.code, 0, "{legacy:?}");
    assert!(
        legacy.out.contains("0 sources into D.T: nothing matched"),
        "{legacy:?}"
    );
}

#[test]
fn the_time_of_a_path_is_the_creation_time_of_its_data() {
    let folder = Folder::new("lightingest_times");
    folder.write("2026/01/31/a.csv", "1\n");
    folder.write("other/b.csv", "2\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let pattern = "lightingest_times/{yyyy/MM/dd}/";
    let ran = kusto.run(&[
        "ingest",
        folder.path(),
        "--creation-time-pattern",
        pattern,
        "--wait",
    ]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("--creation-time-missing"), "{ran:?}");
    let (database, table) = ("D".try_into().expect("a name"), "T".try_into().expect("a name"));
    let extents = kusto.emulator.fake().extents(&database, &table);
    let times: Vec<String> = extents
        .iter()
        .map(|extent| extent.created_on.to_string())
        .collect();
    assert_eq!(times, ["2026-01-31T00:00:00.0000000Z"]);
    let skip = [
        "ingest",
        folder.path(),
        "--creation-time-pattern",
        pattern,
        "--creation-time-missing",
        "skip",
    ];
    let ran = kusto.run(&skip);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["sources"]),
        (0, &json!(1)),
        "{ran:?}"
    );
    assert!(ran.err.contains("1 sources are left out"), "{ran:?}");
}
