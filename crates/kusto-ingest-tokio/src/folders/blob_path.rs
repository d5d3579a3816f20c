//! Where the file of a blob is: always within the issued folder.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::{BlobName, ResourceUri};

/// The folder for what is not a blob yet, within the issued one.
const UNFINISHED: &str = ".kusto-ingest";

/// The path of a blob's file within the issued folder.
#[derive(Clone, Debug)]
pub(super) struct BlobPath {
    root: PathBuf,
    /// The steps from the root to the file; none of them leads back or elsewhere by its name.
    steps: Vec<String>,
}

impl BlobPath {
    /// The path of a blob in a folder.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when it is no folder that this machine knows; [`ErrorKind::InvalidInput`] when the name
    /// is none for a file within it.
    pub(super) fn of(folder: &ResourceUri, name: &BlobName) -> Result<Self> {
        let refuse = |kind, reason| {
            Err(Error::new(kind, "find the blob's path")
                .because(reason)
                .with("folder", folder)
                .with("name", name))
        };
        let root = match folder.expose().to_file_path() {
            Ok(root) if folder.is_folder() => root,
            _ => return refuse(ErrorKind::Unsupported, "it is no folder that this machine knows"),
        };
        let steps: Vec<String> = name.as_str().split('/').map(str::to_owned).collect();
        if !steps.iter().all(|step| is_plain(step)) || steps[0] == UNFINISHED {
            return refuse(ErrorKind::InvalidInput, "the name is none for a file in a folder");
        }
        Ok(Self { root, steps })
    }

    /// The file of the blob.
    pub(super) fn file(&self) -> PathBuf {
        self.steps
            .iter()
            .fold(self.root.clone(), |path, step| path.join(step))
    }

    /// The folder for files that are not finished.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.root.join(UNFINISHED)
    }

    /// Whether the issued folder is there at all.
    pub(super) fn check_root(&self) -> io::Result<()> {
        if fs::metadata(&self.root)?.is_dir() {
            return Ok(());
        }
        Err(io::ErrorKind::NotADirectory.into())
    }

    /// Whether a symbolic link stands on the way to the file.
    pub(super) fn leads_elsewhere(&self) -> bool {
        let (mut at, way) = (self.root.clone(), &self.steps[..self.steps.len() - 1]);
        way.iter().any(|step| {
            at.push(step);
            at.is_symlink()
        })
    }

    /// Makes a folder within the issued one, and all on the way to it, lastingly. A symbolic link on the way is refused:
    /// it may lead anywhere.
    pub(super) fn make(&self, folder: &Path) -> io::Result<()> {
        let mut at = self.root.clone();
        let within = folder.strip_prefix(&self.root).map_err(io::Error::other)?;
        for step in within.components() {
            let above = at.clone();
            at.push(step);
            match fs::create_dir(&at) {
                Ok(()) => sync_folder(&above)?,
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ if fs::symlink_metadata(&at)?.is_symlink() => {
                    return Err(io::Error::new(
                        io::ErrorKind::PermissionDenied,
                        "a symbolic link is in the way",
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Brings the names in a folder to the disk; elsewhere than on Unix, folders cannot be opened for that.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

/// Whether a part of a name is a name of its own, on every system.
fn is_plain(step: &str) -> bool {
    let mut parts = Path::new(step).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == step)
        && !step.contains('\\')
        && !(cfg!(windows) && step.contains(':'))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn path(name: &str) -> Result<BlobPath> {
        let folder = ResourceUri::parse("file:///mnt/my%20staging").unwrap();
        BlobPath::of(&folder, &BlobName::parse(name).unwrap())
    }

    #[test]
    fn the_file_of_a_blob_is_within_the_folder_and_apart_from_what_is_not_finished() {
        let path = path("a/b %.csv").unwrap();
        assert_eq!(path.file(), Path::new("/mnt/my staging/a/b %.csv"));
        assert_eq!(path.unfinished(), Path::new("/mnt/my staging/.kusto-ingest"));
    }

    #[test]
    fn a_name_never_leads_out_of_the_folder() {
        for name in [
            "..",
            ".",
            "../a",
            "a/../../b",
            "/etc/passwd",
            "a//b",
            "a/",
            "a/.",
            r"a\..\b",
            ".kusto-ingest/x",
        ] {
            let error = path(name).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn what_is_no_folder_here_is_told() {
        let name = BlobName::parse("a.csv").unwrap();
        for elsewhere in [r"\\server\share", "https://a.blob.core.windows.net/c?sig=SECRET"] {
            let folder = ResourceUri::parse(elsewhere).unwrap();
            let error = BlobPath::of(&folder, &name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(!format!("{error:?}").contains("SECRET"));
        }
    }
}
