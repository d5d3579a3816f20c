//! Which files are to be deleted, and whether that can be done safely.

use std::path::Path;

use kusto_ingest::sources::{find_duplicate, interrupted_deletions};

use super::DiscoveredSource;
use crate::args::{IngestJob, Route};
use crate::report::{self, CommandError};

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
    /// What a job asks for: what is waited for must have arrived.
    pub(super) fn of(job: &IngestJob) -> Self {
        let waits = match job.route {
            Route::Queued(..) | Route::Managed(..) => job.wait_timeout().is_some(),
            Route::Streaming(..) | Route::Direct(_) | Route::Inline => !job.route.ends_early(),
        };
        match (job.delete_source, waits) {
            (false, _) => Self::Never,
            (true, false) => Self::WhenAccepted,
            (true, true) => Self::WhenIngested,
        }
    }

    /// Looks whether everything can be deleted that is to be, and tells what earlier runs have left.
    ///
    /// # Errors
    /// Something that is no file, or a file that is named twice: only one of the two could be ingested.
    pub(super) async fn check(self, found: &[DiscoveredSource]) -> Result<(), CommandError> {
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
        let files: Vec<&Path> = found.iter().filter_map(DiscoveredSource::file).collect();
        let unusable = |error| CommandError::unusable(&error);
        if let Some(place) = find_duplicate(&files).await.map_err(unusable)? {
            return Err(CommandError::usage(format!(
                "{} is named twice, and --delete-source can delete it only once: name it once",
                files[place].display()
            )));
        }
        for left in interrupted_deletions(&files).await.map_err(unusable)? {
            report::warning(&left.chain());
        }
        Ok(())
    }
}
