//! The published clients of other languages, unmodified, against the emulator.
//!
//! They are installed by `cargo xtask test --peers`, which names them in the environment. Without, these tests say
//! that they were skipped.

mod emulated;

use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;

use self::emulated::Emulated;
pub(crate) use self::emulated::installed;

fn sorted(rows: &Value) -> Vec<Value> {
    let mut rows = rows.as_array().expect("rows").clone();
    rows.sort_by_key(|row| row[0].as_i64());
    rows
}

/// What a client learned that has read the reports of queues.
fn check_reports(learned: &Value) {
    let rows = [
        json!([1, "file"]),
        json!([2, "a, b"]),
        json!([3, "stream"]),
        json!([4, "json"]),
        json!([5, "ü"]),
    ];
    assert_eq!(sorted(&learned["rows"]), rows);
    assert_eq!(learned["count"], 5);
    assert_eq!(learned["succeeded"].as_array().map(Vec::len), Some(3));
    assert_eq!(learned["failed"][0][1], "BadRequest_TableNotExist");
}

/// What a client learned that has followed the status table, and has streamed as well.
fn check_statuses(learned: &Value) {
    let statuses = json!({
        "file": "Succeeded",
        "stream": "Succeeded",
        "inline": "Succeeded",
        "reference": "Succeeded",
        "blob": "Succeeded",
        "missing table": "BadRequest_TableNotExist",
        "missing mapping": "BadRequest_MappingReferenceWasNotFound",
        "malformed": "BadRequest_InvalidBlob",
    });
    assert_eq!(learned["statuses"], statuses);
    let rows = [
        json!([1, "file"]),
        json!([2, "a, b"]),
        json!([3, "stream"]),
        json!([4, "json"]),
        json!([5, "ü"]),
        json!([6, "reference"]),
        json!([7, "blob"]),
        json!([8, "streaming"]),
        json!([9, "managed"]),
        json!([10, "fallback"]),
    ];
    assert_eq!(sorted(&learned["rows"]), rows);
    assert_eq!(
        (&learned["count"], &learned["streamed"]),
        (&json!(10), &json!(10))
    );
}

#[tokio::test]
async fn the_published_python_client_ingests_unmodified() {
    let Some(python) = installed("KUSTO_TEST_PYTHON") else {
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/python/ingest.py");
    let mut command = Command::new(python);
    command.arg(script);
    let learned = Emulated::plain().await.run(command).await;
    check_reports(&learned);
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

/// Runs a program of the guide, which asserts by itself.
async fn first_row(emulated: &Emulated, mut command: Command) {
    let output = emulated
        .in_folder(&mut command)
        .output()
        .await
        .expect("it starts");
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complained}");
}

fn peer(file: &str) -> std::path::PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/peers")).join(file)
}

#[tokio::test]
async fn the_guides_lines_of_python_lead_to_a_first_row() {
    let Some(python) = installed("KUSTO_TEST_PYTHON") else {
        return;
    };
    let mut command = Command::new(python);
    command.arg(peer("python/quickstart.py"));
    first_row(&Emulated::plain().await, command).await;
}

#[tokio::test]
async fn the_guides_lines_of_node_lead_to_a_first_row() {
    let Some(folder) = installed("KUSTO_TEST_NODE_PEER") else {
        return;
    };
    let mut command = Command::new("node");
    command.arg(folder.join("quickstart.js"));
    first_row(&Emulated::plain().await, command).await;
}

#[tokio::test]
async fn the_guides_lines_of_go_lead_to_a_first_row() {
    let Some(folder) = installed("KUSTO_TEST_GO_PEER") else {
        return;
    };
    let emulated = Emulated::over_tls().await;
    let mut command = Command::new(folder.join("quickstart"));
    command.env("SSL_CERT_FILE", emulated.authority());
    first_row(&emulated, command).await;
}

#[tokio::test]
async fn the_guides_lines_of_java_lead_to_a_first_row() {
    let Some(classpath) = installed("KUSTO_TEST_JAVA_PEER") else {
        return;
    };
    let emulated = Emulated::over_tls().await;
    first_row(
        &emulated,
        java(&emulated, &classpath, "java/Quickstart.java").await,
    )
    .await;
}

#[tokio::test]
async fn the_published_node_client_ingests_unmodified() {
    let Some(folder) = installed("KUSTO_TEST_NODE_PEER") else {
        return;
    };
    let mut command = Command::new("node");
    command.arg(folder.join("ingest.js"));
    check_reports(&Emulated::plain().await.run(command).await);
}

#[tokio::test]
async fn the_published_go_client_ingests_unmodified() {
    let Some(program) = installed("KUSTO_TEST_GO_PEER") else {
        return;
    };
    let emulated = Emulated::over_tls().await;
    let mut command = Command::new(program.join("kusto-ingest-peers"));
    command.env("SSL_CERT_FILE", emulated.authority());
    let blob = emulated.blob("7,blob\n").await;
    check_statuses(&emulated.run_with(command, &[&blob]).await);
}

#[tokio::test]
async fn the_published_java_client_ingests_unmodified() {
    let Some(classpath) = installed("KUSTO_TEST_JAVA_PEER") else {
        return;
    };
    let emulated = Emulated::over_tls().await;
    let command = java(&emulated, &classpath, "java/Ingest.java").await;
    let blob = emulated.blob("7,blob\n").await;
    check_statuses(&emulated.run_with(command, &[&blob]).await);
}

#[tokio::test]
async fn the_emulators_page_is_used_in_a_browser_by_keys_alone() {
    let Some(folder) = installed("KUSTO_TEST_PAGE") else {
        return;
    };
    let browser = std::env::var_os("KUSTO_TEST_BROWSER").expect("it is set as well");
    let emulated = Emulated::plain().await;
    let mut command = Command::new("node");
    command
        .arg(folder.join("look.js"))
        .arg(emulated.cluster())
        .arg(browser);
    let output = emulated
        .in_folder(&mut command)
        .output()
        .await
        .expect("it starts");
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complained}");
    let saw: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let by_name = |kind: &str| {
        json!(format!(
            "{kind} of a by {}",
            if kind == "timechart" { "at" } else { "b" }
        ))
    };
    let expected = json!({
        "title": "Kusto emulator",
        "rows": ["1x", "2y"],
        "charts": {
            "columnchart": by_name("columnchart"),
            "barchart": by_name("barchart"),
            "piechart": by_name("piechart"),
            "timechart": by_name("timechart"),
        },
        "unnamed": 0,
        "elsewhere": [],
        "complaints": [],
    });
    assert_eq!(saw, expected);
}

/// Runs a program of one file with the client's libraries, and the emulator's certificate as Java keeps it.
async fn java(emulated: &Emulated, classpath: &Path, source: &str) -> Command {
    let store = emulated.java_trust_store().await;
    let classpath = std::fs::read_to_string(classpath).expect("a class path");
    let mut command = Command::new("java");
    command
        .arg(format!("-Djavax.net.ssl.trustStore={}", store.display()))
        .arg("-Djavax.net.ssl.trustStorePassword=changeit")
        .args(["-cp", &*classpath])
        .arg(peer(source));
    command
}
