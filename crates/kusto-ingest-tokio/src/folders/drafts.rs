//! The blobs that somebody is at: what is done to one of them happens in the order in which it was asked for.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::draft::Draft;

/// How many blobs are known whose blocks wait, or whose commit may be repeated. Of more the oldest are forgotten.
const KNOWN: usize = 1024;

/// The drafts of blobs, each for one at a time.
///
/// A turn goes with the work to its blocking thread and ends with the work: also where nobody waits for it any more.
#[derive(Clone, Default)]
pub(super) struct Drafts(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    drafts: HashMap<PathBuf, Entry>,
    /// Counts the turns, so that the oldest can be told.
    turns: u64,
}

struct Entry {
    draft: Arc<AsyncMutex<Draft>>,
    turn: u64,
}

impl Drafts {
    /// A turn at the draft of a file.
    pub(super) async fn turn(&self, file: PathBuf) -> OwnedMutexGuard<Draft> {
        let draft = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.find(file)
        };
        draft.lock_owned().await
    }
}

impl Known {
    fn find(&mut self, file: PathBuf) -> Arc<AsyncMutex<Draft>> {
        self.drafts.retain(|_, entry| !entry.is_blank());
        if self.drafts.len() >= KNOWN && !self.drafts.contains_key(&file) {
            self.forget_oldest();
        }
        self.turns += 1;
        let entry = self.drafts.entry(file).or_insert_with(|| Entry {
            draft: Arc::default(),
            turn: 0,
        });
        entry.turn = self.turns;
        Arc::clone(&entry.draft)
    }

    fn forget_oldest(&mut self) {
        let idle = self.drafts.iter().filter(|(_, entry)| entry.is_idle());
        let oldest = idle
            .min_by_key(|(_, entry)| entry.turn)
            .map(|(file, _)| file.clone());
        if let Some(oldest) = oldest {
            // A file that it leaves is swept away in a week.
            self.drafts.remove(&oldest);
        }
    }
}

impl Entry {
    /// Whether nobody is at it, or waits for a turn.
    fn is_idle(&self) -> bool {
        Arc::strong_count(&self.draft) == 1
    }

    fn is_blank(&self) -> bool {
        self.is_idle()
            && self
                .draft
                .try_lock()
                .is_ok_and(|draft| matches!(*draft, Draft::Blank))
    }
}

impl fmt::Debug for Drafts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drafts").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use kusto_storage::BlockId;

    use super::*;

    impl Drafts {
        fn known(&self) -> usize {
            self.0.lock().unwrap().drafts.len()
        }
    }

    #[test]
    fn whoever_comes_after_work_that_goes_on_alone_waits_for_its_end() {
        let drafts = Drafts::default();
        let turn = |drafts: &Drafts, file: &str| drafts.turn(file.into()).now_or_never();
        let under_way = turn(&drafts, "a.csv").expect("it is the first");
        let clone = drafts.clone();
        assert!(turn(&clone, "a.csv").is_none(), "the commit goes on");
        assert!(turn(&drafts, "b.csv").is_some(), "another blob");
        drop(under_way);
        assert!(turn(&clone, "a.csv").is_some());
        drop(turn(&drafts, "c.csv"));
        assert_eq!(
            drafts.known(),
            1,
            "those of which there is nothing to know are forgotten"
        );
    }

    #[test]
    fn so_many_are_known_and_of_more_the_oldest_are_forgotten_that_nobody_is_at() {
        let drafts = Drafts::default();
        let commit = |number: usize| {
            let mut draft = drafts.turn(number.to_string().into()).now_or_never().unwrap();
            *draft = Draft::Committed(vec![BlockId::new(0)]);
            draft
        };
        let under_way = commit(0);
        (1..KNOWN + 3).for_each(|number| drop(commit(number)));
        assert_eq!(drafts.known(), KNOWN);
        drop(under_way);
        let is_known = |number: usize| {
            let draft = drafts.turn(number.to_string().into()).now_or_never().unwrap();
            matches!(*draft, Draft::Committed(_))
        };
        assert!(
            is_known(4) && is_known(0) && is_known(KNOWN + 2),
            "asking for one makes none forget"
        );
        assert!(!is_known(1) && !is_known(2) && !is_known(3));
    }
}
