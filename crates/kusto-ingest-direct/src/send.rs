//! Sends a command: the one step that must not be repeated blindly.

mod runner;

use kusto_ingest_core::IngestionProperties;

use self::runner::Runner;
use crate::mode::Wait;
use crate::outcome::Ended;
use crate::scrub::Scrub;
use crate::source::Subject;
use crate::standing::Notes;
use crate::{DirectIngestClient, IngestCommand};

impl DirectIngestClient {
    /// Sends the command of some sources, as often as that is allowed, and waits for what it is to come to.
    pub(crate) async fn send(
        &self,
        command: &IngestCommand,
        wait: Wait<'_>,
        subjects: &[Subject<'_>],
        properties: &IngestionProperties,
        scrub: &Scrub,
    ) -> Ended {
        let database = &properties.database;
        tracing::debug!(%command, %database, "ingesting directly");
        let first = subjects.first();
        let (_, random) = first.map_or((0, 0), |subject| subject.id.as_uuid().as_u64_pair());
        let notes = Notes {
            standings: self.standings.as_ref(),
            subjects,
            properties,
        };
        let runner = Runner {
            engine: &self.engine,
            clock: &self.clock,
            retry: &*self.retry,
            on_unknown: self.on_unknown,
            properties: &self.request,
            database,
            scrub,
            random,
            notes: &notes,
        };
        runner.run(command, wait).await
    }
}
