//! The main job: a file into the embedded Kusto, or into one that runs.

use kusto_emulator::Route;
use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, end, kusto_ingest, run, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

const WEATHER: &str =
    "date,rain,wind,weather\n2012/01/01,0.0,4.7,drizzle\n2012/01/02,10.9,4.5,rain\n2012/01/03,0.8,2.3,rain\n";

#[test]
fn one_command_ingests_a_file_into_an_embedded_kusto_and_shows_it() {
    let folder = Folder::new("one_command");
    let file = folder.write("weather.csv", WEATHER);
    let ran = run(&[
        "ingest",
        &file,
        "--emulator",
        "-d",
        "Samples",
        "-t",
        "Weather",
        "--wait",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("source"), "{ran:?}");
    assert!(
        lines[1].contains("weather.csv") && lines[1].contains("Succeeded"),
        "{ran:?}"
    );
    assert!(
        ran.out
            .contains("1 source into Samples.Weather: 1 succeeded; 3 rows"),
        "{ran:?}"
    );
    assert!(
        ran.out.contains("2012-01-02T00:00:00Z  10.9   4.5  rain"),
        "{ran:?}"
    );
    assert!(
        ran.err.contains("note: the first record of") && ran.err.contains("is a header"),
        "{ran:?}"
    );
}

/// The counts in a summary: every source is in one of them.
const COUNTS: [&str; 7] = [
    "succeeded",
    "failed",
    "queued",
    "pending",
    "skipped",
    "partial",
    "unknown",
];

/// Ingests [`WEATHER`] into an embedded Kusto, with a report in JSON; and the path of the file.
fn weather_as_json(folder: &Folder) -> (CommandOutput, String) {
    let file = folder.write("weather.csv", WEATHER);
    let into = ["--emulator", "-d", "Samples", "-t", "Weather"];
    let ran = run(&[&["ingest", &*file, "--output", "json"], &into[..]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    (ran, file)
}

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("it is an object");
    object.keys().map(String::as_str).collect()
}

fn sorted<'n>(names: &[&'n str]) -> Vec<&'n str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

#[test]
fn json_is_one_object_in_the_documented_shape() {
    let (ran, _) = weather_as_json(&Folder::new("json_shape"));
    let json = ran.json();
    assert_eq!(keys(&json), ["database", "results", "summary", "table"]);
    let result = [
        "source",
        "source_id",
        "state",
        "rows",
        "raw_bytes",
        "sent_bytes",
        "may_be_duplicated",
        "receipt",
        "error",
    ];
    assert_eq!(keys(&json["results"][0]), sorted(&result));
    let sums = ["sources", "rows", "raw_bytes", "sent_bytes", "seconds"];
    assert_eq!(keys(&json["summary"]), sorted(&[&COUNTS[..], &sums].concat()));
}

#[test]
fn json_says_of_a_source_what_became_of_it_and_sums_it_up() {
    let (ran, file) = weather_as_json(&Folder::new("json_values"));
    let result = ran.result();
    assert_eq!(result["source"], file);
    assert_eq!(result["state"], "Succeeded");
    assert_eq!(result["rows"], 3);
    assert_eq!(result["raw_bytes"], WEATHER.len());
    assert!(
        result["sent_bytes"].as_u64().is_some_and(|bytes| bytes > 0),
        "{result}"
    );
    assert_eq!(result["receipt"]["source_id"], result["source_id"]);
    assert_eq!(result["error"], Value::Null);
    let summary = &ran.json()["summary"];
    let counted: u64 = COUNTS.iter().filter_map(|count| summary[count].as_u64()).sum();
    assert_eq!((summary["sources"].as_u64(), counted), (Some(1), 1));
    assert_eq!((&summary["rows"], &summary["succeeded"]), (&json!(3), &json!(1)));
    assert!(summary["seconds"].is_f64(), "{summary}");
}

#[test]
fn a_kusto_that_runs_has_the_values_of_the_file() {
    let folder = Folder::new("values");
    let file = folder.write("weather.csv", WEATHER);
    let kusto = Kusto::with(&["Samples.Weather(date:datetime,rain:real,wind:real,weather:string)"]);
    let ingest = [
        "ingest",
        &file,
        "--ignore-first-record",
        "--wait",
        "--output",
        "json",
    ];
    let into = ["--cluster", &kusto.cluster, "-d", "Samples", "-t", "Weather"];
    let ran = run(&[&ingest[..], &into].concat());
    ran.ended(0, "Succeeded");
    // What is issued is asked for once: the resources, and the token. So is the table.
    assert_eq!(kusto.emulator.request_count(Route::Management), 3);
    // Only the embedded Kusto tells how many rows there are.
    assert_eq!(
        (&ran.result()["rows"], &ran.json()["summary"]["rows"]),
        (&Value::Null, &Value::Null)
    );

    let rows = kusto.query("Samples", "Weather")["rows"].clone();
    assert_eq!(
        rows,
        json!([
            ["2012-01-01T00:00:00Z", 0.0, 4.7, "drizzle"],
            ["2012-01-02T00:00:00Z", 10.9, 4.5, "rain"],
            ["2012-01-03T00:00:00Z", 0.8, 2.3, "rain"],
        ])
    );
}

#[test]
fn without_waiting_it_ends_when_everything_is_queued() {
    let folder = Folder::new("no_wait");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for more in [&["--no-wait"][..], &[]] {
        let ran = kusto.run(&[&["ingest", &*file], more].concat());
        assert_eq!(ran.ended(0, "Queued")["receipt"]["state"]["kind"], "queued");
        assert_eq!(ran.json()["summary"]["queued"], 1);
    }
}

#[test]
fn the_cluster_may_be_named_by_the_environment() {
    let folder = Folder::new("environment");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let mut command = kusto_ingest(&["ingest", &file, "-d", "D", "-t", "T", "--wait"]);
    let ran = end(start(command.env("KUSTO_CLUSTER", &kusto.cluster)));
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn what_is_said_of_an_ingestion_reaches_the_service() {
    let folder = Folder::new("properties");
    let file = folder.write("a.csv", "1,x\n2,y\n");
    let mapping =
        r#"[{"Column":"b","Properties":{"Ordinal":"1"}},{"Column":"a","Properties":{"Ordinal":"0"}}]"#;
    let mapping = folder.write("mapping.json", mapping);
    let kusto = Kusto::with(&["D.T(b:string,a:long)"]);
    let said = [
        "--mapping-file",
        &mapping,
        "--tag",
        "x",
        "--tag",
        "y z",
        "--flush-immediately",
        "--ignore-first-record",
    ];
    let ran = kusto.tell(&[&["ingest", &*file, "--wait"], &said[..]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(kusto.tags(), ["x", "y z"]);
    assert_eq!(kusto.rows(), json!([["y", 2]]));
}

#[test]
fn a_mapping_is_read_as_any_editor_saved_it() {
    let mapping = r#"[{"column":"a","Properties":{"path":"$.x"}}]"#;
    let marked = format!("\u{feff}{mapping}");
    let little = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = mapping.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for saved in [marked.into_bytes(), little, big] {
        let folder = Folder::new("mapping-encodings");
        let file = folder.write("a.json", r#"{"x":7}"#);
        let mapping = folder.write("mapping.json", saved);
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let ran = kusto.tell(&["ingest", &file, "--wait", "--mapping-file", &mapping]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(kusto.rows(), json!([[7]]));
    }
}
