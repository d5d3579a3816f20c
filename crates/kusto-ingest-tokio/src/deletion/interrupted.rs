//! What is left of deletions that were broken off.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kusto_ingest_core::{Error, ErrorKind, Result};

use super::claimed::PREFIX;
use crate::runtime;

const LOOK: &str = "look for deletions that were broken off";

/// Tells what runs that were stopped in the middle of a deletion have left in the folders of these files: an error for
/// each file that is still under the name it had for that moment.
///
/// Such a file was ingested by the run that was stopped, unless something was put in its place in the same moment.
/// Nobody deletes it by himself. Each folder is read once, to its end. Folders that cannot be read have nothing to
/// tell.
///
/// # Errors
/// [`ErrorKind::Unsupported`] outside of a tokio runtime.
pub async fn interrupted_deletions<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Result<Vec<Error>> {
    let parent = |file: P| Some(file.as_ref().parent()?.to_owned());
    let folders: BTreeSet<PathBuf> = files.into_iter().filter_map(parent).collect();
    runtime::blocking(LOOK, move || {
        folders.iter().flat_map(|folder| left_in(folder)).collect()
    })
    .await
}

fn left_in(folder: &Path) -> Vec<Error> {
    let readable = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let entries = fs::read_dir(readable).into_iter().flatten().flatten();
    let mut left: Vec<PathBuf> = entries
        .filter(|entry| {
            entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(PREFIX.as_bytes())
        })
        .map(|entry| folder.join(entry.file_name()))
        // A deletion that is under way just now is over before anybody has read that it was.
        .filter(|path| path.symlink_metadata().is_ok())
        .collect();
    left.sort();
    left.iter().map(|path| interrupted(path)).collect()
}

fn interrupted(path: &Path) -> Error {
    Error::new(ErrorKind::Other, "finish the deletion of an ingested file")
        .because(
            "an earlier run was stopped in the middle of it: delete the file, or give it its name back if it is not \
             what was ingested",
        )
        .with("now at", path.display())
}
