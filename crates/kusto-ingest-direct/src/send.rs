//! Sends a command: the one step that must not be repeated blindly.

mod runner;

use kusto_ingest_core::IngestionProperties;

use self::runner::Runner;
pub(crate) use self::runner::may_have_worked;
use crate::mode::Wait;
use crate::outcome::CommandAttempts;
use crate::redactor::Redactor;
use crate::source::CommandSource;
use crate::submission_tracker::ProgressRecorder;
use crate::{DirectIngestClient, IngestCommand};

impl DirectIngestClient {
    /// Sends the command of some sources, as often as that is allowed, and waits for its result.
    pub(crate) async fn send(
        &self,
        command: &IngestCommand,
        wait: Wait<'_>,
        command_sources: &[CommandSource<'_>],
        properties: &IngestionProperties,
        redactor: &Redactor,
    ) -> CommandAttempts {
        let database = &properties.database;
        tracing::debug!(%command, %database, "ingesting directly");
        let first = command_sources.first();
        let (_, random) = first.map_or((0, 0), |command_source| command_source.id.as_uuid().as_u64_pair());
        let notes = ProgressRecorder {
            tracker: self.tracker.as_ref(),
            command_sources,
            properties,
        };
        let runner = Runner {
            engine: &self.engine,
            clock: &self.clock,
            retry: &*self.retry,
            on_unknown: self.on_unknown,
            properties: &self.request,
            database,
            redactor,
            random,
            notes: &notes,
        };
        runner.run(command, wait).await
    }
}
