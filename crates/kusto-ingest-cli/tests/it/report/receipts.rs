//! Receipts as `status` reads them: in every shape in which they may have been kept.

use serde_json::{Value, json};

use crate::run::status::status;
use crate::setup::command::run;
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

#[test]
fn receipts_are_read_as_they_were_printed_one_by_one_or_in_an_array() {
    let folder = Folder::new("receipts");
    let files = [folder.write("a.csv", "1\n"), folder.write("b.csv", "2\n")];
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let sent = kusto.run(&["ingest", &files[0], &files[1], "--track"]);
    let receipts: Vec<Value> = [0, 1]
        .map(|at| sent.json()["results"][at]["receipt"].clone())
        .to_vec();
    let line_by_line = kusto.tell(&["ingest", &files[0], &files[1], "--track", "--output", "ndjson"]);
    let people = kusto.tell(&["ingest", &files[0], &files[1], "--track"]).out;
    let mut later = receipts[1].clone();
    later["tomorrow"] = json!({"more": [1]});
    later["state"]["tomorrow"] = json!(true);
    let lines: Vec<&str> = people.lines().filter(|line| line.starts_with('{')).collect();
    for (text, sources) in [
        (sent.out.clone(), 2),
        (receipts[0].to_string(), 1),
        (format!("{}\n{}\n", receipts[0], receipts[1]), 2),
        (Value::from(receipts.clone()).to_string(), 2),
        (lines.join("\n"), 2),
        // What people saw, as it was printed.
        (people.clone(), 2),
        (line_by_line.out, 2),
        // What `jq .results[].receipt` makes of a report with sources that were not accepted.
        (format!("null\n{}\nnull\n{}\n", receipts[0], receipts[1]), 2),
        (json!([null, receipts[0], null]).to_string(), 1),
        // The members of a later version, a line that a killed process left, and a receipt that was kept twice.
        (format!("{later}\n{{\"source_id\":\n{}\n", receipts[0]), 2),
        (format!("{0}\n{0}\n", receipts[0]), 1),
        (status(&kusto, &sent.out).out, 2),
    ] {
        let ran = status(&kusto, &text);
        assert_eq!(
            (ran.code, &ran.json()["summary"]["succeeded"]),
            (0, &json!(sources)),
            "{text}: {ran:?}"
        );
        let saved = folder.write("receipts.json", &text);
        let by_file = run(&["status", &saved, "--cluster", &kusto.cluster]);
        assert_eq!(by_file.code, 0, "{by_file:?}");
        assert!(
            by_file.out.contains(" into D.T: ") && by_file.out.contains("Succeeded"),
            "{by_file:?}"
        );
    }
}

#[test]
fn receipts_are_read_as_any_shell_saved_them() {
    let folder = Folder::new("receipts_utf16");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let printed = [
        kusto.run(&["ingest", &file, "--track"]).out,
        kusto.tell(&["ingest", &file, "--track"]).out,
    ];
    for text in printed {
        let marked = format!("\u{feff}{text}");
        let little: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [marked.into_bytes(), little, big] {
            let saved = folder.write("receipts.json", &bytes);
            let ran = run(&["status", &saved, "--cluster", &kusto.cluster]);
            assert!(ran.code == 0 && ran.out.contains("Succeeded"), "{ran:?}");
        }
    }
    let saved = folder.write("receipts.json", b"{\xE4}");
    run(&["status", &saved, "--cluster", &kusto.cluster]).refused(2, "neither UTF-8 nor UTF-16");
}

#[test]
fn sources_of_several_tables_share_no_place() {
    let folder = Folder::new("places");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)", "E.U(a:long)"]);
    let one = folder.write("one.json", kusto.run(&["stream", &file]).out);
    let into = [
        "--cluster",
        &kusto.cluster,
        "-d",
        "E",
        "-t",
        "U",
        "--output",
        "json",
    ];
    let other = folder.write("other.json", run(&[&["stream", &file], &into[..]].concat()).out);
    let before = kusto.emulator.requests().len();
    let ran = run(&[
        "status",
        &one,
        &other,
        "--cluster",
        &kusto.cluster,
        "--output",
        "json",
    ]);
    assert_eq!(
        (ran.code, &ran.json()["database"], &ran.json()["table"]),
        (0, &Value::Null, &Value::Null)
    );
    assert_eq!(ran.json()["summary"]["succeeded"], 2);
    assert_eq!(
        kusto.emulator.requests().len(),
        before,
        "what has ended needs no asking"
    );
}

#[test]
fn what_is_no_receipt_ends_with_2_before_anything_is_asked() {
    let folder = Folder::new("no_receipt");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let file = |name: &str, text: &str| folder.write(name, text);
    let receipt = r#"{"source_id":"74be27de-1e4e-49d9-b579-fe0b331d3642","database":"D","table":"T","state":{"kind":"queued"}}"#;
    let missing = format!("{}/missing.json", folder.path());
    for (name, why) in [
        (missing, "missing.json"),
        (file("table.txt", "source  state\na.csv   Queued\n"), "not JSON"),
        (file("cut.json", &receipt[..40]), "not JSON"),
        (file("number.json", "7"), "no receipt"),
        (
            file(
                "other.json",
                r#"{"source_id":"74be27de-1e4e-49d9-b579-fe0b331d3642"}"#,
            ),
            "database",
        ),
        (file("state.json", &receipt.replace("queued", "lost")), "lost"),
        (file("second.json", &format!("{receipt}\n{{}}")), "source_id"),
        (
            file("results.json", r#"{"results":[{"source":"a.csv"}]}"#),
            "results",
        ),
        ("74be27de-1e4e-49d9-b579-fe0b331d3642".to_owned(), "--output json"),
    ] {
        for command in ["status", "wait"] {
            run(&[command, &name, "--cluster", &kusto.cluster]).refused(2, why);
        }
    }
    for (name, text) in [
        ("empty.json", " \n"),
        ("none.json", "[]"),
        ("report.json", r#"{"results":[]}"#),
        ("null.json", "null\nnull\n"),
        ("nulls.json", "[null]"),
    ] {
        run(&["status", &file(name, text), "--cluster", &kusto.cluster]).refused(7, "no receipt");
    }
    let good = file("good.json", receipt);
    run(&["status", &good]).refused(2, "KUSTO_CLUSTER");
    run(&["status", "--cluster", &kusto.cluster]).refused(2, "RECEIPT");
    let twice = [
        "status",
        "-",
        "--cluster",
        &kusto.cluster,
        "--auth",
        "token",
        "--token-file",
        "-",
    ];
    run(&twice).refused(2, "only once");
    assert_eq!(kusto.emulator.requests().len(), 0);
}
