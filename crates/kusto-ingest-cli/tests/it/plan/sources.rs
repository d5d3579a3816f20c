//! What a source may be, and what is learned from it.

use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, run};
use crate::setup::folder::{Folder, gzip, zip};
use crate::setup::kusto::{Kusto, embedded, embedded_with_input};

/// The states and rows of all results, in order.
fn results(ran: &CommandOutput) -> Vec<(String, Value)> {
    let json = ran.json();
    let results = json["results"].as_array().expect("there are results");
    let result = |result: &Value| {
        let source = result["source"].as_str().expect("it is text");
        let name = source.rsplit('/').next().expect("it has a name");
        (name.to_owned(), json!([result["state"], result["rows"]]))
    };
    results.iter().map(result).collect()
}

#[test]
fn a_folder_is_read_with_all_below_it_but_for_hidden_files() {
    let folder = Folder::new("folder");
    folder.write("b/deep/er/c.csv", "a,b\n5,x\n");
    folder.write("a.csv", "a,b\n1,x\n2,y\n");
    folder.write("b/z.csv.gz", gzip("a,b\n3,x\n4.5,y\n"));
    folder.write(".hidden.csv", "a,b\n6,x\n");
    folder.write(".hidden/d.csv", "a,b\n7,x\n");
    folder.write("b/.e.bin", "8");
    let ran = embedded(&["ingest", folder.path()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let done = |name: &str, rows: u64| (name.to_owned(), json!(["Succeeded", rows]));
    assert_eq!(
        results(&ran),
        [done("a.csv", 2), done("c.csv", 1), done("z.csv.gz", 2)]
    );
    assert_eq!(ran.json()["summary"]["rows"], 5);
    assert_eq!(ran.json()["summary"]["sources"], 3);
}

#[test]
fn a_table_for_several_files_takes_the_values_of_all() {
    let folder = Folder::new("widened");
    folder.write("a.csv", "a,b\n1,x\n");
    folder.write("b.csv", "a,b\n4.5,y\n");
    let ran = run(&["ingest", folder.path(), "--emulator", "-d", "D", "-t", "T"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("4.5  y"), "{ran:?}");
}

#[test]
fn standard_input_is_read_once_and_whole() {
    // More than is looked at, so that the rest comes from the pipe.
    let text = "text".repeat(256);
    let lines: String = (0..6_000).map(|number| format!("{number},{text}\n")).collect();
    let ran = embedded_with_input(&["ingest", "-", "--format", "csv"], lines.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(results(&ran), [("-".to_owned(), json!(["Succeeded", 6_000]))]);
    assert_eq!(ran.result()["raw_bytes"], lines.len());
}

#[test]
fn standard_input_may_be_gzip() {
    let ran = embedded_with_input(&["ingest", "-", "--format", "csv"], &gzip("a,b\n1,x\n2,y\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.result()["rows"], 2);
    assert!(
        ran.err.contains("the first record of standard input is a header"),
        "{ran:?}"
    );

    let kusto = Kusto::with(&["D.T(a:long,b:string)"]);
    let ran = kusto.run_with_input(&["ingest", "-", "--format", "csv", "--wait"], &gzip("1,x\n2,y\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(kusto.rows().as_array().map(Vec::len), Some(2));
}

#[test]
fn the_first_file_of_an_archive_tells_the_columns() {
    let folder = Folder::new("archive");
    let one = zip(&[("in/a.csv", "a,b\n1,x\n2,y\n")]);
    let file = folder.write("a.csv.zip", &one);
    let ran = embedded(&["ingest", &file]);
    assert_eq!((ran.code, &ran.result()["rows"]), (0, &json!(2)), "{ran:?}");
    assert!(ran.err.contains("is a header"), "{ran:?}");
    let ran = embedded_with_input(&["ingest", "-", "--format", "csv"], &one);
    assert_eq!((ran.code, &ran.result()["rows"]), (0, &json!(2)), "{ran:?}");

    let several = zip(&[("a.csv", "1,x\n"), ("b.csv", "2,y\n3,z\n")]);
    let file = folder.write("several.csv.zip", several);
    let ran = run(&["ingest", &file, "--emulator", "-d", "D", "-t", "T"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1  x") && ran.out.contains("3  z"), "{ran:?}");
    // A streaming request cannot carry it, whether it has a header or not.
    let file = folder.write("headed.csv.zip", &one);
    embedded(&["stream", &file, "--on-unsupported", "ignore"]).refused(2, "zip archives");
}

#[test]
fn a_header_that_is_not_evident_is_data_unless_it_is_said() {
    let folder = Folder::new("header");
    let file = folder.write("words.csv", "name,colour\napple,red\npear,green\n");
    let ran = embedded(&["ingest", &file]);
    assert_eq!((ran.code, &ran.result()["rows"]), (0, &json!(3)), "{ran:?}");
    assert!(ran.err.contains("--ignore-first-record"), "{ran:?}");
    let ran = embedded(&["ingest", &file, "--ignore-first-record"]);
    assert_eq!((ran.code, &ran.result()["rows"]), (0, &json!(2)), "{ran:?}");
    assert_eq!(ran.err, "");
}

#[test]
fn a_likely_header_is_data_in_a_table_that_existed_and_is_warned_of() {
    let folder = Folder::new("no_guess");
    let header = folder.write("a.csv", "a,b\n1,x\n");
    let packed = folder.write("b.csv.gz", gzip("a,b\n2,y\n"));
    let plain = folder.write("c.csv", "3,z\n");
    let lines = folder.write("d.json", "{\"a\":4}\n");
    let kusto = Kusto::with(&["D.T(a:long,b:string)"]);
    let warned =
        "looks like a header and is ingested as data: if it is a header, give --ignore-first-record\n";
    for (file, more, words) in [
        (&header, &[][..], warned),
        (&packed, &[], warned),
        (&header, &["--ignore-first-record"], ""),
        (&plain, &[], ""),
        (&lines, &["--mapping-ref", "m"], ""),
    ] {
        let ran = kusto.tell(&[&["ingest", file], more].concat());
        let expected = match words {
            "" => String::new(),
            words => format!("warning: the first record of {file} {words}"),
        };
        assert_eq!((ran.code, ran.err), (0, expected), "{more:?}");
    }
    let ran = kusto.tell(&["ingest", &header, &plain, &packed, "--wait"]);
    assert!(
        ran.err
            .contains(&format!("records of {header} and of 1 more look like headers")),
        "{ran:?}"
    );
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn every_text_format_finds_its_table() {
    let folder = Folder::new("formats");
    for (name, contents, rows) in [
        ("a.tsv", "n\tword\n1\tx\n2\ty\n", 2),
        ("a.psv", "n|word\n1|x\n", 1),
        ("a.scsv", "n;word\n1;x\n", 1),
        ("a.txt", "one\ntwo\nthree\n", 3),
        ("a.raw", "one\ntwo\n", 1),
        ("a.json", "{\"n\":1,\"odd name$\":{\"x\":2}}\n{\"n\":2.5}\n", 2),
        ("a.multijson", "[{\"n\":1},\n{\"n\":2}]", 2),
    ] {
        let file = folder.write(name, contents);
        let ran = embedded(&["ingest", &file]);
        assert_eq!(
            (ran.code, &ran.result()["rows"]),
            (0, &json!(rows)),
            "{name}: {ran:?}"
        );
    }
}

#[test]
fn members_whose_names_no_column_may_have_are_mapped() {
    let folder = Folder::new("odd_names");
    let file = folder.write("a.json", "{\"odd/name\":7}\n");
    let ran = run(&["ingest", &file, "--emulator", "-d", "D", "-t", "T"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.ends_with("odd_name\n       7\n"), "{ran:?}");
}

#[test]
fn a_blob_stays_where_it_is_and_its_sas_is_not_shown() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let blob = kusto.put_blob("mine.csv", "1\n2\n");
    let ran = kusto.run(&["ingest", &blob, "--wait"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let result = ran.result();
    assert_eq!(result["state"], "Succeeded");
    assert_eq!(result["source"], blob.split('?').next().unwrap_or_default());
    assert_eq!(result["sent_bytes"], Value::Null);
    assert!(!ran.out.contains("sig=") && !ran.err.contains("sig="), "{ran:?}");
}
