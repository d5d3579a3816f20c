//! Whose turn it is: what is done to one blob happens in the order in which it was asked for.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// The turns of all blobs that somebody is at just now.
///
/// A turn goes with the work to its blocking thread, and ends with the work: also where nobody waits for it any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<PathBuf, Weak<RwLock<()>>>>>);

impl Turns {
    /// A turn that others of its kind may share: blocks of one blob are staged at the same time.
    pub(super) async fn shared(&self, file: PathBuf) -> OwnedRwLockReadGuard<()> {
        self.of(file).read_owned().await
    }

    /// A turn for oneself.
    pub(super) async fn alone(&self, file: PathBuf) -> OwnedRwLockWriteGuard<()> {
        self.of(file).write_owned().await
    }

    fn of(&self, file: PathBuf) -> Arc<RwLock<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(&file).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(RwLock::new(()));
        turns.insert(file, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn whoever_comes_after_work_that_goes_on_alone_waits_for_its_end() {
        let turns = Turns::default();
        let file = || PathBuf::from("a.csv");
        let dropped_commit = turns.alone(file()).now_or_never().expect("it is the first");
        let clone = turns.clone();
        assert!(
            clone.shared(file()).now_or_never().is_none(),
            "the commit goes on"
        );
        assert!(
            turns.alone("b.csv".into()).now_or_never().is_some(),
            "another blob"
        );
        drop(dropped_commit);
        let block = clone.shared(file()).now_or_never().expect("nobody is at it");
        let other = turns.shared(file()).now_or_never().expect("blocks go together");
        assert!(
            turns.alone(file()).now_or_never().is_none(),
            "blocks are under way"
        );
        drop((block, other));
        assert!(turns.alone(file()).now_or_never().is_some());
        drop(turns.of("c.csv".into()));
        let kept = turns.0.lock().expect("nobody panicked").len();
        assert!(kept <= 1, "turns that are over are forgotten: {kept}");
    }
}
