//! How far a source is, by what a journal knows.

use kusto_ingest_core::Timestamp;

use crate::JournalSource;

/// How far a source is, by what a journal knows, and so what a run that resumes does about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceProgress {
    /// Nothing of it was sent, or nothing of it arrived: it is to be sent.
    Unsent,
    /// It was sent, and nobody knows whether it arrived. Sent again, its rows may be there twice.
    Unknown,
    /// It was accepted, or there was nothing in it.
    Done,
    /// It is done or unknown, and looks otherwise now: the length or the time of its last change differ.
    Changed {
        /// Its length when it was sent, in bytes.
        bytes: Option<u64>,
        /// When it had been changed last, by then.
        modified: Option<Timestamp>,
    },
}

impl SourceProgress {
    /// What is known of a source that is done, or unknown, and looked so.
    pub(crate) fn of_sent(
        is_done: bool,
        then: (Option<u64>, Option<Timestamp>),
        now: &JournalSource,
    ) -> Self {
        let differs = |then: Option<u64>, now: Option<u64>| matches!((then, now), (Some(then), Some(now)) if then != now);
        let (bytes, modified) = then;
        let is_moved =
            matches!((modified, now.modified), (Some(then), Some(now)) if ticks(then) != ticks(now));
        match (differs(bytes, now.bytes) || is_moved, is_done) {
            (true, _) => Self::Changed { bytes, modified },
            (false, true) => Self::Done,
            (false, false) => Self::Unknown,
        }
    }
}

/// A moment as it is written down, in ticks of 100 ns: files know finer ones.
fn ticks(at: Timestamp) -> i128 {
    at.as_datetime().unix_timestamp_nanos().div_euclid(100)
}
