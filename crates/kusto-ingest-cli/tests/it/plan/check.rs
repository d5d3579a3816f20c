//! `check`: what would become of records, before anything is sent.

use serde_json::{Value, json};

use crate::setup::command::{run, run_with_input};
use crate::setup::folder::{Folder, gzip};
use crate::setup::kusto::Kusto;

#[test]
fn what_fits_fits_and_what_does_not_is_told_for_each_column() {
    let folder = Folder::new("check");
    let fits = folder.write("fits.csv", "1,2026-01-01,x\n2,,y\n");
    let ran = run(&["check", &fits, "--schema", "a:long,at:datetime,c:string"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("fits.csv: fits; 2 records looked at"), "{ran:?}");
    assert!(
        ran.out.contains("column at: datetime would be null in 1 records"),
        "{ran:?}"
    );

    let odd = folder.write("odd.csv.gz", gzip("1,2026-01-01,x\nten,soon,y\n3,2026-01-01\n"));
    let ran = run(&[
        "check",
        &odd,
        "--schema",
        "a:long,at:datetime,c:string",
        "--output",
        "json",
    ]);
    assert_eq!(ran.code, 4, "{ran:?}");
    let source = &ran.json()["sources"][0];
    assert_eq!(
        (&source["records"], &source["left_out"]),
        (&json!(3), &json!(1)),
        "{source}"
    );
    let column = |place: usize| source["columns"][place].clone();
    assert_eq!(
        (&column(0)["name"], &column(0)["changed"]),
        (&json!("a"), &json!(1)),
        "{source}"
    );
    assert!(
        column(0)["reasons"][0]
            .as_str()
            .is_some_and(|why| why.contains("line 2")),
        "{source}"
    );
}

#[test]
fn the_table_and_its_mapping_are_those_of_the_cluster() {
    let folder = Folder::new("check of a cluster");
    let file = folder.write("a.json", "{\"x\":1}\n{\"x\":2}\n");
    let mapping = folder.write("m.json", r#"[{"Column":"a","Properties":{"Path":"$.x"}}]"#);
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let before = kusto.changes();
    let without = kusto.run(&["check", &file]);
    let columns = &without.json()["sources"][0]["columns"];
    assert_eq!(
        (without.code, &columns[0]["nulls"]),
        (4, &json!(2)),
        "nothing maps to it: {without:?}"
    );
    let with = kusto.run(&["check", &file, "--mapping-file", &mapping]);
    assert_eq!(
        (with.code, &with.json()["sources"][0]["columns"]),
        (0, &json!([])),
        "{with:?}"
    );
    kusto
        .run(&["check", &file, "--mapping-ref", "none"])
        .refused(5, "no mapping none");
    assert_eq!(kusto.changes(), before);
}

#[test]
fn only_so_many_records_are_looked_at_and_standard_input_is_read_too() {
    let lines = "1\n".repeat(5_000);
    let arguments = [
        "check", "-", "--format", "csv", "--schema", "a:long", "--output", "ndjson",
    ];
    let ran = run_with_input(&arguments, lines.as_bytes());
    let source: Value = serde_json::from_str(&ran.out).expect("it is a line of JSON");
    assert_eq!((ran.code, &source["records"]), (0, &json!(1_000)), "{ran:?}");
    let blob = "https://acct.blob.core.windows.net/c/a.csv";
    let ran = run(&["check", blob, "--schema", "a:long"]);
    assert!(
        ran.code == 5 && ran.out.contains("a blob is not looked into"),
        "{ran:?}"
    );
    run(&["check", "a.csv", "--schema", "a:word"]).refused(2, "--schema");
}

#[test]
fn ingest_checks_first_and_sends_nothing_where_something_does_not_fit() {
    let folder = Folder::new("check and ingest");
    let (fits, odd) = (
        folder.write("fits.csv", "1\n2\n"),
        folder.write("odd.csv", "one\n"),
    );
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let before = kusto.changes();
    kusto
        .run(&["ingest", &fits, &odd, "--check", "10"])
        .refused(4, "nothing was sent");
    let told = kusto.tell(&["ingest", &odd, "--check", "10"]);
    assert!(
        told.err
            .contains("column a: long would not be stored as it stands in 1 records"),
        "{told:?}"
    );
    assert_eq!(kusto.changes(), before);
    let ran = kusto.run(&["ingest", &fits, "--check", "10", "--wait"]);
    ran.ended(0, "Succeeded");
    kusto
        .run(&["ingest", "-", "--format", "csv", "--check", "10"])
        .refused(2, "only once");
}
