//! What is at a path.

use std::fs;
use std::path::Path;

use kusto_ingest::sources::FileState;

use super::DiscoveredSource;
use super::folder::Folder;
use crate::report::CommandError;

/// What is at a path.
pub(super) enum PathKind {
    One(DiscoveredSource),
    Folder(Folder),
}

impl PathKind {
    /// Looks there.
    ///
    /// # Errors
    /// There is nothing, or a folder that cannot be read.
    pub(super) fn of(path: &Path) -> Result<Self, CommandError> {
        let metadata = fs::metadata(path)
            .map_err(|error| CommandError::usage(format!("failed to find {}: {error}", path.display())))?;
        if metadata.is_dir() {
            return Folder::read(path).map(Self::Folder);
        }
        Ok(Self::One(match metadata.is_file() {
            true => DiscoveredSource::File(path.to_owned(), FileState::of(&metadata)),
            false => DiscoveredSource::Pipe(path.to_owned()),
        }))
    }
}
