//! What a small file costs at the disk, as `strace` sees it: where there is none, nothing is counted.

use std::path::PathBuf;
use std::process::Command;

use kusto_ingest_tokio::Files;

use crate::sink::Sink;
use crate::{client, issued};

/// The file that the other process ingests.
const NAME: &str = "counted-at-the-disk.csv";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

#[tokio::test]
#[ignore = "another test runs it under strace"]
async fn ingest_one_small_file() {
    let path = folder().join(NAME);
    std::fs::write(&path, "a,b\n").expect("the target folder can be written");
    let sink = Sink::start();
    let client = issued::by(&sink.address(), 1);
    let result = Files::single(&path)
        .ingest_with(&client, &client::properties())
        .await;
    assert_eq!(result.receipts().count(), 1, "{result:?}");
}

#[test]
fn a_small_file_of_several_is_opened_and_read_once() {
    let log = folder().join("counted-at-the-disk.strace");
    let program = std::env::current_exe().expect("this program has a path");
    let traced = Command::new("strace")
        .args(["-f", "-y", "-e", "trace=openat,read,pread64", "-o"])
        .arg(&log)
        .arg(program)
        .args(["--exact", "--ignored", "disk::ingest_one_small_file"])
        .output();
    // Where it is absent, or may not trace, there is nothing to count.
    let Some(_) = traced.ok().filter(|traced| traced.status.success()) else {
        return;
    };
    let calls = std::fs::read_to_string(&log).expect("strace has written it");
    let calls: Vec<_> = calls.lines().filter(|line| line.contains(NAME)).collect();
    let count = |name: &str| {
        calls
            .iter()
            .filter(|line| line.contains(&format!(" {name}(")))
            .count()
    };
    // It is opened once more by who writes it.
    assert_eq!(count("openat"), 2, "{calls:#?}");
    assert!(count("read") + count("pread64") <= 1, "{calls:#?}");
}
