//! Containers of very many blobs: no more of them is held than a page.
//!
//! `KUSTO_TEST_BLOBS` makes them larger, as in `KUSTO_TEST_BLOBS=1000000 cargo test -p kusto-ingest-cli many`.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command};

use serde_json::Value;

use crate::setup::command::{kusto_ingest, start};
use crate::setup::kusto::Kusto;
use crate::setup::many_blobs::ManyBlobs;

/// The most memory that a command may have, in kilobytes.
const MOST: u64 = 100 * 1024;

fn blobs(usual: usize) -> usize {
    let wanted = std::env::var("KUSTO_TEST_BLOBS").ok();
    wanted.map_or(usual, |text| text.parse().expect("it is a number"))
}

/// Tells what was measured, where somebody asked for it. The harness keeps what is printed to itself.
fn tell(measured: &str) {
    if std::env::var_os("KUSTO_TEST_BLOBS").is_some() {
        let _nobody_reads = std::io::stderr().write_all(format!("{measured}\n").as_bytes());
    }
}

/// What a command printed last, how many lines it printed, and the most memory that it had, in kilobytes.
fn watched(command: &mut Command) -> (Value, usize, u64) {
    watched_to(command, 0)
}

/// The same of a command that ends with a code.
fn watched_to(command: &mut Command, code: i32) -> (Value, usize, u64) {
    let mut child = start(command);
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let (mut last, mut count, mut most) = (String::new(), 0, 0);
    for line in lines.by_ref() {
        last = line.expect("it is text");
        count += 1;
        if count % 1_000 == 0 {
            most = most.max(memory(&child));
        }
    }
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(
        ended.status.code(),
        Some(code),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    (serde_json::from_str(&last).expect("it is JSON"), count, most)
}

/// The most memory that a process had so far; 0 where the system does not tell.
fn memory(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

#[test]
fn a_dry_run_over_very_many_blobs_takes_little_memory() {
    let count = blobs(40_000);
    let storage = ManyBlobs::open(count);
    let (summary, lines, most) = watched(&mut kusto_ingest(&[
        "ingest",
        &storage.container,
        "--dry-run",
        "--output",
        "ndjson",
    ]));
    assert_eq!(
        (summary["sources"].as_u64(), lines),
        (Some(count as u64), count + 1)
    );
    assert_eq!(summary["bytes"].as_u64(), Some(count as u64 * 100));
    tell(&format!("{count} blobs listed with {most} KiB"));
    assert!(most < MOST, "{most} KiB");
}

#[test]
fn very_many_blobs_are_queued_with_little_memory() {
    let count = blobs(1_500);
    let storage = ManyBlobs::open(count);
    let kusto = Kusto::held();
    let (summary, lines, most) = watched(&mut kusto.command(&[
        "ingest",
        &storage.container,
        "--parallel",
        "32",
        "--output",
        "ndjson",
    ]));
    assert_eq!(
        (summary["queued"].as_u64(), lines),
        (Some(count as u64), count + 1)
    );
    tell(&format!("{count} blobs queued with {most} KiB"));
    assert!(most < MOST, "{most} KiB");
}

/// What a source is held with that is waited for, in bytes.
const HELD: u64 = 8 * 1024;

#[test]
fn what_is_waited_for_is_held_with_a_few_kilobytes_a_source() {
    let count = blobs(1_500);
    let storage = ManyBlobs::open(count);
    let kusto = Kusto::held();
    let arguments = [
        "ingest",
        &storage.container,
        "--wait",
        "--wait-timeout",
        "0s",
        "--parallel",
        "32",
        "--output",
        "ndjson",
    ];
    let (summary, _, most) = watched_to(&mut kusto.command(&arguments), 6);
    assert_eq!(summary["pending"].as_u64(), Some(count as u64));
    tell(&format!("{count} blobs waited for with {most} KiB"));
    let bound = 40 * 1024 + count as u64 * HELD / 1024;
    assert!(most < bound, "{most} KiB");
}
