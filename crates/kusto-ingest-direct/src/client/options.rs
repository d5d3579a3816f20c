//! What may be chosen about a direct client.

use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::{OnUnknownOutcome, PollSchedule, RetryPolicy};
use kusto_ingest_upload::Uploader;

use super::DirectIngestClient;
use crate::batching::Batch;
use crate::run::Wait;
use crate::{Batching, Standings};

/// The most bytes of uncompressed data that a connection waits for where nobody says: seconds of work for an engine.
const LARGEST_SYNC: u64 = 64 * 1024 * 1024;

/// What the engine is asked to do with blobs: load them before it answers, or answer with an operation.
///
/// Data in the command itself is always loaded before the engine answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommandMode {
    /// [`Sync`](Self::Sync) for a single blob that is known to have 64 MiB of uncompressed data at most,
    /// [`Followed`](Self::Followed) for everything else.
    #[default]
    Auto,
    /// The engine answers when the data is in the table, with the extents. It takes as long as the load; when the
    /// connection breaks meanwhile, nobody knows what became of it.
    Sync,
    /// The engine answers with an operation at once, and so does the client.
    Async,
    /// The engine answers with an operation at once, and the client follows it to its end. When its patience ends
    /// first, the receipt names the operation.
    Followed,
}

impl CommandMode {
    pub(super) fn wait<'a>(self, batch: &Batch<'_>, schedule: &'a PollSchedule) -> Wait<'a> {
        let is_small = || match batch.members.as_slice() {
            [only] => only.raw_bytes.is_some_and(|bytes| bytes <= LARGEST_SYNC),
            _ => false,
        };
        match self {
            Self::Sync => Wait::Data,
            Self::Async => Wait::Operation,
            Self::Auto if is_small() => Wait::Data,
            Self::Auto | Self::Followed => Wait::End(schedule),
        }
    }
}

impl DirectIngestClient {
    /// Brings local data that a command cannot carry into blobs.
    #[must_use]
    pub fn with_uploader(self, uploader: Arc<dyn Uploader>) -> Self {
        Self {
            uploader: Some(uploader),
            ..self
        }
    }

    /// The most bytes of local text that go into the command itself, 1 MiB if not said. With zero, everything is
    /// uploaded.
    #[must_use]
    pub fn with_inline_limit(self, bytes: u64) -> Self {
        Self {
            inline_limit: bytes,
            ..self
        }
    }

    /// What the engine is asked to do with blobs.
    #[must_use]
    pub fn with_mode(self, mode: CommandMode) -> Self {
        Self { mode, ..self }
    }

    /// Keeps it noted how far the engine is with each source, for when a call is broken off.
    #[must_use]
    pub fn with_standings(self, standings: &Standings) -> Self {
        Self {
            standings: Some(standings.clone()),
            ..self
        }
    }

    /// When operations are looked at, and for how long; as [`Operations::schedule`](crate::Operations::schedule) says where this is not said.
    #[must_use]
    pub fn with_poll_schedule(self, schedule: PollSchedule) -> Self {
        Self { schedule, ..self }
    }

    /// Which blobs of [`ingest_many`](Self::ingest_many) share a command.
    #[must_use]
    pub fn with_batching(self, batching: Batching) -> Self {
        Self { batching, ..self }
    }

    /// How many uploads and commands of [`ingest_many`](Self::ingest_many) run at a time, 4 if not said.
    #[must_use]
    pub fn with_parallelism(self, commands: usize) -> Self {
        Self {
            parallelism: commands.max(1),
            ..self
        }
    }

    /// Another policy for running a command again that certainly did nothing, and with [`OnUnknownOutcome::Retry`] also one
    /// that may have done something.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// What to do when nobody knows what a command did: to report it, which is the default, or to run it again as the retry
    /// policy allows. All of its sources may then be ingested twice; their receipts tell how many sends were ambiguous.
    #[must_use]
    pub fn with_on_unknown_outcome(self, on_unknown: OnUnknownOutcome) -> Self {
        Self { on_unknown, ..self }
    }

    /// How long the engine may work on one command, up to an hour; ten minutes if not said.
    #[must_use]
    pub fn with_server_timeout(mut self, limit: Duration) -> Self {
        self.request = self.request.with_server_timeout(limit);
        self
    }
}
