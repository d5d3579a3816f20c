//! What somebody else knows of the folder.

use std::path::PathBuf;

/// What somebody else knows of the folder, such as the system. Nothing depends on it: a look at the folder finds all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Something has changed: a look is worth it.
    Changed,
    /// A file was renamed to this path, and so is complete.
    RenamedIn(PathBuf),
}
