//! How the watching goes, as numbers.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How the watching goes, as numbers. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct WatchMetrics(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    values: [AtomicU64; NAMES.len()],
}

/// One of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    Accepted,
    Bytes,
    Failed,
    Again,
    MaybeTwice,
    Looks,
    LooksFailed,
    Waiting,
    Ready,
    UnderWay,
    Untaken,
    Unreadable,
    OldestSeconds,
}

/// Their names, whether they only rise, and what they mean.
const NAMES: [(&str, bool, &str); 13] = [
    ("files_accepted_total", true, "Files that the service accepted."),
    ("bytes_accepted_total", true, "Bytes of these files."),
    ("files_failed_total", true, "Files that were set aside."),
    (
        "attempts_failed_total",
        true,
        "Attempts that failed and are made again.",
    ),
    (
        "files_maybe_twice_total",
        true,
        "Files that were accepted and may have been ingested before.",
    ),
    ("looks_total", true, "Looks at the folder."),
    ("looks_failed_total", true, "Looks at the folder that failed."),
    ("files_waiting", false, "Files that wait, as of the last look."),
    ("files_ready", false, "Files of these that are complete."),
    ("files_under_way", false, "Files that are being ingested."),
    ("files_untaken", false, "Files that no target takes."),
    (
        "files_unreadable",
        false,
        "Files and folders that cannot be read.",
    ),
    (
        "oldest_file_seconds",
        false,
        "How long ago the oldest file that waits was changed last.",
    ),
];

impl WatchMetrics {
    pub(crate) fn add(&self, number: Number, by: u64) {
        self.0.values[number as usize].fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, number: Number, value: u64) {
        self.0.values[number as usize].store(value, Ordering::Relaxed);
    }

    fn value(&self, number: Number) -> u64 {
        self.0.values[number as usize].load(Ordering::Relaxed)
    }

    /// How many files the service accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.value(Number::Accepted)
    }

    /// How many files were set aside.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.value(Number::Failed)
    }

    /// How many attempts failed that are made again.
    #[must_use]
    pub fn attempts_failed(&self) -> u64 {
        self.value(Number::Again)
    }

    /// How many files were accepted that may have been ingested before.
    #[must_use]
    pub fn maybe_twice(&self) -> u64 {
        self.value(Number::MaybeTwice)
    }

    /// How many looks at the folder ended, also those that failed.
    #[must_use]
    pub fn looks(&self) -> u64 {
        self.value(Number::Looks)
    }

    /// How many files wait that the last look found.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.value(Number::Waiting)
    }

    /// How many files are being ingested.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        self.value(Number::UnderWay)
    }

    /// All of them, in the text format of Prometheus; each name begins with `kusto_ingest_watch_`.
    #[must_use]
    pub fn to_prometheus(&self) -> String {
        let mut text = String::new();
        for ((name, only_rises, help), value) in NAMES.iter().zip(&self.0.values) {
            let kind = if *only_rises { "counter" } else { "gauge" };
            let value = value.load(Ordering::Relaxed);
            // Text takes whatever is written.
            let _ = write!(
                text,
                "# HELP kusto_ingest_watch_{name} {help}\n# TYPE kusto_ingest_watch_{name} {kind}\nkusto_ingest_watch_{name} {value}\n"
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_its_name() {
        let metrics = WatchMetrics::default();
        metrics.add(Number::Accepted, 2);
        metrics.set(Number::OldestSeconds, 7);
        let text = metrics.to_prometheus();
        assert!(text.contains("# TYPE kusto_ingest_watch_files_accepted_total counter\nkusto_ingest_watch_files_accepted_total 2\n"));
        assert!(text.ends_with(
            "# TYPE kusto_ingest_watch_oldest_file_seconds gauge\nkusto_ingest_watch_oldest_file_seconds 7\n"
        ));
        assert_eq!(text.lines().count(), 3 * NAMES.len());
    }
}
