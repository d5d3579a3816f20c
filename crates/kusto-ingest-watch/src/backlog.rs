//! The files that wait: which are complete, and which is next.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::scan::FoundFile;

/// The files that wait, the oldest first.
#[derive(Debug)]
pub(crate) struct Backlog {
    stable_for: Duration,
    files: HashMap<PathBuf, Waiting>,
    /// Those that may be taken.
    ready: BTreeSet<(SystemTime, PathBuf)>,
}

#[derive(Debug)]
struct Waiting {
    file: FoundFile,
    /// Since when it looks so, on the monotonic side.
    since: Duration,
    /// Before when it is not tried again.
    not_before: Duration,
    failures: u32,
    is_under_way: bool,
}

/// How the work on a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// There is nothing more to do about it.
    Done,
    /// It is not as it was when it was taken: it counts as new.
    Changed,
    /// It is tried again after a pause.
    Again,
}

impl Backlog {
    pub(crate) fn new(stable_for: Duration) -> Self {
        Self {
            stable_for,
            files: HashMap::new(),
            ready: BTreeSet::new(),
        }
    }

    /// Takes in what a look has found at this moment. What it has not found is forgotten.
    pub(crate) fn seen(&mut self, found: Vec<FoundFile>, now: Duration) {
        let mut known = std::mem::take(&mut self.files);
        for file in found {
            let waiting = match known.remove(&file.path) {
                Some(waiting) if waiting.is_under_way || waiting.file.state == file.state => waiting,
                _ => Waiting::new(file, now),
            };
            self.files.insert(waiting.file.path.clone(), waiting);
        }
        // What is under way may have gone from the folder already.
        let under_way = known.into_iter().filter(|(_, waiting)| waiting.is_under_way);
        self.files.extend(under_way);
        self.find_ready(now);
    }

    /// A file was renamed to this path: it is complete, if it is looked at before it changes.
    pub(crate) fn renamed_in(&mut self, path: &Path) {
        if let Some(waiting) = self.files.get_mut(path)
            && !waiting.is_under_way
        {
            self.ready.insert((waiting.file.modified, path.to_owned()));
        }
    }

    /// The oldest file that may be taken. It is under way until it [ended](Self::ended).
    pub(crate) fn next(&mut self) -> Option<FoundFile> {
        let (_, path) = self.ready.pop_first()?;
        let waiting = self.files.get_mut(&path)?;
        waiting.is_under_way = true;
        Some(waiting.file.clone())
    }

    /// The work on a file ended; a pause follows where it is tried again.
    pub(crate) fn ended(
        &mut self,
        path: &Path,
        ended: Ended,
        now: Duration,
        pause: impl Fn(u32) -> Duration,
    ) {
        let Some(waiting) = self.files.get_mut(path) else {
            return;
        };
        match ended {
            Ended::Done | Ended::Changed => {
                self.files.remove(path);
            }
            Ended::Again => {
                waiting.is_under_way = false;
                waiting.failures += 1;
                waiting.not_before = now + pause(waiting.failures);
            }
        }
    }

    /// How many files wait, and how many of these are complete.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.files.len(), self.ready.len())
    }

    /// When the oldest file that waits was changed last.
    pub(crate) fn oldest(&self) -> Option<SystemTime> {
        self.files.values().map(|waiting| waiting.file.modified).min()
    }

    fn find_ready(&mut self, now: Duration) {
        let stable_for = self.stable_for;
        let is_ready = |waiting: &&Waiting| {
            !waiting.is_under_way
                && now.saturating_sub(waiting.since) >= stable_for
                && now >= waiting.not_before
        };
        let ready = self.files.values().filter(is_ready);
        self.ready = ready
            .map(|waiting| (waiting.file.modified, waiting.file.path.clone()))
            .collect();
    }
}

impl Waiting {
    fn new(file: FoundFile, now: Duration) -> Self {
        Self {
            file,
            since: now,
            not_before: Duration::ZERO,
            failures: 0,
            is_under_way: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use kusto_ingest_tokio::FileState;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A file of so many bytes that was changed at a second.
    fn file(name: &str, bytes: usize, changed: u64) -> FoundFile {
        // Each test has a thread of its own.
        let folder = std::env::temp_dir().join(format!(
            "kusto-ingest-watch-backlog-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}-{bytes}"));
        // One that is written again is another state.
        if !path.exists() {
            std::fs::write(&path, vec![b'1'; bytes]).unwrap();
        }
        FoundFile {
            path: PathBuf::from(name),
            below: name.to_owned(),
            state: FileState::of(&std::fs::metadata(path).unwrap()),
            modified: SystemTime::UNIX_EPOCH + SECOND * u32::try_from(changed).unwrap(),
        }
    }

    fn next(backlog: &mut Backlog) -> Option<String> {
        backlog.next().map(|file| file.below)
    }

    #[test]
    fn a_file_is_taken_once_it_has_not_changed_for_long_enough_and_the_oldest_first() {
        let mut backlog = Backlog::new(SECOND * 2);
        let (young, old) = (file("young", 1, 20), file("old", 1, 10));
        backlog.seen(vec![young.clone(), file("grows", 1, 5)], SECOND);
        backlog.seen(vec![young.clone(), old.clone(), file("grows", 2, 6)], SECOND * 2);
        assert_eq!(next(&mut backlog), None);
        backlog.seen(vec![young.clone(), old.clone(), file("grows", 3, 7)], SECOND * 3);
        assert_eq!(
            (next(&mut backlog).as_deref(), next(&mut backlog)),
            (Some("young"), None)
        );
        backlog.seen(vec![young, old, file("grows", 4, 8)], SECOND * 4);
        assert_eq!(
            (next(&mut backlog).as_deref(), next(&mut backlog)),
            (Some("old"), None),
            "one is under way"
        );
    }

    #[test]
    fn a_file_that_was_renamed_in_is_taken_at_once() {
        let mut backlog = Backlog::new(SECOND * 2);
        backlog.seen(vec![file("a", 1, 1)], SECOND);
        backlog.renamed_in(Path::new("a"));
        assert_eq!(
            (next(&mut backlog).as_deref(), next(&mut backlog)),
            (Some("a"), None)
        );
    }

    #[test]
    fn what_failed_waits_what_changed_begins_anew_and_what_is_gone_is_forgotten() {
        let mut backlog = Backlog::new(Duration::ZERO);
        let all = || vec![file("again", 1, 1), file("changed", 1, 2), file("done", 1, 3)];
        backlog.seen(all(), SECOND);
        while backlog.next().is_some() {}
        for (name, ended) in [
            ("again", Ended::Again),
            ("changed", Ended::Changed),
            ("done", Ended::Done),
        ] {
            backlog.ended(Path::new(name), ended, SECOND, |failures| SECOND * failures);
        }
        assert_eq!(backlog.counts(), (1, 0));
        backlog.seen(vec![file("again", 1, 1)], SECOND + SECOND / 2);
        assert_eq!(next(&mut backlog), None, "it waits for a second");
        backlog.seen(vec![file("again", 1, 1)], SECOND * 2);
        assert_eq!(next(&mut backlog).as_deref(), Some("again"));
        backlog.ended(Path::new("again"), Ended::Again, SECOND * 2, |failures| {
            SECOND * failures
        });
        backlog.seen(Vec::new(), SECOND * 3);
        assert_eq!(backlog.counts(), (0, 0));
    }
}
