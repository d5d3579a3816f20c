//! Away with files that are ingested, if that is wanted: each as soon as it is safe, and none too early.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::discover::{FileState, Found};
use crate::exit::Stop;
use crate::outcome::{Outcome, State};
use crate::prepare::Planned;
use crate::report;

/// When a file is not needed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deletion {
    Never,
    /// When Kusto, or a queue of Kusto's, has its data.
    WhenTaken,
    /// When its rows are in the table.
    WhenIngested,
}

impl Deletion {
    /// Looks whether everything can be deleted that is to be.
    ///
    /// # Errors
    /// Something that is no file, or a file that is named twice: only one of the two could be ingested.
    pub(crate) fn check(self, found: &[Found]) -> Result<(), Stop> {
        if self == Self::Never {
            return Ok(());
        }
        let mut paths = HashSet::new();
        for found in found {
            match found {
                // By another way to it, or by a link, it is the same file.
                Found::File(path, _) if !paths.insert(canonical(path)) => {
                    return Err(Stop::usage(format!(
                        "{} is named twice, and --delete-source can delete it only once: name it once",
                        path.display()
                    )));
                }
                Found::Pipe(_) | Found::StandardInput => {
                    return Err(Stop::usage(format!(
                        "{} is no file that --delete-source could delete: leave that out, or name a file",
                        found.called()
                    )));
                }
                Found::File(..) | Found::Blob(_) => {}
            }
        }
        Ok(())
    }

    /// Deletes the file of a source, if what became of the source allows it. That it cannot be deleted is told, and
    /// changes nothing about the ingestion.
    pub(crate) fn after(self, planned: &Planned, outcome: &Outcome) {
        let is_due = match self {
            Self::Never => false,
            Self::WhenTaken => outcome
                .receipt
                .as_ref()
                .is_some_and(|receipt| receipt.state.is_taken()),
            Self::WhenIngested => outcome.state == State::Succeeded,
        };
        let Found::File(path, ingested) = &planned.found else {
            return;
        };
        if is_due && let Err(why) = delete(path, *ingested) {
            report::warning(&format!("{} is not deleted: {why}", path.display()));
        }
    }
}

/// The one path of a file, as far as the system tells it.
fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn delete(path: &Path, ingested: FileState) -> Result<(), String> {
    let now = fs::metadata(path).map_err(|error| error.to_string())?;
    if FileState::of(&now) != ingested {
        return Err("it has changed since it was read".to_owned());
    }
    fs::remove_file(path).map_err(|error| error.to_string())
}
