//! How a folder is watched.

use std::path::PathBuf;
use std::time::Duration;

/// What becomes of a file once it is accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnDone {
    /// It stays where it is. The journal remembers it for as long as it is there.
    #[default]
    Keep,
    /// It is deleted, unless it has changed meanwhile.
    Delete,
    /// It is moved into this folder, under the path that it had. The folder is on the same file system.
    MoveTo(PathBuf),
}

/// How a folder is watched.
#[derive(Clone, Debug)]
pub struct WatchOptions {
    pub(crate) stable_for: Duration,
    pub(crate) look_every: Duration,
    pub(crate) concurrency: usize,
    pub(crate) backlog: usize,
    pub(crate) on_done: OnDone,
    pub(crate) failed: PathBuf,
    pub(crate) left_out: Vec<PathBuf>,
    pub(crate) first_pause: Duration,
    pub(crate) longest_pause: Duration,
}

impl WatchOptions {
    /// Files that fail for good are moved into this folder, each with a file `….reason.json` that says why. The folder is on
    /// the file system of the folder that is watched.
    #[must_use]
    pub fn new(failed: impl Into<PathBuf>) -> Self {
        Self {
            stable_for: Duration::from_secs(2),
            look_every: Duration::from_secs(1),
            concurrency: 8,
            backlog: 10_000,
            on_done: OnDone::Keep,
            failed: failed.into(),
            left_out: Vec::new(),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(300),
        }
    }

    /// What becomes of a file once it is accepted: by default it is kept.
    #[must_use]
    pub fn with_on_done(self, on_done: OnDone) -> Self {
        Self { on_done, ..self }
    }

    /// For how long the size and the time of a file must not change until it counts as complete: 2 s by default. One that the
    /// system told was [renamed in](crate::Hint::RenamedIn) is complete at once.
    #[must_use]
    pub fn with_stable_for(self, time: Duration) -> Self {
        Self {
            stable_for: time,
            ..self
        }
    }

    /// How often the folder is looked at: every second by default, and more seldom where a look takes long.
    #[must_use]
    pub fn with_look_every(self, time: Duration) -> Self {
        Self {
            look_every: time,
            ..self
        }
    }

    /// How many files are ingested at a time: 8 by default, and one while the service does not take them.
    #[must_use]
    pub fn with_concurrency(self, files: usize) -> Self {
        Self {
            concurrency: files.max(1),
            ..self
        }
    }

    /// How many files that wait are held in memory at most, the oldest ones: 10,000 by default. The others wait in the
    /// folder.
    #[must_use]
    pub fn with_backlog(self, files: usize) -> Self {
        Self {
            backlog: files.max(1),
            ..self
        }
    }

    /// Files and folders that are left alone, wherever they are below the folder that is watched: such as the journal, a log,
    /// or a file of targets. None by default.
    #[must_use]
    pub fn with_left_out(self, paths: Vec<PathBuf>) -> Self {
        Self {
            left_out: paths,
            ..self
        }
    }

    /// How long to pause after a transient failure: at first, and at most, doubling in between. By default 1 s and 5 min.
    #[must_use]
    pub fn with_pauses(self, first: Duration, longest: Duration) -> Self {
        Self {
            first_pause: first,
            longest_pause: longest,
            ..self
        }
    }
}
