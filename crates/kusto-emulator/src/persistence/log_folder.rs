//! The folder that one emulator at a time keeps its log in.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use kusto_ingest_core::{Error, ErrorKind, Result};
use uuid::Uuid;

use super::frame::{Content, Pieces};
use super::log_file::{self, End, LogFile};

/// The log.
const LOG: &str = "emulator.log";

/// A log that is being written, in the place of the other one as soon as all of it is there.
const NEW_LOG: &str = "emulator.log.new";

/// Held by the process that has the folder, and free when it is no more, however it ended.
const LOCK: &str = "emulator.lock";

/// A folder that this process alone has.
pub(super) struct LogFolder {
    path: PathBuf,
    _lock: File,
}

impl LogFolder {
    /// Makes the folder where it is not there, for its owner alone, and locks it. A folder that is there keeps the access that
    /// it has; files are their owner's alone in either: the log has SAS tokens.
    pub(super) fn lock(path: &Path) -> Result<Self> {
        let unusable = |error: io::Error| refuse(path, "it cannot be written into").caused_by(error);
        if !path.is_dir() {
            make_folder(path).map_err(unusable)?;
        }
        let lock = lock_file(&path.join(LOCK)).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => refuse(path, "another emulator has it"),
            _ => unusable(error),
        })?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Reads the log, if there is one.
    pub(super) fn read(&self, each: impl FnMut(Content) -> Result<()>) -> Result<bool> {
        let unreadable = |error: io::Error| refuse(&self.path, "its log cannot be read").caused_by(error);
        let file = match File::open(self.path.join(LOG)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened.map_err(unreadable)?,
        };
        let foreign = "its log is of another version, or none: another folder is needed";
        match log_file::read(&file, each).map_err(unreadable)? {
            Err(error) => Err(refuse(&self.path, foreign).caused_by(error)),
            Ok(End::Foreign) => Err(refuse(&self.path, foreign)),
            Ok(End::Damaged(at)) => Err(refuse(
                &self.path,
                "its log is damaged: bytes changed that had been written",
            )
            .with("at", at)),
            Ok(End::Torn(bytes)) => {
                if bytes > 0 {
                    tracing::info!(bytes, "the log ends in the middle of what was never acknowledged");
                }
                Ok(true)
            }
        }
    }

    /// Begins a log in the place of the one that is there.
    pub(super) fn begin(&self, records: impl Iterator<Item = io::Result<Pieces>>) -> io::Result<LogFile> {
        let new = self.path.join(NEW_LOG);
        let file = private(OpenOptions::new().create(true).truncate(true).write(true)).open(&new)?;
        let (_, salt) = Uuid::new_v4().as_u64_pair();
        #[expect(clippy::cast_possible_truncation, reason = "any half of it is random")]
        let log = LogFile::begin(file, salt as u32, records)?;
        std::fs::rename(&new, self.path.join(LOG))?;
        sync_folder(&self.path)?;
        Ok(log)
    }
}

fn refuse(path: &Path, why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, "keep the emulator's data")
        .because(why)
        .with("folder", path.display())
}

#[cfg(unix)]
fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// # Errors
/// [`WouldBlock`](io::ErrorKind::WouldBlock) where another process has it.
#[cfg(unix)]
fn lock_file(path: &Path) -> io::Result<File> {
    use rustix::fs::{FlockOperation, flock};

    let file = private(OpenOptions::new().create(true).truncate(false).write(true)).open(path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

#[cfg(windows)]
fn lock_file(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;

    const SHARING_VIOLATION: i32 = 32;
    let opened = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .share_mode(0)
        .open(path);
    opened.map_err(|error| match error.raw_os_error() {
        Some(SHARING_VIOLATION) => io::ErrorKind::WouldBlock.into(),
        _ => error,
    })
}

#[cfg(not(any(unix, windows)))]
fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

/// A name is on the disk only with its folder.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
