//! Records that an ingestion left out, and values that it changed. The service does not report them.

use std::collections::{BTreeMap, VecDeque};

use kusto_ingest_core::{SourceId, Timestamp};
use kusto_ingest_decode::Warning;

/// What an ingestion left out or changed of a source. The service does not report this.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IngestionNote {
    /// The identity of the source; absent when it has none.
    pub source_id: Option<SourceId>,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// The address of the blob, without its SAS; empty for data that came with a request.
    pub path: String,
    /// How many rows the source gave.
    pub rows: u64,
    /// How many of its records were left out.
    pub records_left_out: u64,
    /// How many values were stored as null, or changed.
    pub values_changed: u64,
    /// The number of warnings for each [reason](kusto_ingest_decode::WarningKind::reason).
    pub reasons: BTreeMap<&'static str, u64>,
    /// The first warnings of either kind, with lines and columns.
    pub first: Vec<Warning>,
    /// When the ingestion ended.
    pub ended: Timestamp,
}

impl IngestionNote {
    /// The most warnings of a source that are kept about records, and the most about values.
    pub const MAX_WARNINGS: u64 = 10;
}

/// What was left out or changed while a source was decoded.
#[derive(Default)]
pub(crate) struct DecodeSummary {
    pub(crate) records_left_out: u64,
    pub(crate) values_changed: u64,
    pub(crate) reasons: BTreeMap<&'static str, u64>,
    pub(crate) first: Vec<Warning>,
}

impl DecodeSummary {
    pub(crate) fn add(&mut self, warning: Warning) {
        let of_its_kind = match warning.kind.drops_record() {
            true => &mut self.records_left_out,
            false => &mut self.values_changed,
        };
        *of_its_kind += 1;
        *self.reasons.entry(warning.kind.reason()).or_default() += 1;
        if *of_its_kind <= IngestionNote::MAX_WARNINGS {
            self.first.push(warning);
        }
    }
}

/// A log that keeps the latest entries.
pub(crate) struct RecentLog<T> {
    all: VecDeque<T>,
    most: usize,
}

impl<T> RecentLog<T> {
    pub(crate) fn of(most: usize) -> Self {
        Self {
            all: VecDeque::new(),
            most,
        }
    }

    pub(crate) fn push(&mut self, one: T) {
        if self.all.len() == self.most {
            self.all.pop_front();
        }
        self.all.push_back(one);
    }

    pub(crate) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.all.iter_mut()
    }

    /// The latest ones, the newest first.
    pub(crate) fn latest(&self, most: usize) -> Vec<T>
    where
        T: Clone,
    {
        self.all.iter().rev().take(most).cloned().collect()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.all.iter()
    }
}
