//! Where the file of a blob is, and where its blocks wait: always within the lent folder.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::{BlobName, BlockId, ResourceUri};

/// The folder for what is not a blob yet, within the lent one.
const WAITING: &str = ".kusto-ingest";
/// How many bytes file systems take for the name of a file or a folder.
const LONGEST_NAME: usize = 255;

/// Where the file of a blob is, and where its blocks wait.
#[derive(Debug)]
pub(super) struct Place {
    root: PathBuf,
    /// The steps from the root to the file; none of them leads back or elsewhere by its name.
    steps: Vec<String>,
}

impl Place {
    /// The place of a blob in a folder.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when it is no folder that this machine knows; [`ErrorKind::InvalidInput`] when the name
    /// is none for a file within it.
    pub(super) fn of(folder: &ResourceUri, name: &BlobName) -> Result<Self> {
        let refuse = |kind, reason| {
            Err(Error::new(kind, "find the blob's place")
                .because(reason)
                .with("folder", folder)
                .with("name", name))
        };
        let root = match folder.expose().to_file_path() {
            Ok(root) if folder.is_folder() => root,
            _ => return refuse(ErrorKind::Unsupported, "it is no folder that this machine knows"),
        };
        let steps: Vec<String> = name.as_str().split('/').map(str::to_owned).collect();
        if !steps.iter().all(|step| is_plain(step)) || steps[0] == WAITING {
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

    /// The folder where the blocks of the blob wait: one for each name.
    pub(super) fn blocks(&self) -> PathBuf {
        let name = self.steps.join("/").replace('%', "%25").replace('/', "%2F");
        self.all_blocks().join(short(name))
    }

    /// The folders for what is not a blob yet, of all names.
    pub(super) fn waiting(&self) -> [PathBuf; 2] {
        [self.all_blocks(), self.unfinished()]
    }

    fn all_blocks(&self) -> PathBuf {
        self.root.join(WAITING).join("blocks")
    }

    /// Where one of them waits.
    pub(super) fn block(&self, id: BlockId) -> PathBuf {
        self.blocks().join(id.name())
    }

    /// The folder for files that are being written.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.root.join(WAITING).join("unfinished")
    }

    /// Whether the lent folder is there at all.
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

    /// Makes a folder within the lent one, and all on the way to it. A symbolic link on the way is refused: it may lead
    /// anywhere.
    pub(super) fn make(&self, folder: &Path) -> io::Result<()> {
        let mut at = self.root.clone();
        let within = folder.strip_prefix(&self.root).map_err(io::Error::other)?;
        for step in within.components() {
            at.push(step);
            match fs::create_dir(&at) {
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

/// A name that a file system takes, and a different one for each: a fingerprint (FNV-1a) stands for what is too long. No
/// other name has a `~` after its `%`.
fn short(escaped: String) -> String {
    if escaped.len() <= LONGEST_NAME {
        return escaped;
    }
    format!("%~{:032x}", fingerprint(&escaped))
}

fn fingerprint(text: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + 0x13b;
    text.bytes().fold(BASIS, |print, byte| {
        (print ^ u128::from(byte)).wrapping_mul(PRIME)
    })
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
    use std::collections::HashSet;

    use super::*;

    fn place(name: &str) -> Result<Place> {
        let folder = ResourceUri::parse("file:///mnt/my%20staging").unwrap();
        Place::of(&folder, &BlobName::parse(name).unwrap())
    }

    #[test]
    fn files_and_blocks_are_within_the_folder_and_apart() {
        let place = place("a/b %.csv").unwrap();
        assert_eq!(place.file(), Path::new("/mnt/my staging/a/b %.csv"));
        assert_eq!(
            place.block(BlockId::new(7)),
            Path::new("/mnt/my staging/.kusto-ingest/blocks/a%2Fb %25.csv/0000000007")
        );
    }

    #[test]
    fn blocks_of_a_long_name_wait_in_a_folder_of_a_short_one() {
        let blocks = |name: &str| place(name).unwrap().blocks();
        assert!(blocks(&"x".repeat(255)).ends_with("x".repeat(255)), "as it is");
        let long = [
            "%".repeat(255),
            format!("{}/b", "a".repeat(254)),
            format!("{}/c", "a".repeat(254)),
        ];
        let folders: HashSet<PathBuf> = long.iter().map(|name| blocks(name)).collect();
        assert_eq!(folders.len(), long.len());
        for folder in folders {
            let name = folder.file_name().unwrap().to_str().unwrap();
            assert!(name.starts_with("%~") && name.len() == 34, "{name}");
        }
        // The published value for "foobar".
        assert_eq!(fingerprint("foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
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
            ".kusto-ingest/unfinished/x",
        ] {
            let error = place(name).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn what_is_no_folder_here_is_told() {
        let name = BlobName::parse("a.csv").unwrap();
        for elsewhere in [r"\\server\share", "https://a.blob.core.windows.net/c?sig=SECRET"] {
            let folder = ResourceUri::parse(elsewhere).unwrap();
            let error = Place::of(&folder, &name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(!format!("{error:?}").contains("SECRET"));
        }
    }
}
