//! Away with files that are ingested: each as soon as it is safe, and none too early.

use std::future::Future;

use kusto_ingest::sources::delete_if_unchanged;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::plan::{Deletion, DiscoveredSource, PlannedSource};
use crate::report::{self, Outcome, State};

impl Deletion {
    /// Deletes the file of a source, if what became of the source allows it. That it cannot be deleted is told, and
    /// changes nothing about the ingestion.
    pub(super) fn after(self, planned: &PlannedSource, outcome: &Outcome) {
        let is_due = match self {
            Self::Never => false,
            // What an earlier run has learned goes before that it was accepted.
            Self::WhenAccepted => {
                let receipt = outcome.receipt.as_ref();
                receipt.is_some_and(|receipt| receipt.state.is_accepted())
                    && !matches!(outcome.state, State::PartiallySucceeded | State::Skipped)
            }
            Self::WhenIngested => outcome.state == State::Succeeded,
        };
        if let DiscoveredSource::File(path, ingested) = &planned.found
            && is_due
            && let Err(warning) = on_disk(delete_if_unchanged(path, *ingested))
        {
            report::warning(&warning.chain());
        }
    }
}

/// Waits for the disk, while the runtime goes on on its other threads.
fn on_disk<T>(work: impl Future<Output = T>) -> T {
    block_in_place(|| Handle::current().block_on(work))
}
