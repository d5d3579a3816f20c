//! Takes messages out of the queues and does what they say.

mod archive;
mod batching;
mod ingest;
mod load;
mod memory;
mod pattern;
mod refusal;
mod report;
mod row_collector;
mod source;
mod target;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind};
use kusto_ingest_message::{DecodedMessage, IngestionErrorCode, IngestionMessage, OperationStatus};
use uuid::Uuid;

use crate::queued_service::QueuedSource;
use crate::{FakeKusto, Ingestion};
pub(crate) use load::{Outcome, load_blob, load_bytes, load_text};
pub(crate) use memory::store_is_full;
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
        while let Some(ingested) = self.work(BATCH) {
            drained += ingested;
        }
        drained
    }

    /// Ingests what one waiting message, or a batch whose time has come, or else one asynchronous command names; whether
    /// there was one.
    #[expect(
        clippy::must_use_candidate,
        reason = "most callers want the work, not its count"
    )]
    pub fn drain_step(&self) -> bool {
        self.work(1).is_some()
    }

    /// Works on a batch whose time has come, or on up to `most` blobs that were named over REST or messages of the first queue
    /// that has any, else on one operation; tells how many sources that were, or that there is nothing to do.
    fn work(&self, most: usize) -> Option<usize> {
        let queues = {
            let state = self.state();
            if state.is_held {
                return None;
            }
            state.ready_queues()
        };
        if let Some(batch) = self.due_batch() {
            batch.iter().for_each(|source| self.work_on(source));
            return Some(batch.len());
        }
        let named = self.state().queued.take_waiting(most);
        if !named.is_empty() {
            let ingested = named.into_iter().map(|source| self.work_on_sealed(source));
            return Some(ingested.sum());
        }
        for queue in &queues {
            let messages = self
                .storage()
                .receive_messages(queue, most, WORKED_ON)
                .unwrap_or_default();
            let mut ingested = 0;
            for message in &messages {
                let id = Uuid::parse_str(&message.handle.id).unwrap_or_default();
                ingested += self.work_on_sealed(QueuedSource::of_message(id, &*message.text));
                // Somebody may have cleared the queue meanwhile: the message is gone all the same.
                drop(self.storage().delete_message(queue, &message.handle));
            }
            if !messages.is_empty() {
                return Some(ingested);
            }
        }
        self.work_on_operation().then_some(1)
    }

    /// Puts a source into its batch, and works on all that is sealed by it; tells how many that were.
    fn work_on_sealed(&self, source: QueuedSource) -> usize {
        let sealed = self.batched(source);
        sealed.iter().for_each(|source| self.work_on(source));
        sealed.len()
    }

    fn work_on(&self, source: &QueuedSource) {
        let now = self.now();
        let is_cancelled = |entry| !self.state().queued.begin(entry, now);
        if source.entry.as_ref().is_some_and(is_cancelled) {
            return self.done(source);
        }
        let decoded = IngestionMessage::decode(&source.text);
        let outcome = match &decoded {
            // Also what panics there has ended: it would be counted for ever.
            Ok(message) => catch_unwind(AssertUnwindSafe(|| ingest::ingest(self, message, source.id)))
                .unwrap_or_else(|_| Err(internal_error())),
            Err(error) => Err(error.clone()),
        };
        let message = decoded.ok();
        let ingestion = self.ended(message.as_ref(), outcome);
        // The books first: whoever reads the status must find them written.
        let mut state = self.state();
        state.ingestion_log.ingestions.push(ingestion.clone());
        if let Some(entry) = &source.entry {
            state.queued.end(entry, &ingestion);
        }
        drop(state);
        report::report(self, message.as_ref(), &ingestion);
        self.done(source);
    }

    fn done(&self, source: &QueuedSource) {
        let mut state = self.state();
        state.batches.done(source.id);
        state.queued.done(source.id);
        state.note_change();
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

/// The error of work that panicked.
pub(crate) fn internal_error() -> Error {
    Error::new(ErrorKind::Unavailable, "do the work")
        .because("the emulator itself failed: its standard error says where")
        .with_code("General_InternalServerError")
}

fn code_of(error: &Error) -> IngestionErrorCode {
    let code = error.code().and_then(IngestionErrorCode::read);
    code.unwrap_or(IngestionErrorCode::GeneralInternalServerError)
}
