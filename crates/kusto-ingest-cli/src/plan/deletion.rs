//! Away with files that are ingested, if that is wanted: each as soon as it is safe, and none too early.

use std::future::Future;
use std::path::Path;

use kusto_ingest::{delete_if_unchanged, find_duplicate, interrupted_deletions};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::plan::discover::DiscoveredSource;
use crate::plan::source::PlannedSource;
use crate::report;
use crate::report::exit::CommandError;
use crate::report::outcome::{Outcome, State};

/// When a file is not needed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deletion {
    Never,
    /// When Kusto, or a queue of Kusto's, has its data.
    WhenAccepted,
    /// When its rows are in the table.
    WhenIngested,
}

impl Deletion {
    /// Looks whether everything can be deleted that is to be, and tells what earlier runs have left.
    ///
    /// # Errors
    /// Something that is no file, or a file that is named twice: only one of the two could be ingested.
    pub(crate) fn check(self, found: &[DiscoveredSource]) -> Result<(), CommandError> {
        if self == Self::Never {
            return Ok(());
        }
        if let Some(stream) = found
            .iter()
            .find(|found| matches!(found, DiscoveredSource::Pipe(_) | DiscoveredSource::StandardInput))
        {
            return Err(CommandError::usage(format!(
                "{} is no file that --delete-source could delete: leave that out, or name a file",
                stream.called()
            )));
        }
        let files: Vec<&Path> = found.iter().filter_map(file).collect();
        let unusable = |error| CommandError::unusable(&error);
        if let Some(place) = on_disk(find_duplicate(&files)).map_err(unusable)? {
            return Err(CommandError::usage(format!(
                "{} is named twice, and --delete-source can delete it only once: name it once",
                files[place].display()
            )));
        }
        for left in on_disk(interrupted_deletions(&files)).map_err(unusable)? {
            report::warning(&left.chain());
        }
        Ok(())
    }

    /// Deletes the file of a source, if what became of the source allows it. That it cannot be deleted is told, and
    /// changes nothing about the ingestion.
    pub(crate) fn after(self, planned: &PlannedSource, outcome: &Outcome) {
        let is_due = match self {
            Self::Never => false,
            Self::WhenAccepted => outcome
                .receipt
                .as_ref()
                .is_some_and(|receipt| receipt.state.is_accepted()),
            Self::WhenIngested => outcome.state == State::Succeeded,
        };
        if let DiscoveredSource::File(path, ingested) = &planned.found
            && is_due
            && let Err(warning) = on_disk(delete_if_unchanged(path, *ingested))
        {
            report::warning(&warning.chain());
        }
    }
}

fn file(found: &DiscoveredSource) -> Option<&Path> {
    match found {
        DiscoveredSource::File(path, _) => Some(path),
        DiscoveredSource::Pipe(_) | DiscoveredSource::StandardInput | DiscoveredSource::Blob(_) => None,
    }
}

/// Waits for the disk, while the runtime goes on on its other threads.
fn on_disk<T>(work: impl Future<Output = T>) -> T {
    block_in_place(|| Handle::current().block_on(work))
}
