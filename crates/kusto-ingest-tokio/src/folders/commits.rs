//! What was made of which blocks, so that a commit may be repeated though its blocks are gone.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kusto_storage::BlockId;

/// How many commits are remembered.
const REMEMBERED: usize = 16;

/// The last commits.
#[derive(Clone, Debug, Default)]
pub(super) struct Commits(Arc<Mutex<VecDeque<Commit>>>);

/// What was made of which blocks. These are gone by then.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) file: PathBuf,
    pub(super) blocks: Vec<BlockId>,
}

impl Commits {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Commit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it was made before, and nothing of its blob has changed since.
    pub(super) fn include(&self, commit: &Commit) -> bool {
        self.lock().contains(commit)
    }

    pub(super) fn remember(&self, commit: Commit) {
        let mut commits = self.lock();
        commits.retain(|other| other.file != commit.file);
        commits.push_back(commit);
        if commits.len() > REMEMBERED {
            commits.pop_front();
        }
    }

    /// Forgets the commit of a file: its blocks, or the file itself, are about to be others.
    pub(super) fn forget(&self, file: &Path) {
        self.lock().retain(|other| other.file != file);
    }
}
