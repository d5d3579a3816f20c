//! The fixtures that the guide shows work: each test of theirs begins with an emulator as it was at the start.

use std::path::Path;
use std::{env, fs};

use tokio::process::Command;

use super::peer;
use super::program::{beside, installed, succeeded};
use crate::setup::folder;

/// Runs tests in a language with the command in `PATH`, and returns what they say.
async fn run(mut tests: Command) -> Option<String> {
    let command = installed("KUSTO_TEST_COMMAND")?;
    tests.env("PATH", beside(&[&command]));
    Some(succeeded(tests).await)
}

#[tokio::test]
async fn the_fixture_for_pytest_works() {
    let Some(python) = installed("KUSTO_TEST_PYTHON") else {
        return;
    };
    let mut tests = Command::new(python);
    // Nothing is written beside the files.
    tests
        .args(["-B", "-m", "pytest", "-p", "no:cacheprovider"])
        .arg(peer("python/fixture"));
    if let Some(said) = run(tests).await {
        assert!(said.contains("3 passed"), "{said}");
    }
}

#[tokio::test]
async fn the_fixture_for_node_test_works() {
    let Some(folder) = installed("KUSTO_TEST_NODE_PEER") else {
        return;
    };
    let mut tests = Command::new("node");
    tests
        .args(["--test", "--test-reporter=tap"])
        .current_dir(folder.join("fixture"));
    if let Some(said) = run(tests).await {
        assert!(said.contains("# pass 2\n"), "{said}");
    }
}

#[tokio::test]
async fn the_fixture_for_jest_works() {
    let Some(folder) = installed("KUSTO_TEST_NODE_PEER") else {
        return;
    };
    let mut tests = Command::new("node");
    tests
        .args(["--experimental-vm-modules", "node_modules/jest/bin/jest.js"])
        .args(["--config", "jest/jest.config.mjs", "--runInBand", "--json"])
        .current_dir(folder);
    if let Some(said) = run(tests).await {
        assert!(said.contains("\"numPassedTests\":2,"), "{said}");
    }
}

#[tokio::test]
async fn the_fixture_for_go_works() {
    let Some(folder) = installed("KUSTO_TEST_GO_PEER") else {
        return;
    };
    let mut tests = Command::new(folder.join("fixture.test"));
    tests.arg("-test.v");
    if let Some(said) = run(tests).await {
        assert_eq!(said.matches("    --- PASS: ").count(), 2, "{said}");
    }
}

#[tokio::test]
async fn the_fixture_for_junit_works() {
    let Some(classpath) = installed("KUSTO_TEST_JAVA_PEER") else {
        return;
    };
    let libraries = fs::read_to_string(classpath).expect("a class path");
    let classes = folder("classes of the fixture for junit");
    let mut compiler = Command::new("javac");
    compiler.args(["-cp", &*libraries, "-d"]).arg(classes.path());
    for file in ["KustoEmulator.java", "WeatherTest.java"] {
        compiler.arg(peer("java/fixture").join(file));
    }
    succeeded(compiler).await;
    let both = env::join_paths([classes.path(), Path::new("")]).expect("a path without colons");
    let mut tests = Command::new("java");
    tests
        .arg("-cp")
        .arg(format!("{}{libraries}", both.to_string_lossy()))
        .arg("org.junit.platform.console.ConsoleLauncher")
        .args([
            "execute",
            "--select-class",
            "WeatherTest",
            "--disable-ansi-colors",
        ]);
    if let Some(said) = run(tests).await {
        assert!(said.contains("2 tests successful"), "{said}");
    }
}
