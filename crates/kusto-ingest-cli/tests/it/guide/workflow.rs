//! A workflow of GitHub: what the emulator prints for a shell becomes the environment of later steps.

use std::process::Command;

use super::page;
use crate::setup::folder::Folder;

#[test]
fn the_variables_of_an_emulator_become_those_of_a_workflow() {
    let page = page("emulator.md");
    let script = page.split('`').find(|code| code.starts_with("sed "));
    let script = script.expect("the page shows how");
    let folder = Folder::new("guide/workflow");
    let printed = "export KUSTO_CLUSTER='https://localhost:4711'\nexport SSL_CERT_FILE='ca.pem'\n";
    folder.write("emulator.env", printed);
    folder.write("github", "EARLIER=1\n");
    let mut shell = Command::new("sh");
    shell.args(["-euc", script]).current_dir(folder.path());
    let ended = shell
        .env("GITHUB_ENV", "github")
        .status()
        .expect("every system has it");
    assert!(ended.success(), "{script}");
    let kept = std::fs::read_to_string(format!("{}/github", folder.path()));
    assert_eq!(
        kept.expect("it is there"),
        "EARLIER=1\nKUSTO_CLUSTER=https://localhost:4711\nSSL_CERT_FILE=ca.pem\n"
    );
}
