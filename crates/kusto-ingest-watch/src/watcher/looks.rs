//! When the folder is looked at: now and then, and soon after a hint.

use std::path::PathBuf;
use std::time::Duration;

/// How many times longer than a look the pause behind it is at least, so that a large folder is not looked at all the time.
const REST: u32 = 4;

/// How long after a look began hints lead to another one at the earliest, at most: a storm of changes does not become one of
/// looks.
const CALM: Duration = Duration::from_millis(100);

/// The looks at a folder. All times are on the monotonic side.
#[derive(Debug, Default)]
pub(super) struct Looks {
    is_under_way: bool,
    began: Duration,
    /// How long the last one took.
    took: Duration,
    /// Whether a wait for the next one is set.
    is_due_set: bool,
    /// Whether there was a hint since the last one began.
    is_hinted: bool,
    /// Whether a wait for one that a hint leads to is set.
    is_calm_set: bool,
    /// Files that were renamed in since the last one began.
    renamed: Vec<PathBuf>,
    /// Those that were renamed in before that, and so are there when it ends.
    expected: Vec<PathBuf>,
}

/// When it is looked for what was hinted at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Soon {
    /// Now.
    Now,
    /// After so long, for which somebody is to wait.
    After(Duration),
    /// There is no hint, or its turn comes without anybody's doing.
    Settled,
}

impl Looks {
    /// One begins, unless one is under way.
    pub(super) fn begin(&mut self, now: Duration) -> bool {
        if std::mem::replace(&mut self.is_under_way, true) {
            return false;
        }
        self.began = now;
        self.is_hinted = false;
        self.expected = std::mem::take(&mut self.renamed);
        true
    }

    /// It ended: these files were renamed in before it began.
    pub(super) fn ended(&mut self, now: Duration) -> Vec<PathBuf> {
        self.is_under_way = false;
        self.took = now.saturating_sub(self.began);
        std::mem::take(&mut self.expected)
    }

    /// How long to wait for the next one, where nobody does so yet.
    pub(super) fn due(&mut self, every: Duration) -> Option<Duration> {
        let is_new = !std::mem::replace(&mut self.is_due_set, true);
        is_new.then(|| every.max(self.took * REST))
    }

    /// That wait is over.
    pub(super) fn due_is_over(&mut self) {
        self.is_due_set = false;
    }

    /// Something happened in the folder; perhaps a file was renamed in. Of more files than these nobody is told.
    pub(super) fn hinted(&mut self, renamed: Option<PathBuf>, most: usize) {
        self.is_hinted = true;
        self.renamed.extend(renamed.filter(|_| self.renamed.len() < most));
    }

    /// When to look for what was hinted at.
    pub(super) fn soon(&mut self, now: Duration, every: Duration) -> Soon {
        if !self.is_hinted || self.is_under_way || self.is_calm_set {
            return Soon::Settled;
        }
        let pause = CALM.min(every / 10).max(self.took * (REST + 1));
        match pause.saturating_sub(now.saturating_sub(self.began)) {
            Duration::ZERO => Soon::Now,
            left => {
                self.is_calm_set = true;
                Soon::After(left)
            }
        }
    }

    /// The wait for one that a hint leads to is over.
    pub(super) fn calm_is_over(&mut self) {
        self.is_calm_set = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_file_that_is_renamed_in_while_the_folder_is_looked_at_is_expected_by_the_look_behind_it() {
        let mut looks = Looks::default();
        looks.hinted(Some("before".into()), 2);
        assert!(looks.begin(SECOND) && !looks.begin(SECOND));
        for name in ["while", "another", "one too many"] {
            looks.hinted(Some(name.into()), 2);
        }
        assert_eq!(looks.soon(SECOND, HOUR), Soon::Settled, "it is looked at");
        assert_eq!(looks.ended(SECOND), ["before"].map(PathBuf::from));
        assert_eq!(looks.soon(SECOND, HOUR), Soon::After(CALM));
        assert_eq!(looks.soon(SECOND, HOUR), Soon::Settled, "somebody waits");
        looks.calm_is_over();
        assert_eq!(looks.soon(SECOND + CALM, HOUR), Soon::Now);
        assert!(looks.begin(SECOND + CALM));
        assert_eq!(
            looks.ended(SECOND + CALM),
            ["while", "another"].map(PathBuf::from)
        );
        assert_eq!(looks.soon(HOUR, HOUR), Soon::Settled, "there is no other hint");
    }

    #[test]
    fn the_longer_a_look_takes_the_more_seldom_they_are_whoever_asks_for_them() {
        let mut looks = Looks::default();
        assert!(looks.begin(SECOND));
        looks.ended(SECOND * 3);
        looks.hinted(None, 1);
        assert_eq!(looks.due(SECOND), Some(SECOND * 8));
        assert_eq!(looks.due(SECOND), None, "somebody waits");
        looks.due_is_over();
        assert_eq!(looks.due(HOUR), Some(HOUR));
        assert_eq!(looks.soon(SECOND * 3, SECOND), Soon::After(SECOND * 8));
    }
}
