//! The published clients of other languages, unmodified, against the emulator.
//!
//! They are installed by `cargo xtask test --peers`, which names them in the environment. Without, these tests say
//! that they were skipped.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use kusto_emulator::Emulator;
use kusto_ingest::properties::{DatabaseName, TableName};
use serde_json::{Value, json};
use tokio::process::Command;

/// Runs a client's script, which ingests five rows into `Peers.T` and tries one into a table that is missing.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn run(variable: &str, command: impl FnOnce(&Path) -> Command) -> Option<(Emulator, Value)> {
    let Some(installed) = std::env::var_os(variable).map(PathBuf::from) else {
        eprintln!(
            "SKIPPED: {variable} is not set; `cargo xtask test --peers` installs the client and sets it"
        );
        return None;
    };
    let database = DatabaseName::parse("Peers").expect("a good name");
    let table = TableName::parse("T").expect("a good name");
    let schema = "a:long, b:string".parse().expect("a good schema");
    let emulator = Emulator::builder()
        .with_table(database, table, schema)
        .start()
        .await
        .expect("a free port");
    let csv = std::env::temp_dir().join(format!("kusto-ingest-peer-{}.csv", uuid::Uuid::new_v4()));
    std::fs::write(&csv, "1,file\n2,\"a, b\"\n").expect("a file for the client");
    let output = command(&installed)
        .arg(emulator.cluster())
        .args(["Peers", "T"])
        .arg(&csv)
        .stderr(Stdio::piped())
        .output()
        .await
        .expect("the client starts");
    std::fs::remove_file(&csv).expect("the file was there");
    let (told, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{told}\n{complained}");
    let last = told.lines().last().unwrap_or_default();
    Some((
        emulator,
        serde_json::from_str(last).unwrap_or_else(|_| panic!("no JSON: {told}\n{complained}")),
    ))
}

fn check(learned: &Value) {
    let mut rows = learned["rows"].as_array().expect("rows").clone();
    rows.sort_by_key(|row| row[0].as_i64());
    assert_eq!(
        rows,
        [
            json!([1, "file"]),
            json!([2, "a, b"]),
            json!([3, "stream"]),
            json!([4, "json"]),
            json!([5, "ü"])
        ]
    );
    assert_eq!(learned["count"], 5);
    assert_eq!(learned["succeeded"].as_array().map(Vec::len), Some(3));
    assert_eq!(learned["failed"][0][1], "BadRequest_TableNotExist");
}

#[tokio::test]
async fn the_published_python_client_ingests_unmodified() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/python/ingest.py");
    let command = |python: &Path| {
        let mut command = Command::new(python);
        command.arg(script);
        command
    };
    let Some((_emulator, learned)) = run("KUSTO_TEST_PYTHON", command).await else {
        return;
    };
    check(&learned);
    let mut succeeded: Vec<_> = learned["succeeded"].as_array().expect("reports").clone();
    let mut sent = vec![
        learned["sent"]["file"].clone(),
        learned["sent"]["stream"].clone(),
        learned["sent"]["mapped"].clone(),
    ];
    succeeded.sort_by_key(ToString::to_string);
    sent.sort_by_key(ToString::to_string);
    assert_eq!(succeeded, sent, "the reports are about what was sent");
    assert_eq!(learned["failed"][0][0], learned["sent"]["missing"]);
}

#[tokio::test]
async fn the_published_node_client_ingests_unmodified() {
    let command = |folder: &Path| {
        let mut command = Command::new("node");
        command.arg(folder.join("ingest.js"));
        command
    };
    let Some((_emulator, learned)) = run("KUSTO_TEST_NODE_PEER", command).await else {
        return;
    };
    check(&learned);
}
