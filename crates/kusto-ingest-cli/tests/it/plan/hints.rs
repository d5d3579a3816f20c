//! What people are told of data that does not say it itself.

use serde_json::json;

use crate::setup::command::run;
use crate::setup::folder::Folder;
use crate::setup::kusto::{Kusto, embedded, embedded_with_input};

#[test]
fn an_array_or_an_object_of_several_lines_is_told_to_be_multijson() {
    let folder = Folder::new("multijson_hint");
    for (name, text, is_hinted) in [
        ("array.json", "[{\"a\":1},{\"a\":2}]\n", true),
        ("pretty.json", "{\n \"a\": 1\n}\n", true),
        ("words.json", "one two\n", false),
    ] {
        let file = folder.write(name, text);
        let error = &embedded(&["ingest", &file]).ended(5, "Failed")["error"];
        let message = error["message"].as_str().unwrap_or_default();
        assert_eq!(message.contains("--format multijson"), is_hinted, "{error}");
        assert_eq!(error["code"], "BadRequest_NoRecordsOrWrongFormat");
        if is_hinted {
            embedded(&["ingest", &file, "--format", "multijson"]).ended(0, "Succeeded");
        }
    }
}

#[test]
fn a_header_with_nothing_behind_it_is_called_that() {
    let folder = Folder::new("header_only");
    let (alone, wrong) = (
        folder.write("in.csv", "id,v\n"),
        folder.write("wrong.json", "id,v\nx\n"),
    );
    let kusto = Kusto::with(&["D.T(a:string,b:string)"]);
    for (ran, is_header) in [
        (
            kusto.run(&["ingest", &alone, "--ignore-first-record", "--wait"]),
            true,
        ),
        (embedded(&["ingest", &alone, "--ignore-first-record"]), true),
        (kusto.run(&["ingest", &wrong, "--wait"]), false),
    ] {
        let error = &ran.ended(5, "Failed")["error"];
        let message = error["message"].as_str().unwrap_or_default();
        assert_eq!(message.contains("nothing behind it"), is_header, "{error}");
        assert_eq!(error["code"], "BadRequest_NoRecordsOrWrongFormat");
    }
}

#[test]
fn records_that_are_left_out_and_values_that_are_not_stored_are_told() {
    let folder = Folder::new("left_out");
    let lines = "{\"id\":1}\nnot json\n{\"id\":\"x\"}\n{\"id\":4,\"late\":\"y\"}\n";
    let file = folder.write("in.json", lines);
    let note = "1 of 4 records left out (line 2: not a record of this format, left out)";
    let ran = run(&["ingest", &file, "--emulator", "-d", "D", "-t", "T"]);
    assert!(
        ran.code == 0 && ran.err.contains(&format!("note: {file}: {note}\n")),
        "{ran:?}"
    );
    for (way, input) in [
        ("ingest", crate::setup::folder::gzip(lines)),
        ("stream", lines.into()),
    ] {
        let ran = embedded_with_input(&[way, "-", "--format", "json"], &input);
        assert!(
            ran.err.contains(&format!("note: standard input: {note}\n")),
            "{ran:?}"
        );
    }

    let mapping = r#"[{"Column":"a","DataType":"long","Properties":{"Ordinal":"0"}}]"#;
    let mapping = folder.write("mapping.json", mapping);
    let file = folder.write("a.csv", "1\nabc\nd\n2\ne\nf\n");
    let ran = embedded(&["ingest", &file, "--mapping-file", &mapping]);
    assert_eq!(ran.ended(0, "Succeeded")["rows"], json!(6));
    let note = "4 values not stored as they stand (line 2, column \"a\": not of type long, null is stored; ";
    assert!(
        ran.err.contains(note) && ran.err.contains("; and 1 more)"),
        "{ran:?}"
    );

    let whole = folder.write("whole.csv", "a,b\n1,2\n");
    let ran = embedded(&["ingest", &whole, "--ignore-first-record"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let ran = embedded(&["stream", &whole, "--format", "csv", "--on-unsupported", "ignore"]);
    assert!(!ran.err.contains("left out ("), "{ran:?}");
}
