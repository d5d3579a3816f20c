//! Gzip's own program, and the readers of Python, Go and Java, read every member of the corpus.
//!
//! `cargo xtask test --peers` names the languages that there are. Without, these tests say that they were skipped.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::corpus::{SOURCES, engines, member, sizes, source};
use crate::peers::{ended, installed, succeeded};
use crate::setup::folder;

const READERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/readers");

/// Writes the corpus of an engine into one file: of each source its length, its bytes, the length of the member, the
/// member. Numbers have four bytes, the lowest first.
async fn written(name: &str, folder: &Path) -> PathBuf {
    let (_, engine) = engines()
        .into_iter()
        .find(|(it, _)| *it == name)
        .expect("this build has it");
    let path = folder.join(name);
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).expect("a new file"));
    for size in sizes() {
        let source = source(size);
        let member = member(&engine, 2, &source).await;
        for part in [&source[..], &member] {
            let len = u32::try_from(part.len()).expect("it is small");
            file.write_all(&len.to_le_bytes()).expect("the disk takes it");
            file.write_all(part).expect("the disk takes it");
        }
    }
    file.flush().expect("the disk takes it");
    path
}

/// Has a program of a language read the corpus of every engine; it says how many members it read.
async fn read_by(language: &str, program: &Path, arguments: &[&Path]) {
    let folder = folder(&format!("members for {language}"));
    for (name, _) in engines() {
        let corpus = written(name, folder.path()).await;
        let mut command = Command::new(program);
        command.args(arguments).arg(corpus);
        let said = succeeded(command).await;
        assert_eq!(said.trim(), SOURCES.to_string(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gzip_itself_finds_nothing_wrong() {
    if installed("KUSTO_TEST_PYTHON").is_none() {
        return;
    }
    for (name, engine) in engines() {
        let folder = folder(&format!("gzip of {name}"));
        for size in sizes() {
            let member = member(&engine, 2, &source(size)).await;
            folder.write(format!("{size}.gz"), member);
        }
        let mut command = Command::new("gzip");
        command.args(["-t", "-r", "."]).current_dir(&folder);
        let tested = ended(command).await;
        // It warns of what is behind a member.
        assert!(
            tested.status.success() && tested.stderr.is_empty(),
            "{name}: {tested:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_reads_every_member() {
    if let Some(python) = installed("KUSTO_TEST_PYTHON") {
        read_by("python", &python, &[&Path::new(READERS).join("read.py")]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn go_reads_every_member() {
    if installed("KUSTO_TEST_GO_PEER").is_some() {
        read_by(
            "go",
            Path::new("go"),
            &[Path::new("run"), &Path::new(READERS).join("read.go")],
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_reads_every_member() {
    if installed("KUSTO_TEST_JAVA_PEER").is_some() {
        read_by(
            "java",
            Path::new("java"),
            &[&Path::new(READERS).join("Read.java")],
        )
        .await;
    }
}
