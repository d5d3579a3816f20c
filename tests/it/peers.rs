//! The published clients of other languages, unmodified, against the emulator.
//!
//! They are installed by `cargo xtask test --peers`, which names them in the environment. Without, these tests say
//! that they were skipped.

mod emulated;
mod fixtures;
mod formats;
mod page;
#[cfg(unix)]
mod pasted;
mod program;
mod signed_in;

use std::path::Path;

use kusto_emulator::Route;
use kusto_storage::Operation;
use serde_json::{Value, json};
use tokio::process::Command;

use self::emulated::Emulated;
pub(crate) use self::program::{ended, installed, succeeded};

/// What every client must have learned: how each source has ended, and the rows, by every kind of answer that it reads.
fn check(learned: &Value, has_rows: bool) {
    let mut statuses = json!({
        "file": "Succeeded",
        "stream": "Succeeded",
        "inline": "Succeeded",
        "reference": "Succeeded",
        "blob": "Succeeded",
        "missing table": "BadRequest_TableNotExist",
        "missing mapping": "BadRequest_MappingReferenceWasNotFound",
        "malformed": "BadRequest_InvalidBlob",
        "fallback": "Succeeded",
        "survived": "Succeeded",
    });
    let mut rows = vec![
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
        json!([11, "survived"]),
    ];
    if has_rows {
        statuses["rows"] = json!("Succeeded");
        rows.push(json!([12, "rows"]));
    }
    assert_eq!(learned["statuses"], statuses);
    assert_eq!(learned["rows"], json!(rows));
    let count = json!(rows.len());
    let counts = learned["counts"].as_array().expect("counts");
    assert!(
        !counts.is_empty() && counts.iter().all(|found| *found == count),
        "{counts:?}"
    );
}

/// The faults that a client was to survive have met it: how many requests of a route were answered with a status.
fn met(emulated: &Emulated, faults: &[(Route, u16)]) {
    let requests = emulated.requests();
    for (route, status) in faults {
        let met = requests
            .iter()
            .any(|request| request.route == *route && request.status == Some(*status));
        assert!(met, "no request {route} was answered {status}");
    }
}

const STREAMING_DOWN: (Route, u16) = (Route::Streaming, 503);
const THROTTLED: (Route, u16) = (Route::Management, 429);
const NO_CONTAINER: (Route, u16) = (Route::Storage(Operation::PutBlob), 403);
const NO_QUEUE: (Route, u16) = (Route::Storage(Operation::PutMessage), 403);

#[tokio::test]
async fn the_published_python_client_ingests_unmodified() {
    let Some(python) = installed("KUSTO_TEST_PYTHON") else {
        return;
    };
    let emulated = Emulated::plain().await;
    let mut command = Command::new(python);
    command.arg(peer("python/ingest.py"));
    let learned = emulated.run(command).await;
    check(&learned, true);
    assert_eq!(learned["streamed"], 12);
    met(&emulated, &[STREAMING_DOWN, THROTTLED, NO_QUEUE]);
}

#[tokio::test]
async fn the_published_node_client_ingests_unmodified() {
    let Some(folder) = installed("KUSTO_TEST_NODE_PEER") else {
        return;
    };
    let emulated = Emulated::over_tls().await;
    let mut command = Command::new("node");
    command
        .arg(folder.join("ingest.js"))
        .env("NODE_EXTRA_CA_CERTS", emulated.authority());
    let learned = emulated.run(command).await;
    check(&learned, false);
    assert_eq!(
        learned["reports"], learned["statuses"],
        "queues and table say the same"
    );
    met(&emulated, &[STREAMING_DOWN, THROTTLED, NO_CONTAINER, NO_QUEUE]);
}

#[tokio::test]
async fn the_published_go_client_ingests_unmodified() {
    let Some(program) = installed("KUSTO_TEST_GO_PEER") else {
        return;
    };
    let emulated = Emulated::over_tls().await;
    let mut command = Command::new(program.join("kusto-ingest-peers"));
    command.env("SSL_CERT_FILE", emulated.authority());
    let learned = emulated.run(command).await;
    check(&learned, false);
    assert_eq!(learned["streamed"], 11);
    met(&emulated, &[STREAMING_DOWN, THROTTLED, NO_CONTAINER, NO_QUEUE]);
}

#[tokio::test]
async fn the_published_java_client_ingests_unmodified() {
    let Some(classpath) = installed("KUSTO_TEST_JAVA_PEER") else {
        return;
    };
    let emulated = Emulated::over_tls().await;
    let command = java(&emulated, &classpath, "java/Ingest.java").await;
    let learned = emulated.run(command).await;
    check(&learned, true);
    assert_eq!(
        (&learned["streamed"], &learned["progressive"]),
        (&json!(12), &json!(12))
    );
    met(&emulated, &[STREAMING_DOWN, THROTTLED, NO_CONTAINER, NO_QUEUE]);
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

/// A file beside the clients.
fn peer(file: &str) -> std::path::PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/peers")).join(file)
}
