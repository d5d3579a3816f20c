//! `merge`: several journals, one report.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use kusto_ingest::journal::{JournalEvent, JournalReader, JournalRecord, Shard};
use kusto_ingest::sources::SourceId;

use crate::args::MergeArgs;
use crate::report::{self, CommandError, Exit, Outcome, ReportFile, SourceFailure, State, Tally};

/// Reads journals, and tells of each source what became of it. A journal is read twice, and what is held of it is an id
/// and a number for each source.
///
/// # Errors
/// A journal that cannot be read, or that belongs to another table; no sources at all.
pub(crate) fn run(args: &MergeArgs) -> Result<Exit, CommandError> {
    let usage =
        |error: kusto_ingest::Error| CommandError::usage(error.chain()).with_page("docs/guide/backfills.md");
    let mut together: Option<Together> = None;
    // A shard whose process has not begun has none yet.
    let (journals, absent): (Vec<_>, Vec<_>) = args
        .journals
        .iter()
        .partition(|path| !matches!(path.try_exists(), Ok(false)));
    for path in &journals {
        let journal = JournalReader::open(path).map_err(usage)?;
        match &mut together {
            None => together = Some(Together::new(path, &journal)?),
            Some(together) => together.add(path, &journal)?,
        }
    }
    let shards_missing = together.as_ref().map_or(0, |together| together.missing().len());
    if let Some(path) = absent.get(shards_missing) {
        // It is none of a shard: it is named wrongly.
        JournalReader::open(path).map_err(usage)?;
    }
    let Some(together) = together else {
        return Err(nothing());
    };
    let place = together.place.clone();
    let file = ReportFile::create(args.report.as_deref(), place.clone())?;
    let mut tally = Tally::new(args.output, place, file);
    for path in &journals {
        let last = last_lines(path).map_err(usage)?;
        let mut journal = JournalReader::open(path).map_err(usage)?;
        let mut number = 0_u64;
        while let Some(record) = journal.next_record().map_err(usage)? {
            if last.get(&record.id) == Some(&number) {
                tally.add(outcome_of(record))?;
            }
            number += 1;
        }
        if journal.torn_bytes() > 0 {
            report::note(&format!(
                "{}: its last line is not finished, and left out",
                path.display()
            ));
        }
    }
    if tally.sources() == 0 {
        return Err(nothing());
    }
    let exit = tally.tell(Duration::ZERO, None, None, None)?;
    Ok(told_of_missing(&together.missing(), exit))
}

/// How it ends where shards may be missing, which is told.
fn told_of_missing(missing: &[String], exit: Exit) -> Exit {
    if missing.is_empty() {
        return exit;
    }
    report::error(&format!(
        "there is no journal of the shards {}",
        missing.join(", ")
    ));
    if exit == Exit::Done {
        Exit::SomeFailed
    } else {
        exit
    }
}

fn nothing() -> CommandError {
    CommandError::new(Exit::NothingMatched, "the journals know no sources")
}

/// The number of the last line about each source. What is gone is not left out: it was done.
fn last_lines(path: &Path) -> kusto_ingest::Result<HashMap<SourceId, u64>> {
    let mut journal = JournalReader::open(path)?;
    let mut last = HashMap::new();
    let mut number = 0;
    while let Some(record) = journal.next_record()? {
        if record.event != JournalEvent::Removed {
            last.insert(record.id, number);
        }
        number += 1;
    }
    Ok(last)
}

fn outcome_of(record: JournalRecord) -> Outcome {
    let JournalRecord {
        id, source, receipt, ..
    } = record;
    let because = |otherwise: &str| Some(SourceFailure::noted(record.error.as_deref().unwrap_or(otherwise)));
    let (state, failure) = match record.event {
        JournalEvent::Succeeded => (State::Succeeded, None),
        JournalEvent::Skipped | JournalEvent::LeftOut => (State::Skipped, None),
        JournalEvent::Partial => (State::PartiallySucceeded, because("a part of it failed")),
        JournalEvent::Failed | JournalEvent::Rejected => (State::Failed, because("it failed")),
        JournalEvent::Sending | JournalEvent::Unknown => (
            State::Unknown,
            because("it was sent, and nobody knows whether it arrived"),
        ),
        _ => (State::Queued, None),
    };
    Outcome {
        receipt,
        failure,
        ..Outcome::new(source.name, id, state)
    }
}

/// What the journals have in common, and which shards they are of.
struct Together {
    place: (String, String),
    cluster: Option<String>,
    shards: BTreeSet<u32>,
    count: Option<u32>,
    ids: BTreeSet<kusto_ingest::external::uuid::Uuid>,
}

impl Together {
    fn new(path: &Path, journal: &JournalReader) -> Result<Self, CommandError> {
        let value = |name: &str| journal.scope().value(name).map(str::to_owned);
        let mut together = Self {
            place: (
                value("database").unwrap_or_default(),
                value("table").unwrap_or_default(),
            ),
            cluster: value("cluster"),
            shards: BTreeSet::new(),
            count: shard_of(journal).map(Shard::count),
            ids: BTreeSet::new(),
        };
        together.add(path, journal)?;
        Ok(together)
    }

    fn add(&mut self, path: &Path, journal: &JournalReader) -> Result<(), CommandError> {
        let refused = |why: String| CommandError::usage(format!("{}: {why}", path.display()));
        let value = |name: &str| journal.scope().value(name).unwrap_or_default().to_owned();
        let place = (value("database"), value("table"));
        if place != self.place || journal.scope().value("cluster") != self.cluster.as_deref() {
            return Err(refused(format!(
                "its sources go into {}.{}, and those of the first journal into {}.{}, or another cluster",
                place.0, place.1, self.place.0, self.place.1
            )));
        }
        let shard = shard_of(journal);
        if shard.map(Shard::count) != self.count {
            let words = |count: Option<u32>| {
                count.map_or_else(|| "all sources".to_owned(), |count| format!("{count} shards"))
            };
            return Err(refused(format!(
                "it is of {}, and the first journal of {}",
                words(shard.map(Shard::count)),
                words(self.count)
            )));
        }
        let is_new = shard.is_none_or(|shard| self.shards.insert(shard.index()));
        if !is_new || !self.ids.insert(journal.id()) {
            return Err(refused(
                "it is named twice, or another journal is of the same shard".to_owned(),
            ));
        }
        Ok(())
    }

    /// The shards of which there is no journal.
    fn missing(&self) -> Vec<String> {
        let count = self.count.unwrap_or_default();
        let missing = (0..count).filter(|index| !self.shards.contains(index));
        missing.map(|index| format!("{index}/{count}")).collect()
    }
}

fn shard_of(journal: &JournalReader) -> Option<Shard> {
    journal.scope().value("shard")?.parse().ok()
}
