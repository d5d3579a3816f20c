//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result};
use uuid::Uuid;

use super::blob_path::{BlobPath, sync_folder};

/// How long what is not finished may be left alone before it is taken for abandoned: a week, as in Azure Storage.
const ABANDONED_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Begins a file under a name that nobody looks for.
pub(super) fn begin(blob: &BlobPath) -> Result<PathBuf> {
    let folder = blob.unfinished();
    let path = folder.join(Uuid::new_v4().to_string());
    let made = blob
        .check_root()
        .and_then(|()| blob.make(&folder))
        .and_then(|()| File::create_new(&path));
    made.map_err(|error| failed("make room in the folder", error))?;
    Ok(path)
}

/// Removes what other uploads have left and not touched for so long. Its age is told by the file system's own clock, by
/// the file that was begun last.
pub(super) fn sweep(blob: &BlobPath, newest: &Path) -> io::Result<()> {
    let now = fs::metadata(newest)?.modified()?;
    for entry in fs::read_dir(blob.unfinished())? {
        let entry = entry?;
        let touched = entry.metadata()?.modified()?;
        if now.duration_since(touched).is_ok_and(|age| age > ABANDONED_AFTER) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes to a file that was begun.
pub(super) fn write(path: &Path, content: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
    let opened = File::options().read(true).write(true).open(path);
    let written = opened.and_then(|mut file| content(&mut file));
    written.map_err(|error| failed("write the file", error))
}

/// Brings a file to the disk and gives it the name of the blob, where it replaces what had that before.
pub(super) fn rename(path: &Path, blob: &BlobPath) -> Result<()> {
    let renamed = (|| {
        File::options().write(true).open(path)?.sync_all()?;
        let target = blob.file();
        blob.make(target.parent().unwrap_or(&target))?;
        fs::rename(path, &target)
    })();
    renamed.map_err(|error| failed("finish the file", error))
}

/// Brings the name of the blob to the disk.
pub(super) fn sync_name(blob: &BlobPath) -> Result<()> {
    let target = blob.file();
    let synced = sync_folder(target.parent().unwrap_or(&target));
    synced.map_err(|error| failed("finish the file", error))
}

/// Removes a file that is not wanted any more. One that cannot be removed only takes room, for a week.
pub(super) fn discard(path: &Path) {
    drop(fs::remove_file(path));
}

/// The length of a blob, if there is one.
pub(super) fn length(blob: &BlobPath) -> Result<Option<u64>> {
    let attempt = "look at the file";
    blob.check_root().map_err(|error| failed(attempt, error))?;
    match fs::symlink_metadata(blob.file()) {
        _ if blob.leads_elsewhere() => Ok(None),
        Ok(found) => Ok(found.is_file().then_some(found.len())),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(failed(attempt, error)),
    }
}

fn failed(attempt: &'static str, error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ErrorKind::NotFound,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Forbidden,
        io::ErrorKind::IsADirectory | io::ErrorKind::DirectoryNotEmpty => ErrorKind::AlreadyExists,
        io::ErrorKind::InvalidFilename => ErrorKind::InvalidInput,
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, attempt).caused_by(error)
}
