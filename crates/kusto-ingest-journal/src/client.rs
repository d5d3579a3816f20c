//! An ingest client that resumes: what is done is not sent again, and what is sent is written down.

use std::sync::Arc;

use async_trait::async_trait;
use kusto_ingest_core::{
    Error, ErrorKind, IngestClient, IngestionProperties, Receipt, ReceiptState, Result, SendObserver as _,
    Source, SourceId,
};

use crate::{Journal, JournalSource};

/// An ingest client that resumes, by the ids of its sources.
///
/// - A source that is [done](crate::SourceProgress::Done) is not sent: its receipt is that of an earlier run.
/// - A source of which nobody knows whether it arrived is sent again, and its receipt counts the send that was in doubt:
///   [`may_be_duplicated`](Receipt::may_be_duplicated).
/// - What becomes of all others is written down.
///
/// Ids must be the same in every run: [`Journal::source_id`].
///
/// # Cancel safety
/// A source whose future is dropped while it is sent is unknown, as after the end of a process.
#[derive(Clone, Debug)]
pub struct JournaledClient {
    client: Arc<dyn IngestClient>,
    journal: Journal,
    notes_intent: bool,
}

impl JournaledClient {
    /// Ingests by a client that tells the journal of each source right before it is sent, as a queued client does
    /// (`with_send_observer`). What is interrupted before that, such as an upload, is surely not ingested.
    #[must_use]
    pub fn new(client: Arc<dyn IngestClient>, journal: Journal) -> Self {
        Self {
            client,
            journal,
            notes_intent: false,
        }
    }

    /// Writes each source down as soon as its turn comes: for a client that does not tell when it sends. Whatever is
    /// interrupted is unknown then.
    #[must_use]
    pub fn with_intent_at_start(self) -> Self {
        Self {
            notes_intent: true,
            ..self
        }
    }

    /// The receipt that an earlier run got for a source.
    async fn receipt_of_done(&self, id: SourceId) -> Result<Receipt> {
        let last = self.journal.last(id).await?;
        last.and_then(|record| record.receipt).ok_or_else(|| {
            Error::new(ErrorKind::Other, "read the journal")
                .because("the receipt of a source that is done is missing")
                .with_source_id(id)
        })
    }
}

#[async_trait]
impl IngestClient for JournaledClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        if self.journal.is_done(id) {
            self.journal.undescribe(id);
            return self.receipt_of_done(id).await;
        }
        let is_doubtful = self.journal.is_unknown(id);
        self.journal.describe_unless_known(id, || described(&source));
        if self.notes_intent {
            let state = ReceiptState::Unknown {
                status: None,
                reason: "it was about to be sent".to_owned(),
            };
            let (database, table) = (properties.database.clone(), properties.table.clone());
            let intent = Receipt::new(id, database, table, state);
            self.journal.before_send(&intent).await?;
        }
        let outcome = self.client.ingest_source(source, properties).await;
        let outcome = match is_doubtful {
            true => doubted(outcome),
            false => outcome,
        };
        match &outcome {
            // What was unknown before stays so: this time, nothing arrived.
            Err(error) if is_doubtful && error.receipt().is_none() => {
                self.journal.undescribe(id);
            }
            // What cannot be written down is told by the journal, and counts as unknown in the next run.
            told => {
                if let Err(error) = self.journal.ended(id, told).await {
                    tracing::warn!(source_id = %id, error = %error.chain(), "the journal could not be written to");
                }
            }
        }
        outcome
    }
}

/// The outcome of a source that an earlier run may have sent as well.
fn doubted(outcome: Result<Receipt>) -> Result<Receipt> {
    let counted = |receipt: Receipt| {
        let sends = receipt.ambiguous_sends.saturating_add(1);
        receipt.with_ambiguous_sends(sends)
    };
    match outcome {
        Ok(receipt) => Ok(counted(receipt)),
        Err(error) => Err(match error.receipt().cloned() {
            Some(receipt) => error.with_receipt(counted(receipt)),
            None => error,
        }),
    }
}

/// What a source looks like of which nothing else is said.
fn described(source: &Source) -> JournalSource {
    match source {
        Source::Local(local) => {
            let described = JournalSource::new(local.name().unwrap_or("-"));
            match local.payload().len() {
                Some(bytes) => described.with_bytes(bytes),
                None => described,
            }
        }
        Source::Blob(blob) => JournalSource::new(blob.uri().redacted()),
    }
}
