//! The state of a file, by which a change is noticed.

use std::fs::Metadata;
use std::time::SystemTime;

/// What a file looked like at one moment: its length, the time of its last change, and which file it is.
///
/// Two states that are equal are taken for the same content. A program can defeat that only by setting the time of the
/// change back, or by changes that are closer together than the file system's clock ticks (a few milliseconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState {
    bytes: u64,
    /// Not every file system knows.
    modified: Option<SystemTime>,
    identity: Identity,
}

/// Which file it is, whatever it is called: its device and its number there.
#[cfg(unix)]
type Identity = (u64, u64);
/// Which file it is, as far as the standard library tells: when it was made.
#[cfg(not(unix))]
type Identity = Option<SystemTime>;

impl FileState {
    /// The state that this metadata tells of.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            identity: identity(metadata),
        }
    }

    /// How many bytes the file had.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// When it was changed last, where the file system knows.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> Identity {
    metadata.created().ok()
}
