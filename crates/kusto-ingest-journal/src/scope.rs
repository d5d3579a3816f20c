//! What all runs of one journal have in common.

use std::collections::BTreeMap;

use kusto_ingest_core::{Error, ErrorKind, Result, redact};
use serde::{Deserialize, Serialize};

/// What all runs of one journal have in common, such as the cluster, the database, the table and the shard.
///
/// It is written into the journal when that is made. A run that says something else is refused: what is done for one
/// table is not done for another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JournalScope(BTreeMap<String, String>);

impl JournalScope {
    /// Nothing in common yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says one thing that is the same in all runs. What is secret in it is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), redact(value));
        self
    }

    /// What was said of this name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All that was said, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Whether a run of this scope may go on with a journal of that one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], which names what differs.
    pub(crate) fn check(&self, of_journal: &Self) -> Result<()> {
        let names = self.0.keys().chain(of_journal.0.keys());
        for name in names {
            let (ours, theirs) = (self.value(name), of_journal.value(name));
            if ours != theirs {
                return Err(
                    Error::new(ErrorKind::InvalidInput, "resume the journal").because(format!(
                        "its {name} is {}, and that of this run is {}: use another journal",
                        theirs.unwrap_or("not given"),
                        ours.unwrap_or("not given"),
                    )),
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_another_scope_is_refused_by_what_differs() {
        let journal = JournalScope::new().with("table", "A").with("shard", "0/3");
        assert!(journal.check(&journal.clone()).is_ok());
        for (run, why) in [
            (
                journal.clone().with("table", "B"),
                "its table is A, and that of this run is B",
            ),
            (
                JournalScope::new().with("table", "A"),
                "its shard is 0/3, and that of this run is not given",
            ),
            (journal.clone().with("cluster", "c"), "its cluster is not given"),
        ] {
            let refused = run.check(&journal).unwrap_err();
            assert!(refused.chain().contains(why), "{refused}");
        }
    }
}
