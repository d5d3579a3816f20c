//! What the service made of a source that it had accepted.

use kusto_ingest_core::{Error, Receipt};

use crate::JournalEvent;

/// What the service made of a source that it had accepted. Errors may carry its receipt.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Conclusion {
    /// All of it is ingested.
    Succeeded(Receipt),
    /// A part of it is ingested, and why no more.
    Partial(Error),
    /// Nothing of it is ingested, as was wished: data of its tag is there.
    LeftOut(Receipt),
    /// Nothing of it is ingested, and why.
    Rejected(Error),
}

impl Conclusion {
    /// How it is written down.
    pub(crate) fn into_parts(self) -> (JournalEvent, Option<Receipt>, Option<String>) {
        let of_error = |event, error: &Error| (event, error.receipt().cloned(), Some(error.chain()));
        match self {
            Self::Succeeded(receipt) => (JournalEvent::Succeeded, Some(receipt), None),
            Self::LeftOut(receipt) => (JournalEvent::LeftOut, Some(receipt), None),
            Self::Partial(error) => of_error(JournalEvent::Partial, &error),
            Self::Rejected(error) => of_error(JournalEvent::Rejected, &error),
        }
    }
}
