//! The file of a journal: for one process at a time, and for its user alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::record::LONGEST;

/// Opens a file, or creates it, and locks it until it is closed.
///
/// # Errors
/// [`ErrorKind::InvalidInput`]: another process has it, it is no file, or it cannot be opened.
pub(crate) fn open(path: &Path) -> Result<File> {
    loop {
        let file = options()
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| refused(path, &error))?;
        if !file.metadata().map_err(|error| refused(path, &error))?.is_file() {
            return Err(refused(path, &io::Error::other("it is no file")));
        }
        lock(&file).map_err(|error| refused(path, &error))?;
        // The file may have been replaced between the two.
        if is_still_at(&file, path) {
            for_its_user_alone(&file).map_err(|error| refused(path, &error))?;
            return Ok(file);
        }
    }
}

/// Creates a file, locked as [`open`] does. What an earlier process has left there goes, and no link is followed.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = options().create_new(true).open(path)?;
    lock(&file)?;
    for_its_user_alone(&file)?;
    Ok(file)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // Windows shortens no file that is only appended to.
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        // Others may read it, and it may be replaced while it is open. That nobody else writes it is the lock.
        const FILE_SHARE_READ: u32 = 1;
        const FILE_SHARE_DELETE: u32 = 4;
        options.share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE);
    }
    options
}

#[cfg(unix)]
fn lock(file: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    flock(file, FlockOperation::NonBlockingLockExclusive).map_err(|error| match io::Error::from(error) {
        error if error.kind() == io::ErrorKind::WouldBlock => io::Error::other("another process uses it"),
        error => error,
    })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
fn lock(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(here), Ok(there)) = (file.metadata(), std::fs::metadata(path)) else {
        return false;
    };
    (here.dev(), here.ino()) == (there.dev(), there.ino())
}

#[cfg(not(unix))]
fn is_still_at(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(unix)]
fn for_its_user_alone(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
fn for_its_user_alone(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Has the names of a folder written to the disk, where the system has such a call.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match cfg!(unix) {
        true => File::open(folder.unwrap_or(Path::new(".")))?.sync_all(),
        false => Ok(()),
    }
}

/// Writes at a place, wherever was read last.
pub(crate) fn write_at(mut file: &File, offset: u64, text: &str) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(text.as_bytes())
}

/// The JSON of the line that stands at a place.
pub(crate) fn json_at(mut file: &File, offset: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut line = Vec::new();
    let mut part = [0; 2048];
    while line.len() < LONGEST {
        let read = file.read(&mut part)?;
        let end = part[..read].iter().position(|byte| *byte == b'\n');
        line.extend_from_slice(&part[..end.unwrap_or(read)]);
        if end.is_some() || read == 0 {
            break;
        }
    }
    // The checksum stands before it.
    Ok(line.split_off(line.len().min(9)))
}

/// That a file cannot be used, and why.
pub(crate) fn refused(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, "open the journal")
        .with("journal", path.display())
        .because(error.to_string())
}
