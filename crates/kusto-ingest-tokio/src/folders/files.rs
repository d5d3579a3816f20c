//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::BlockId;
use uuid::Uuid;

use super::place::Place;

/// How long what waits may be left alone before it is taken for abandoned: a week, as in Azure Storage.
const ABANDONED_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Writes a whole blob.
pub(super) fn put(place: &Place, body: &[u8]) -> Result<()> {
    let unfinished = Unfinished::begin(place)?;
    unfinished.write(|file| file.write_all(body))?;
    unfinished.finish(place, &place.file(), Fate::Lasting)
}

/// Writes a block, and lets it wait.
pub(super) fn stage(place: &Place, block: BlockId, body: &[u8]) -> Result<()> {
    let is_first = !place.blocks().is_dir();
    let unfinished = Unfinished::begin(place)?;
    unfinished.write(|file| file.write_all(body))?;
    unfinished.finish(place, &place.block(block), Fate::Passing)?;
    if is_first {
        // Whoever comes later meets them again, where this fails.
        drop(sweep(place));
    }
    Ok(())
}

/// Removes what other uploads have left and not touched for so long. Its age is told by the file system's own clock.
fn sweep(place: &Place) -> io::Result<()> {
    let now = fs::metadata(place.blocks())?.modified()?;
    for folder in place.waiting() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let touched = entry.metadata()?.modified()?;
            if now.duration_since(touched).is_ok_and(|age| age > ABANDONED_AFTER) {
                match entry.file_type()?.is_dir() {
                    true => fs::remove_dir_all(entry.path())?,
                    false => fs::remove_file(entry.path())?,
                }
            }
        }
    }
    Ok(())
}

/// Joins blocks to a blob. Where that was done before, the blocks are gone and the blob is there.
pub(super) fn join(place: &Place, blocks: &[BlockId], is_repeated: bool) -> Result<()> {
    let paths: Vec<PathBuf> = blocks.iter().map(|block| place.block(*block)).collect();
    if let Some(missing) = paths.iter().position(|path| !path.is_file()) {
        return match is_repeated && place.file().is_file() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Rejected, "join the blocks")
                .because("one was not staged")
                .with_code("InvalidBlockList")
                .with("block", missing)),
        };
    }
    let unfinished = Unfinished::begin(place)?;
    // They are there; it is about links that lead to those of somebody else.
    place
        .make(&place.blocks())
        .map_err(|error| failed("find the blocks", error))?;
    unfinished.write(|file| {
        paths
            .iter()
            .try_for_each(|path| io::copy(&mut File::open(path)?, file).map(drop))
    })?;
    unfinished.finish(place, &place.file(), Fate::Lasting)?;
    // The blob is there; blocks that stay only take room. Others than these may be of another upload.
    paths.iter().for_each(|path| drop(fs::remove_file(path)));
    drop(fs::remove_dir(place.blocks()));
    Ok(())
}

/// The length of a blob, if there is one.
pub(super) fn length(place: &Place) -> Result<Option<u64>> {
    let attempt = "look at the file";
    place.check_root().map_err(|error| failed(attempt, error))?;
    match fs::symlink_metadata(place.file()) {
        _ if place.leads_elsewhere() => Ok(None),
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

/// Whether a file is to outlast the machine's next breath.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lasting,
    Passing,
}

/// A file on its way, under a name that nobody looks for; gone if it does not get there.
struct Unfinished(PathBuf);

impl Unfinished {
    fn begin(place: &Place) -> Result<Self> {
        let folder = place.unfinished();
        let made = place.check_root().and_then(|()| place.make(&folder));
        made.map_err(|error| failed("make room in the folder", error))?;
        Ok(Self(folder.join(Uuid::new_v4().to_string())))
    }

    fn write(&self, content: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
        let written = File::create_new(&self.0).and_then(|mut file| content(&mut file));
        written.map_err(|error| failed("write the file", error))
    }

    /// Gives it its name, where it replaces what had it before.
    fn finish(&self, place: &Place, target: &Path, fate: Fate) -> Result<()> {
        let folder = target.parent().unwrap_or(target);
        let finished = (|| {
            place.make(folder)?;
            if fate == Fate::Lasting {
                File::options().write(true).open(&self.0)?.sync_all()?;
            }
            fs::rename(&self.0, target)?;
            if fate == Fate::Lasting {
                sync_folder(folder)?;
            }
            Ok(())
        })();
        finished.map_err(|error| failed("finish the file", error))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It has its name already, or is not wanted any more.
        drop(fs::remove_file(&self.0));
    }
}

/// Brings the name of a file to the disk; elsewhere than on Unix, folders cannot be opened for that.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
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
