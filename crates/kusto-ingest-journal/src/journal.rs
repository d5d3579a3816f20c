//! The journal, as programs hold it.

mod builder;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::channel::oneshot;
use kusto_ingest_core::{Clock, Error, ErrorKind, Receipt, Result, SendObserver, SourceId, redact};
use uuid::Uuid;

pub use builder::JournalBuilder;

use crate::index::Index;
use crate::writer::{Reply, Request, lock};
use crate::{Conclusion, JournalEvent, JournalRecord, JournalScope, JournalSource, SourceProgress, identity};

/// What became of each source of a long ingestion, on disk.
///
/// A line is on the disk before a source is sent, and another one when it is known what became of it. Whatever ends the
/// process, a later one that opens the journal knows what is done, what was surely not sent, and of what nobody knows
/// whether it arrived.
///
/// Clones share the file, which no other process can open meanwhile. A thread writes it, and ends when the last clone is
/// dropped or [`finish`](Self::finish) is called.
#[derive(Clone)]
pub struct Journal(Arc<Shared>);

struct Shared {
    path: PathBuf,
    id: Uuid,
    scope: JournalScope,
    torn: u64,
    clock: Arc<dyn Clock>,
    index: Arc<Mutex<Index>>,
    /// What is under way looks so.
    described: Mutex<HashMap<SourceId, JournalSource>>,
    requests: Sender<Request>,
    failed: Mutex<Option<String>>,
}

impl Journal {
    /// A journal in this file, which is created where it is not there.
    #[must_use]
    pub fn builder(path: impl AsRef<Path>) -> JournalBuilder {
        JournalBuilder::new(path.as_ref())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The identity of the journal, drawn when the file was made.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.0.id
    }

    /// What all of its runs have in common.
    #[must_use]
    pub fn scope(&self) -> &JournalScope {
        &self.0.scope
    }

    /// How many bytes of an unfinished line were cut off when it was opened: an earlier process ended while it wrote them.
    /// Nothing had followed from that line.
    #[must_use]
    pub fn torn_bytes(&self) -> u64 {
        self.0.torn
    }

    /// The identity of the source of this key, such as a path: the same in every run that uses this journal.
    #[must_use]
    pub fn source_id(&self, key: &str) -> SourceId {
        identity::source_id(self.0.id, key)
    }

    /// How far a source is that looks so now.
    #[must_use]
    pub fn progress(&self, id: SourceId, now: &JournalSource) -> SourceProgress {
        lock(&self.0.index).progress(id, now)
    }

    /// How many sources it knows.
    #[must_use]
    pub fn sources(&self) -> usize {
        lock(&self.0.index).len()
    }

    /// The sources of which nobody knows whether they arrived, in the order in which that happened.
    #[must_use]
    pub fn unknown(&self) -> Vec<SourceId> {
        lock(&self.0.index).ids(JournalEvent::is_unknown)
    }

    /// What happened to a source last.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn last(&self, id: SourceId) -> Result<Option<JournalRecord>> {
        self.ask(|reply| Request::Last(id, reply)).await
    }

    /// Says what a source looks like that is about to be ingested. It is held until it ended.
    pub fn describe(&self, id: SourceId, source: JournalSource) {
        self.described().insert(id, source);
    }

    /// Writes down how the ingestion of a source ended.
    ///
    /// # Errors
    /// It cannot be written down. The next run will take what was sent for unknown.
    pub async fn ended(&self, id: SourceId, outcome: &Result<Receipt>) -> Result<()> {
        let (event, receipt, error) = match outcome {
            Ok(receipt) => (event_of(receipt), Some(receipt), None),
            Err(error) => match error.receipt() {
                Some(receipt) => (JournalEvent::Unknown, Some(receipt), Some(error.chain())),
                None => (JournalEvent::Failed, None, Some(error.chain())),
            },
        };
        let source = self.undescribe(id).unwrap_or_else(|| JournalSource::new("-"));
        self.write(event, id, source, receipt.cloned(), error).await
    }

    /// Says what a source looks like of which nothing is said yet.
    pub(crate) fn describe_unless_known(&self, id: SourceId, source: impl FnOnce() -> JournalSource) {
        self.described().entry(id).or_insert_with(source);
    }

    /// What [`describe`](Self::describe) said of a source, which is not held any more.
    pub(crate) fn undescribe(&self, id: SourceId) -> Option<JournalSource> {
        self.described().remove(&id)
    }

    /// Writes down what the service made of a source that it had accepted.
    ///
    /// # Errors
    /// It cannot be written down.
    pub async fn concluded(&self, id: SourceId, source: JournalSource, conclusion: Conclusion) -> Result<()> {
        let (event, receipt, error) = conclusion.into_parts();
        self.write(event, id, source, receipt, error).await
    }

    /// Forgets a source that is gone: deleted, or moved away.
    ///
    /// # Errors
    /// It cannot be written down.
    pub async fn removed(&self, id: SourceId, source: JournalSource) -> Result<()> {
        self.write(JournalEvent::Removed, id, source, None, None).await
    }

    /// Why nothing can be written down any more. Nothing is sent then, either.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.0
            .failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Has all of it on the disk, and closes the file: others may open it when this returns. Later calls fail.
    ///
    /// # Errors
    /// Something could not be written.
    pub async fn finish(self) -> Result<()> {
        self.ask(Request::Finish).await
    }

    pub(crate) fn is_unknown(&self, id: SourceId) -> bool {
        lock(&self.0.index)
            .event(id)
            .is_some_and(JournalEvent::is_unknown)
    }

    pub(crate) fn is_done(&self, id: SourceId) -> bool {
        lock(&self.0.index).event(id).is_some_and(JournalEvent::is_done)
    }

    async fn write(
        &self,
        event: JournalEvent,
        id: SourceId,
        source: JournalSource,
        receipt: Option<Receipt>,
        error: Option<String>,
    ) -> Result<()> {
        let record = JournalRecord {
            at: self.0.clock.now(),
            event,
            id,
            source,
            receipt,
            error: error.map(|error| redact(&error)),
        };
        let append = |reply| Request::Append {
            record: Box::new(record),
            is_durable: event == JournalEvent::Sending,
            reply,
        };
        self.ask(append).await
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let closed = || Error::new(ErrorKind::Other, "use the journal").because("it is closed");
        let answer = match self.0.requests.send(request(reply)) {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(closed())),
            Err(_) => Err(closed()),
        };
        if let Err(error) = &answer {
            let mut failed = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert_with(|| error.chain());
        }
        answer
    }

    fn described(&self) -> std::sync::MutexGuard<'_, HashMap<SourceId, JournalSource>> {
        self.0.described.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes each source down before it is sent, and waits until that is on the disk.
#[async_trait]
impl SendObserver for Journal {
    async fn before_send(&self, receipt: &Receipt) -> Result<()> {
        let id = receipt.source_id;
        let described = self.described().get(&id).cloned();
        let source = described.unwrap_or_else(|| JournalSource::new("-"));
        self.write(JournalEvent::Sending, id, source, Some(receipt.clone()), None)
            .await
    }
}

fn event_of(receipt: &Receipt) -> JournalEvent {
    use kusto_ingest_core::ReceiptState::{Ingested, Skipped, Streamed, Unknown};
    match receipt.state {
        Skipped => JournalEvent::Skipped,
        Streamed | Ingested { .. } => JournalEvent::Succeeded,
        Unknown { .. } => JournalEvent::Unknown,
        _ => JournalEvent::Accepted,
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("path", &self.0.path)
            .field("id", &self.0.id)
            .finish_non_exhaustive()
    }
}
