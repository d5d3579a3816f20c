//! The options of a direct client.

use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::{OnUnknownOutcome, PollSchedule, RetryPolicy};
use kusto_ingest_upload::Uploader;

use super::DirectIngestClient;
use crate::{Batching, CommandMode, SubmissionTracker};

impl DirectIngestClient {
    /// Brings local data that a command cannot carry into blobs.
    #[must_use]
    pub fn with_uploader(self, uploader: Arc<dyn Uploader>) -> Self {
        Self {
            uploader: Some(uploader),
            ..self
        }
    }

    /// The most bytes of local text that go into the command itself, 1 MiB by default. With zero, everything is
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

    /// Tracks how far the engine is with each source, for calls that are dropped.
    #[must_use]
    pub fn with_submission_tracker(self, tracker: &SubmissionTracker) -> Self {
        Self {
            tracker: Some(tracker.clone()),
            ..self
        }
    }

    /// When operations are looked at, and for how long. The default is
    /// [`Operations::default_schedule`](crate::Operations::default_schedule).
    #[must_use]
    pub fn with_poll_schedule(self, schedule: PollSchedule) -> Self {
        Self { schedule, ..self }
    }

    /// Which blobs of [`ingest_many`](Self::ingest_many) share a command.
    #[must_use]
    pub fn with_batching(self, batching: Batching) -> Self {
        Self { batching, ..self }
    }

    /// How many uploads and commands of [`ingest_many`](Self::ingest_many) run at a time, 4 by default.
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

    /// How long the engine may work on one command, up to an hour; ten minutes by default.
    #[must_use]
    pub fn with_server_timeout(mut self, limit: Duration) -> Self {
        self.request = self.request.with_server_timeout(limit);
        self
    }
}
