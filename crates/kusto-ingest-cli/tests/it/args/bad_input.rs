//! Bad input: a code and words for each, nothing sent, and nothing on standard output that a script could misread.

use kusto_emulator::Emulator;
use serde_json::json;

use crate::setup::command::run;
use crate::setup::folder::Folder;
use crate::setup::kusto::{Kusto, embedded, embedded_with_input, nowhere};

#[test]
fn a_blob_that_is_given_twice_is_refused_whichever_way_it_goes() {
    let addresses = [
        "https://acct.blob.core.windows.net/c/a.csv?sig=S1",
        "https://ACCT.blob.core.windows.net/c/a.csv?sig=S2",
    ];
    for way in ["ingest", "managed", "direct"] {
        let arguments = [way, addresses[0], addresses[1], "-d", "D", "-t", "T"];
        let ran = run(&[&arguments[..], &["--cluster", &nowhere()]].concat());
        ran.refused(2, "two of them are the blob https://");
    }
}

/// Arguments of `ingest` that name a source, as a template, and what the error must name.
const USAGE_ERRORS: [(&[&str], &str); 23] = [
    (&["{missing}", "--emulator"], "missing.csv"),
    (&["{csv}", "{missing}", "--emulator"], "missing.csv"),
    (&["{csv}", "--emulator", "--format", "cvs"], "cvs"),
    (&["{bin}", "--emulator"], "--format"),
    (&["{folder}", "--emulator"], "--format"),
    (&["-", "--emulator"], "--format"),
    (&["-", "-", "--format", "csv", "--emulator"], "only once"),
    (
        &["{csv}", "--emulator", "--mapping-file", "{mapping}"],
        "kind Csv",
    ),
    (&["{csv}", "--emulator", "--mapping-file", "{broken}"], "not JSON"),
    (
        &["{csv}", "--emulator", "--mapping-file", "{missing}"],
        "missing.csv",
    ),
    (&["{csv}", "--emulator", "--tag", ""], "tag"),
    (&["{csv}", "--emulator", "--no-wait"], "--no-wait"),
    (&["{csv}", "--emulator", "--cluster", LOOPBACK], "--cluster"),
    (&["{csv}", "--wait", "--no-wait", "--emulator"], "--wait"),
    (&["{csv}"], "KUSTO_CLUSTER"),
    (&["{csv}", "--cluster", ""], "connection string"),
    (
        &["{csv}", "--cluster", "Data Source=;AppKey=hush"],
        "connection string",
    ),
    (
        &["{csv}", "--cluster", "http://127.0.0.1:1;Nonsense=hush"],
        "connection string",
    ),
    (&["{csv}", "--emulator", "--nonsense"], "--nonsense"),
    (&["ftp://host/a.csv?sig=hush", "--emulator"], "scheme"),
    (&["file:///a.csv", "--emulator"], "path"),
    (&[BLOB, "--emulator"], "embedded"),
    (&[BLOB, "--cluster", "https://h?hush", "--emulator"], "--cluster"),
];
const LOOPBACK: &str = "http://127.0.0.1:1";
const BLOB: &str = "https://host/c/a.csv?sig=hush";

#[test]
fn usage_errors_end_with_2() {
    let folder = Folder::new("usage");
    let mapping = r#"[{"Column":"a","Properties":{"Path":"$.a"}}]"#;
    let files = [
        ("{csv}", folder.write("a.csv", "1\n")),
        ("{bin}", folder.write("a.bin", "1\n")),
        ("{mapping}", folder.write("m.json", mapping)),
        ("{broken}", folder.write("broken.json", "{")),
        ("{missing}", format!("{}/missing.csv", folder.path())),
        ("{folder}", folder.path().to_owned()),
    ];
    let filled = |argument| {
        let named = files.iter().find(|(name, _)| *name == argument);
        named.map_or(argument, |(_, path)| path.as_str())
    };
    for (arguments, why) in USAGE_ERRORS {
        let mut ingest = vec!["ingest", "-d", "D", "-t", "T"];
        ingest.extend(arguments.iter().copied().map(filled));
        let ran = run(&ingest);
        ran.refused(2, why);
        assert!(!ran.err.contains("hush"), "{ran:?}");
    }
}

#[test]
fn a_database_and_a_table_have_to_be_named() {
    let folder = Folder::new("unnamed");
    let csv = folder.write("a.csv", "1\n");
    for (into, why) in [
        (&["--emulator", "-d", "D"][..], "no table is named"),
        (&["--emulator", "-t", "T"], "no database is named"),
        (&["--cluster", LOOPBACK, "-t", "T"], "KUSTO_DATABASE"),
        (&["--emulator", "-d", " ", "-t", "T"], "blank"),
    ] {
        run(&[&["ingest", &*csv], into].concat()).refused(2, why);
    }
}

#[test]
fn what_the_embedded_kusto_cannot_look_into_is_refused() {
    let folder = Folder::new("zip");
    let file = folder.write("a.csv.zip", b"PK\x03\x04");
    let error = &embedded(&["ingest", &file]).ended(5, "Failed")["error"];
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("not the zip archive"), "{error}");
    let encrypted = [b"PK\x03\x04\x14\0\x01\0\x08\0".as_slice(), &[0; 40]].concat();
    let file = folder.write("b.csv.zip", encrypted);
    embedded(&["ingest", &file]).refused(2, "encrypted");
    let file = folder.write("a.csv", "1\n");
    embedded(&["ingest", &file, "--format", "sstream"]).refused(2, "sstream");
}

#[test]
fn what_is_packed_in_a_way_that_kusto_does_not_read_is_refused_with_what_to_do() {
    let folder = Folder::new("unread_packing");
    let kusto = Kusto::held();
    for (name, unpack) in [
        ("a.csv.zst", "zstd -dc"),
        ("b.json.BZ2", "bzip2 -dc"),
        ("c.xz", "xz -dc"),
        ("d.csv.lz4", "lz4 -dc"),
    ] {
        let file = folder.write(name, "packed");
        for more in [&[][..], &["--format", "csv"]] {
            let ran = kusto.run(&[&["ingest", &*file], more].concat());
            ran.refused(2, unpack);
        }
        let ran = kusto.run(&[
            "ingest",
            &format!("https://a.blob.core.windows.net/c/{name}?sig=S"),
        ]);
        ran.refused(2, unpack);
    }
    assert_eq!(kusto.changes(), 0);
}

#[test]
fn a_folder_without_files_matches_nothing() {
    let folder = Folder::new("nothing");
    folder.write(".hidden.csv", "1\n");
    let ran = embedded(&["ingest", folder.path()]);
    ran.refused(7, "nothing to ingest");
}

#[test]
fn an_engine_is_told_from_the_ingestion_address_before_anything_is_sent() {
    let folder = Folder::new("engine");
    let file = folder.write("a.csv", "1\n");
    let mut kusto = Kusto::of(Emulator::builder().with_engine_port(0));
    kusto.cluster = kusto.emulator.engine().expect("it was asked for");
    for wait in ["--wait", "--no-wait"] {
        let ran = kusto.run(&["ingest", &file, wait]);
        let error = &ran.ended(5, "Failed")["error"];
        assert_eq!(error["kind"], "WrongEndpoint");
        assert!(ran.err.contains("not the endpoint"), "{ran:?}");
    }
    assert_eq!(kusto.changes(), 0);
}

#[test]
fn an_empty_file_is_a_failed_source_and_nothing_is_sent() {
    let folder = Folder::new("empty");
    let empty = folder.write("empty.csv", "");
    let full = folder.write("full.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.run(&["ingest", &empty, "--wait"]);
    assert_eq!(ran.ended(5, "Failed")["error"]["kind"], "EmptySource");
    assert_eq!(ran.result()["error"]["permanent"], true);
    assert_eq!(
        (
            ran.json()["summary"]["failed"].as_u64(),
            kusto.emulator.requests().len()
        ),
        (Some(1), 0)
    );

    let ran = kusto.run(&["ingest", &empty, &full, "--wait"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert_eq!(ran.json()["results"][0]["state"], "Failed");
    assert_eq!(ran.json()["results"][1]["state"], "Succeeded");
    assert!(
        ran.err.starts_with("error: ") && ran.err.contains("empty.csv"),
        "{ran:?}"
    );
}

#[test]
fn an_empty_source_fails_in_the_embedded_kusto_too() {
    let folder = Folder::new("empty_embedded");
    let file = folder.write("empty.csv", "");
    let ran = embedded(&["ingest", &file]);
    assert_eq!(ran.ended(5, "Failed")["error"]["kind"], "EmptySource");
    assert_eq!(ran.result()["rows"], 0);
    let ran = embedded_with_input(&["ingest", "-", "--format", "csv"], b"");
    assert_eq!(ran.ended(5, "Failed")["error"]["kind"], "EmptySource");
}

#[test]
fn data_that_no_table_can_be_made_of_is_a_failed_source() {
    let folder = Folder::new("no_table");
    let file = folder.write("a.multijson", "[1, 2");
    let result = embedded(&["ingest", &file]).ended(5, "Failed");
    assert_eq!(result["receipt"], json!(null));
}

#[test]
fn a_cluster_that_refuses_connections_ends_with_8() {
    let folder = Folder::new("refused");
    let file = folder.write("a.csv", "1\n");
    // Streaming makes one attempt: nobody waits here for a second one.
    let ran = run(&[
        "stream",
        &file,
        "--cluster",
        &nowhere(),
        "-d",
        "D",
        "-t",
        "T",
        "--output",
        "json",
    ]);
    let error = &ran.ended(8, "Failed")["error"];
    assert_eq!(
        (&error["kind"], &error["permanent"]),
        (&json!("Connection"), &json!(false))
    );
    assert!(ran.err.starts_with("error: "), "{ran:?}");
}
