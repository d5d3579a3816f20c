//! Which file a path leads to, by whatever way.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// A file, or the place of one that is not there yet: the same for each path that leads to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FileIdentity {
    /// What is there, links of both kinds followed: its device, and its number there.
    #[cfg(unix)]
    Inode(u64, u64),
    /// What is not there yet, by its folder; where the system has no such numbers, also what is there.
    Path(PathBuf),
}

impl FileIdentity {
    /// None of what keeps nothing, such as a pipe, a device or a folder.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(known) => known.is_file().then(|| Self::of_file(path, &known)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                let folder = fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()?;
                Some(Self::Path(folder.join(path.file_name()?)))
            }
            Err(_) => None,
        }
    }

    #[cfg(unix)]
    fn of_file(_path: &Path, known: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self::Inode(known.dev(), known.ino())
    }

    #[cfg(not(unix))]
    fn of_file(path: &Path, _known: &fs::Metadata) -> Self {
        Self::Path(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
    }
}
