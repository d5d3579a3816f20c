//! Whether the same file is named twice.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use kusto_ingest_core::Result;

use crate::runtime;

/// The place of the first path that leads to the same file as one before it.
///
/// Paths are the same file when they lead to the same place: relative or absolute, by steps back, or by symbolic links.
/// Where that cannot be found out, as of a file that is missing, the paths themselves are compared. Several hard links
/// to one file are several files.
///
/// # Errors
/// [`ErrorKind::Unsupported`](kusto_ingest_core::ErrorKind::Unsupported) outside of a tokio runtime.
pub async fn find_duplicate<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Option<usize>> {
    let paths: Vec<PathBuf> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
    if paths.len() < 2 {
        return Ok(None);
    }
    runtime::blocking("look for the files", || {
        let mut known = HashSet::new();
        let mut places = paths.into_iter().map(|path| path.canonicalize().unwrap_or(path));
        places.position(|place| !known.insert(place))
    })
    .await
}
