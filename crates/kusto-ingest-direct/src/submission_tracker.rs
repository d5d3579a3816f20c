//! How far the engine is with each source, for calls that were dropped.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kusto_ingest_core::{IngestionProperties, Receipt, ReceiptState, SourceId};
use uuid::Uuid;

use crate::source::{CommandSource, SourceKey};

/// How far the engine is with a source whose call was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "it is asked for one by one")]
#[non_exhaustive]
pub enum SubmissionState {
    /// The engine has heard nothing of it, or has answered that it did nothing. Its data may lie in a blob, which no
    /// command names.
    NotSent,
    /// Its command was sent, and not answered yet. Nobody knows whether it is ingested.
    Sent,
    /// The engine works on it by an operation, as the receipt says, whether or not the call goes on.
    Accepted(Receipt),
}

/// The state, in words.
impl fmt::Display for SubmissionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotSent => "not sent",
            Self::Sent => "sent",
            Self::Accepted(_) => "accepted",
        })
    }
}

/// How far the engine is with the sources of a client.
///
/// A call that ends tells what became of its sources; this is for calls whose future was dropped. Clones share it:
/// the caller keeps one, and gives the other to the client by
/// [`with_submission_tracker`](crate::DirectIngestClient::with_submission_tracker).
///
/// It knows a source from the time its command is sent until the call has returned the outcome. What remains are the
/// sources of calls that were dropped, until they are [removed](Self::remove).
#[derive(Clone, Default)]
pub struct SubmissionTracker {
    all: Arc<Mutex<HashMap<SourceId, Chunks>>>,
    listener: Option<Listener>,
}

/// Who is told of receipts as soon as the engine has accepted something.
type Listener = Arc<dyn Fn(&Receipt) + Send + Sync>;

/// The chunks of one source of which something is known; a source that is whole is one without a number.
type Chunks = BTreeMap<Option<u32>, SubmissionState>;

impl SubmissionTracker {
    /// A tracker without sources, to be given to a client.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also calls `accepted` with the receipt of each source as soon as the engine works on it, so that receipts can be
    /// written down before the call ends. The client waits for it, so it must be quick.
    #[must_use]
    pub fn with_listener(self, accepted: impl Fn(&Receipt) + Send + Sync + 'static) -> Self {
        Self {
            listener: Some(Arc::new(accepted)),
            ..self
        }
    }

    /// The last known state of a source whose call did not return its outcome.
    ///
    /// Of several chunks of one source it is the least certain state: one that was [`Sent`](SubmissionState::Sent),
    /// else one that was accepted.
    #[must_use]
    pub fn of(&self, source_id: SourceId) -> SubmissionState {
        let all = self.all();
        let chunks = || all.get(&source_id).into_iter().flat_map(Chunks::values);
        let sent = chunks().find(|state| **state == SubmissionState::Sent);
        let state = sent.or_else(|| chunks().next());
        state.cloned().unwrap_or(SubmissionState::NotSent)
    }

    /// How far the engine was with a [chunk](kusto_ingest_core::LocalSource::with_chunk) of a source, likewise.
    #[must_use]
    pub fn of_chunk(&self, source_id: SourceId, chunk: u32) -> SubmissionState {
        let known = self
            .all()
            .get(&source_id)
            .and_then(|chunks| chunks.get(&Some(chunk)).cloned());
        known.unwrap_or(SubmissionState::NotSent)
    }

    /// Removes a source, of which nobody will ask any more, with all its chunks.
    pub fn remove(&self, source_id: SourceId) {
        self.all().remove(&source_id);
    }

    fn note(&self, key: SourceKey, state: SubmissionState) {
        let mut all = self.all();
        let chunks = all.entry(key.id).or_default();
        chunks.insert(key.chunk, state);
    }

    /// The caller knows what became of it, or there is nothing to know.
    pub(crate) fn remove_chunk(&self, key: SourceKey) {
        let mut all = self.all();
        if let Entry::Occupied(mut chunks) = all.entry(key.id) {
            chunks.get_mut().remove(&key.chunk);
            if chunks.get().is_empty() {
                chunks.remove();
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SourceId, Chunks>> {
        // Whoever panicked has left entries that are as good as any.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SubmissionTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SubmissionTracker").field(&*self.all()).finish()
    }
}

/// Records how far one command's sources are, where somebody wants to know.
pub(crate) struct ProgressRecorder<'a> {
    pub(crate) tracker: Option<&'a SubmissionTracker>,
    pub(crate) command_sources: &'a [CommandSource<'a>],
    pub(crate) properties: &'a IngestionProperties,
}

impl ProgressRecorder<'_> {
    /// The command is on its way, or nobody knows what an earlier attempt did.
    pub(crate) fn sent(&self) {
        self.each(|tracker, command_source| tracker.note(command_source.key(), SubmissionState::Sent));
    }

    /// The engine has answered that it did nothing; the command waits for another attempt.
    pub(crate) fn refused(&self) {
        self.each(|tracker, command_source| tracker.remove_chunk(command_source.key()));
    }

    /// The engine has answered with an operation.
    pub(crate) fn accepted(&self, id: Uuid) {
        self.each(|tracker, command_source| {
            let receipt = command_source.receipt(self.properties, ReceiptState::Operation { id });
            if let Some(listener) = &tracker.listener {
                listener(&receipt);
            }
            tracker.note(command_source.key(), SubmissionState::Accepted(receipt));
        });
    }

    fn each(&self, note: impl Fn(&SubmissionTracker, &CommandSource<'_>)) {
        if let Some(tracker) = self.tracker {
            self.command_sources
                .iter()
                .for_each(|command_source| note(tracker, command_source));
        }
    }
}
