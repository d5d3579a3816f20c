//! What the guide shows in other languages leads to rows.

use tokio::process::Command;

use super::emulated::{Emulated, installed};
use super::{java, peer};

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
