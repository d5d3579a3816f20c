//! The other ways into a table: streamed, managed, by direct commands, and inline.

use kusto_emulator::Route;
use kusto_ingest::testing::RequestKind;
use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, run};
use crate::setup::folder::{Folder, gzip};
use crate::setup::kusto::Kusto;

fn assert_refused(kusto: &Kusto, ran: &CommandOutput, why: &str) {
    ran.refused(2, why);
    assert_eq!(kusto.emulator.requests().len(), 0, "{ran:?}");
}

#[test]
fn each_way_ends_in_rows_and_tells_so_in_the_same_shape() {
    let folder = Folder::new("ways");
    let file = folder.write("a.csv", "1,x\n2,y\n");
    for (arguments, receipt) in [
        (&["stream"][..], "streamed"),
        (&["managed"], "streamed"),
        (&["direct"], "ingested"),
        (&["direct", "--sync"], "ingested"),
        (
            &["direct", "--batch-files", "5", "--max-parallel", "1"],
            "ingested",
        ),
        (&["inline"], "ingested"),
    ] {
        let kusto = Kusto::with(&["D.T(a:long,b:string)"]);
        let ran = kusto.run(&[arguments, &[&*file]].concat());
        let result = ran.ended(0, "Succeeded");
        assert_eq!(
            (&result["receipt"]["state"]["kind"], &result["error"]),
            (&json!(receipt), &Value::Null),
            "{arguments:?}"
        );
        assert_eq!(result["raw_bytes"], 8, "{arguments:?}");
        assert_eq!(result.as_object().map(serde_json::Map::len), Some(9), "{result}");
        assert_eq!(ran.json()["summary"]["succeeded"], 1);
        assert_eq!(kusto.rows(), json!([[1, "x"], [2, "y"]]), "{arguments:?}");
    }
}

#[test]
fn direct_uploads_into_what_the_engine_issues_when_asked_to() {
    let folder = Folder::new("ways_engine_storage");
    let file = folder.write("a.csv.gz", gzip("1,x\n2,y\n"));
    let kusto = Kusto::with(&["D.T(a:long,b:string)"]);
    kusto
        .run(&["direct", &file, "--engine-temp-storage"])
        .ended(0, "Succeeded");
    assert_eq!(kusto.rows(), json!([[1, "x"], [2, "y"]]));
    let asked = |kind| kusto.emulator.fake().request_count(kind);
    assert_eq!(
        (
            asked(RequestKind::TempStorage),
            asked(RequestKind::IngestionResources)
        ),
        (1, 0)
    );
}

#[test]
fn streaming_is_one_request_to_the_engine() {
    let folder = Folder::new("ways_stream");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.run(&["stream", &file]);
    assert_eq!((ran.code, kusto.emulator.requests().len()), (0, 1), "{ran:?}");
}

#[test]
fn each_way_reads_standard_input() {
    for command in ["stream", "managed", "direct", "inline"] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let ran = kusto.run_with_input(&[command, "-", "--format", "csv"], b"7\n8\n");
        assert_eq!(ran.code, 0, "{command}: {ran:?}");
        assert_eq!(kusto.rows(), json!([[7], [8]]), "{command}");
    }
}

#[test]
fn inline_takes_standard_input_where_nothing_is_named() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    assert_eq!(
        kusto.run_with_input(&["inline", "--format", "csv"], b"7\n").code,
        0
    );
    assert_eq!(kusto.rows(), json!([[7]]));
    // The data went inside of the command, and nowhere else.
    assert_eq!(
        (kusto.changes(), kusto.emulator.request_count(Route::Management)),
        (0, 1)
    );
}

#[test]
fn managed_says_which_way_was_taken_and_why() {
    let folder = Folder::new("ways_managed");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.tell(&["managed", &file]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(
        lines[0].contains("way") && lines[1].contains("streamed"),
        "{ran:?}"
    );

    // Streaming carries no tags: these go through the queue.
    let ran = kusto.tell(&["managed", &file, "--tag", "x"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("queued: streaming cannot carry tags"), "{ran:?}");
    let ran = kusto.run(&["managed", &file, "--tag", "x"]);
    assert_eq!(ran.result()["state"], "Queued", "{ran:?}");
    assert_eq!(ran.result()["receipt"]["fallback"]["kind"], "properties");
    let ran = kusto.run(&["managed", &file, "--tag", "x", "--wait"]);
    ran.ended(0, "Succeeded");
}

#[test]
fn only_managed_has_a_column_for_its_way() {
    let folder = Folder::new("ways_column");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.tell(&["stream", &file]);
    let head = ran.out.lines().next().unwrap_or_default();
    assert_eq!(head.split_whitespace().last(), Some("error"), "{ran:?}");
    assert!(!head.contains("way"), "{ran:?}");
}

#[test]
fn an_operation_that_nobody_waits_for_is_pending_and_well() {
    let folder = Folder::new("ways_async");
    let file = folder.write("a.csv.gz", gzip(b"1\n"));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.run(&["direct", &file, "--async"]);
    let result = ran.ended(0, "Pending");
    assert_eq!(result["receipt"]["state"]["kind"], "operation");
    assert_eq!(ran.json()["summary"]["pending"], 1);
}

#[test]
fn blobs_share_a_command_as_far_as_the_arguments_say() {
    let folder = Folder::new("ways_batches");
    for name in ["a", "b", "c"] {
        // What is compressed goes into a blob.
        folder.write(&format!("{name}.csv.gz"), gzip(b"1\n"));
    }
    for (more, commands) in [
        (&[][..], 3),
        (&["--batch-files", "2"], 2),
        (&["--batch-files", "3"], 1),
    ] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let ran = kusto.run(&[&["direct", folder.path(), "--sync"], more].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.json()["summary"]["succeeded"], 3, "{ran:?}");
        // Beside them it asks what is issued.
        let issued = 1;
        assert_eq!(
            kusto.emulator.request_count(Route::Management),
            commands + issued,
            "{more:?}"
        );
        assert_eq!(kusto.rows(), json!([[1], [1], [1]]));
    }
}

#[test]
fn commands_carry_what_is_said_of_the_data() {
    let folder = Folder::new("ways_properties");
    let file = folder.write("a.csv", "a\n1\n");
    for command in ["direct", "inline"] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let ran = kusto.run(&[command, &file, "--tag", "x y", "--ignore-first-record"]);
        assert_eq!(ran.code, 0, "{command}: {ran:?}");
        assert_eq!(kusto.tags(), ["x y"], "{command}");
        assert_eq!(kusto.rows(), json!([[1]]), "{command}");
    }
}

#[test]
fn what_a_way_cannot_carry_is_found_before_anything_is_sent() {
    let folder = Folder::new("ways_refused");
    let csv = folder.write("a.csv", "1\n");
    let gz = folder.write("a.csv.gz", gzip(b"1\n"));
    let parquet = folder.write("a.parquet", "PAR1");
    let large = folder.write("large.csv", "1\n".repeat(600_000));
    let mapping = folder.write("m.json", r#"[{"Column":"a","Properties":{"Ordinal":"0"}}]"#);
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (arguments, why) in [
        (&["stream", &*csv, "--tag", "x"][..], "tags"),
        (&["stream", &csv, "--ignore-first-record"], "ignoreFirstRecord"),
        (&["stream", &csv, "--mapping-file", &mapping], "ingestionMapping"),
        (&["stream", &csv, "--flush-immediately"], "--flush-immediately"),
        (&["direct", &csv, "--wait"], "--wait"),
        (&["direct", &csv, "--sync", "--async"], "--sync"),
        (&["inline", &gz], "compressed"),
        (&["inline", &parquet], "no text"),
        (&["inline", &large], "1 MiB"),
        (&["inline", "https://host/c/a.csv?sig=hush"], "blob"),
    ] {
        let ran = kusto.run(arguments);
        assert_refused(&kusto, &ran, why);
        assert!(!ran.err.contains("hush"), "{ran:?}");
    }
    let ran = kusto.run_with_input(&["inline", "--format", "csv"], &b"1\n".repeat(600_000));
    assert_refused(&kusto, &ran, "1 MiB");
}

#[test]
fn a_missing_table_fails_every_source_of_every_way() {
    let folder = Folder::new("ways_missing");
    let file = folder.write("a.csv", "1\n");
    for command in ["stream", "managed", "direct", "inline"] {
        let kusto = Kusto::with(&["D.Other(a:long)"]);
        // Managed streaming gives it to the queue, where the failure is found.
        let wait: &[&str] = if command == "managed" { &["--wait"] } else { &[] };
        let ran = kusto.run(&[&[command, &*file], wait].concat());
        assert!(
            ran.ended(5, "Failed")["error"]["message"].is_string(),
            "{command}: {ran:?}"
        );
    }
}

#[test]
fn an_empty_source_fails_alone() {
    let folder = Folder::new("ways_empty");
    let empty = folder.write("empty.csv", "");
    let full = folder.write("full.csv", "1\n");
    for command in ["stream", "managed", "direct"] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let ran = kusto.run(&[command, &empty, &full]);
        assert_eq!(ran.code, 4, "{command}: {ran:?}");
        assert_eq!(
            ran.json()["results"][0]["error"]["kind"],
            "EmptySource",
            "{command}"
        );
        assert_eq!(ran.json()["results"][1]["state"], "Succeeded", "{command}");
    }
}

#[test]
fn the_embedded_kusto_serves_every_way() {
    let folder = Folder::new("ways_embedded");
    let file = folder.write("a.csv", "1,x\n2,y\n");
    for command in ["stream", "managed", "direct", "inline"] {
        let ran = run(&[command, &file, "--emulator", "-d", "D", "-t", "T"]);
        assert_eq!(ran.code, 0, "{command}: {ran:?}");
        assert!(
            ran.out.contains("1 source into D.T: 1 succeeded; 2 rows"),
            "{command}: {ran:?}"
        );
        assert!(ran.out.contains("The rows of T:"), "{command}: {ran:?}");
        assert!(
            ran.out
                .lines()
                .any(|line| line.trim_start().starts_with('2') && line.ends_with('y')),
            "{ran:?}"
        );
    }
}

#[test]
fn of_many_rows_the_embedded_kusto_shows_the_first_and_says_how_many_there_are() {
    let folder = Folder::new("ways_many");
    let file = folder.write(
        "a.csv",
        (1..=12).map(|number| format!("{number}\n")).collect::<String>(),
    );
    let ran = run(&["ingest", &file, "--emulator", "-d", "D", "-t", "T"]);
    let (_, shown) = ran
        .out
        .split_once("\nThe first 10 of 12 rows of T:\n")
        .expect(&ran.out);
    assert_eq!(shown.lines().count(), 11, "{shown}");
}

#[test]
fn the_rows_of_the_embedded_kusto_are_printed_in_other_forms_and_as_many_as_are_wanted() {
    let folder = Folder::new("ways_forms");
    let file = folder.write("a.csv", "1,x\n2,\"y,z\"\n3,w\n");
    let rows = |words: &[&str]| {
        let all = [&["ingest", &file, "--emulator", "-d", "D", "-t", "T"], words].concat();
        let ran = run(&all);
        let (_, shown) = ran.out.split_once(" of T:\n").expect(&ran.out);
        shown.trim_end().replace("\r\n", "\n")
    };
    assert_eq!(
        rows(&["--rows", "csv", "--rows-limit", "2"]),
        "Column1,Column2\n1,x\n2,\"y,z\""
    );
    assert_eq!(
        rows(&["--rows", "tsv", "--rows-limit", "0"]),
        "Column1\tColumn2\n1\tx\n2\ty,z\n3\tw"
    );
    let line = r#"{"Column1":1,"Column2":"x"}"#;
    assert_eq!(rows(&["--rows", "ndjson", "--rows-limit", "1"]), line);
}
