//! Takes messages out of the queues and does what they say.

mod archive;
mod ingest;
mod load;
mod pattern;
mod refusal;
mod report;
mod source;
mod target;

use std::time::Duration;

use kusto_ingest_core::Error;
use kusto_ingest_message::{DecodedMessage, IngestionErrorCode, IngestionMessage, OperationStatus};

use crate::{FakeKusto, Ingestion, ResourcePath, StoredMessage};
pub(crate) use load::{Outcome, load_blob, load_bytes, load_text};
pub(crate) use target::IngestionKind;

/// How long a message is out of sight while it is worked on.
const WORKED_ON: Duration = Duration::from_secs(10 * 60);

/// How many messages are taken at once.
const BATCH: usize = 32;

impl FakeKusto {
    /// Ingests what all waiting messages name, the oldest of each queue first, then what asynchronous commands
    /// named, and tells how many of both there were.
    ///
    /// Nothing is drained while the queues are [held](Self::pause_ingestion). It does not wait for anything, but may take as
    /// long as decoding takes: call it where that does not matter. Several calls at once share the work.
    #[expect(
        clippy::must_use_candidate,
        reason = "most callers want the work, not its count"
    )]
    pub fn drain(&self) -> usize {
        let mut drained = 0;
        loop {
            let taken = self.work(BATCH);
            if taken == 0 {
                return drained;
            }
            drained += taken;
        }
    }

    /// Ingests what one waiting message, or else one asynchronous command names; whether there was one.
    #[expect(
        clippy::must_use_candidate,
        reason = "most callers want the work, not its count"
    )]
    pub fn drain_step(&self) -> bool {
        self.work(1) > 0
    }

    /// Works on up to `most` messages of the first queue that has any, else on one operation.
    fn work(&self, most: usize) -> usize {
        let queues = {
            let state = self.state();
            if state.is_held {
                return 0;
            }
            state.ready_queues()
        };
        for queue in &queues {
            let messages = self
                .storage()
                .receive_messages(queue, most, WORKED_ON)
                .unwrap_or_default();
            for message in &messages {
                self.work_on(queue, message);
            }
            if !messages.is_empty() {
                return messages.len();
            }
        }
        usize::from(self.work_on_operation())
    }

    fn work_on(&self, queue: &ResourcePath, stored: &StoredMessage) {
        let decoded = IngestionMessage::decode(&stored.text);
        let outcome = match &decoded {
            Ok(message) => ingest::ingest(self, message),
            Err(error) => Err(error.clone()),
        };
        let message = decoded.ok();
        let ingestion = self.ended(message.as_ref(), outcome);
        // The books first: whoever reads the status must find them written.
        self.state().ingestion_log.ingestions.push(ingestion.clone());
        report::report(self, message.as_ref(), &ingestion);
        // Somebody may have cleared the queue meanwhile: the message is gone all the same.
        drop(self.storage().delete_message(queue, &stored.handle));
    }

    fn ended(&self, message: Option<&DecodedMessage>, outcome: Result<Outcome, Error>) -> Ingestion {
        let (status, rows, error) = match outcome {
            Ok(Outcome::Ingested(extent)) => (OperationStatus::Succeeded, extent.rows, None),
            Ok(Outcome::Skipped) => (OperationStatus::Skipped, 0, None),
            Err(error) => (OperationStatus::Failed, 0, Some(error)),
        };
        let error_code = match (&status, &error) {
            (OperationStatus::Skipped, _) => Some(IngestionErrorCode::SkippedIngestByTagAlreadyExists),
            (_, Some(error)) => Some(code_of(error)),
            (_, None) => None,
        };
        Ingestion {
            source_id: message.and_then(|message| message.source_id),
            database: message
                .map(|message| message.database.clone())
                .unwrap_or_default(),
            table: message.map(|message| message.table.clone()).unwrap_or_default(),
            status,
            rows,
            error_code,
            error,
            ended: self.now(),
        }
    }
}

fn code_of(error: &Error) -> IngestionErrorCode {
    let code = error.code().and_then(IngestionErrorCode::read);
    code.unwrap_or(IngestionErrorCode::GeneralInternalServerError)
}
