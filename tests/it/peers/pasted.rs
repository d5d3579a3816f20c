//! The guide's lines of a language, pasted into a shell in an empty folder, lead to a first row.
//!
//! What is installed already answers the lines that install: `pip` finds the versions in its virtual environment and
//! has no index, `mvn` and `go` take them from their caches, and a script in the place of `npm` links the modules if
//! they have the versions that are asked for.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::{env, fs};

use kusto_ingest_tokio::testing::TestFolder;
use tokio::process::Command;

use super::program::{beside, installed, succeeded};

/// Answers `npm install NAME@VERSION…` with what is installed, and refuses other versions.
const NPM: &str = r#"#!/bin/sh -eu
[ "$1" = install ] && shift
ln -s "$INSTALLED/node_modules" node_modules
for package; do
    grep -q "\"version\": \"${package##*@}\"" "node_modules/${package%@*}/package.json"
done
"#;

/// The page as a person reads it.
fn page() -> String {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/emulator.md");
    fs::read_to_string(page).expect("the guide is there")
}

/// What stands in a page from a heading to the next one of any level.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("no {heading}"));
    rest.split("\n##").next().unwrap_or_default()
}

/// The blocks of code whose fence, or the comment above it, begins so; each with the rest of that line.
fn blocks<'a>(section: &'a str, begin: &str) -> Vec<(&'a str, &'a str)> {
    let begin = format!("\n{begin}");
    let found = section.split(&begin).skip(1).map(|part| {
        let (line, rest) = part.split_once('\n').expect("a block has lines");
        // Under a comment, there is the fence yet.
        let code = match rest.split_once('\n') {
            Some((fence, code)) if fence.starts_with("```") => code,
            _ => rest,
        };
        (line, code.split("\n```").next().unwrap_or_default())
    });
    found.collect()
}

/// An empty folder outside of the repository: what a tool looks for in the folders above is nothing of ours.
fn outside() -> TestFolder {
    TestFolder::new(
        env::temp_dir(),
        &format!("kusto-ingest-pasted-{}", uuid::Uuid::new_v4()),
    )
}

/// Writes the files of a language, and pastes its lines behind those that all have in common.
async fn paste(language: &str, programs: &[&Path], variables: &[(&str, &str)]) {
    let Some(command) = installed("KUSTO_TEST_COMMAND") else {
        return;
    };
    let page = page();
    let (common, own) = (
        section(&page, "## From nothing to a row"),
        section(&page, &format!("### {language}")),
    );
    let folder = outside();
    let files = blocks(own, "<!-- file: ");
    assert!(!files.is_empty(), "{language} has a program");
    for (file, code) in files {
        let name = Path::new(file.trim_end_matches(" -->")).file_name();
        folder.write(name.expect("a name"), code);
    }
    let lines = [common, own].map(|section| blocks(section, "```sh pasted"));
    assert!(
        lines.iter().all(|lines| lines.len() == 1),
        "{language}: {lines:?}"
    );
    // A person ends the emulators by hand.
    let mut script = "trap 'kill $(jobs -p)' EXIT\nset -eu\n".to_owned();
    for (_, line) in lines.concat() {
        script.push_str(line);
        script.push('\n');
    }
    let mut shell = Command::new("bash");
    shell
        .args(["-c", &script])
        .current_dir(&folder)
        .env("PATH", beside(&[&[command.as_path()], programs].concat()))
        .envs(variables.iter().copied());
    succeeded(shell).await;
}

#[tokio::test]
async fn the_guides_lines_of_python_lead_to_a_first_row() {
    let Some(python) = installed("KUSTO_TEST_PYTHON") else {
        return;
    };
    paste("Python", &[&python], &[("PIP_NO_INDEX", "1")]).await;
}

#[tokio::test]
async fn the_guides_lines_of_node_lead_to_a_first_row() {
    let Some(folder) = installed("KUSTO_TEST_NODE_PEER") else {
        return;
    };
    let stub = outside();
    let npm = stub.write("npm", NPM);
    fs::set_permissions(&npm, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let modules = folder.to_str().expect("a path that is text");
    paste("Node", &[&npm], &[("INSTALLED", modules)]).await;
}

#[tokio::test]
async fn the_guides_lines_of_go_lead_to_a_first_row() {
    if installed("KUSTO_TEST_GO_PEER").is_some() {
        paste("Go", &[], &[("GOPROXY", "off"), ("GOSUMDB", "off")]).await;
    }
}

#[tokio::test]
async fn the_guides_lines_of_java_lead_to_a_first_row() {
    if installed("KUSTO_TEST_JAVA_PEER").is_some() {
        paste("Java", &[], &[]).await;
    }
}
