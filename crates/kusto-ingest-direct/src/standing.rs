//! How far the engine is with sources, for whoever breaks a call off.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kusto_ingest_core::{IngestionProperties, Receipt, ReceiptState, SourceId};
use uuid::Uuid;

use crate::source::{Line, Subject};

/// How far the engine is with a source whose call was broken off.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "it is asked for one by one")]
#[non_exhaustive]
pub enum Standing {
    /// The engine has heard nothing of it, or has answered that it did nothing. Its data may lie in a blob, which no
    /// command names.
    NotSent,
    /// Its command was sent, and not answered yet. Nobody knows whether it is ingested.
    Sent,
    /// The engine works on it by an operation, as the receipt says, whether or not the call goes on.
    Accepted(Receipt),
}

/// How far the engine is with the sources of a client.
///
/// A call that ends tells what became of its sources; this is for calls whose future was dropped. Clones share it:
/// the caller keeps one, and gives the other to the client by
/// [`with_standings`](crate::DirectIngestClient::with_standings).
///
/// It knows of a source from its command until the call has told the caller what became of it: what remains are the
/// sources of calls that were broken off, until somebody [forgets](Self::forget) them.
#[derive(Clone, Default)]
pub struct Standings {
    all: Arc<Mutex<HashMap<SourceId, Chunks>>>,
    listener: Option<Listener>,
}

/// Who is told of receipts as soon as the engine has accepted something.
type Listener = Arc<dyn Fn(&Receipt) + Send + Sync>;

/// The chunks of one source of which something is known; a source that is whole is one without a number.
type Chunks = BTreeMap<Option<u32>, Standing>;

impl Standings {
    /// For a client that is to come.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also calls `accepted` with the receipt of each source as soon as the engine works on it, for whoever writes
    /// receipts down before the call ends. The client waits for it, so it must be quick.
    #[must_use]
    pub fn with_listener(self, accepted: impl Fn(&Receipt) + Send + Sync + 'static) -> Self {
        Self {
            listener: Some(Arc::new(accepted)),
            ..self
        }
    }

    /// How far the engine was with a source when its client noted it last, and the call did not tell.
    ///
    /// Of several chunks with the identity of one source it is the standing that leaves most open: one that was
    /// [`Sent`](Standing::Sent), else one that was accepted.
    #[must_use]
    pub fn of(&self, source_id: SourceId) -> Standing {
        let all = self.all();
        let chunks = || all.get(&source_id).into_iter().flat_map(Chunks::values);
        let sent = chunks().find(|standing| **standing == Standing::Sent);
        let standing = sent.or_else(|| chunks().next());
        standing.cloned().unwrap_or(Standing::NotSent)
    }

    /// How far the engine was with a [chunk](kusto_ingest_core::LocalSource::with_chunk) of a source, likewise.
    #[must_use]
    pub fn of_chunk(&self, source_id: SourceId, chunk: u32) -> Standing {
        let known = self
            .all()
            .get(&source_id)
            .and_then(|chunks| chunks.get(&Some(chunk)).cloned());
        known.unwrap_or(Standing::NotSent)
    }

    /// Forgets a source, of which nobody will ask any more, with all its chunks.
    pub fn forget(&self, source_id: SourceId) {
        self.all().remove(&source_id);
    }

    fn note(&self, line: Line, standing: Standing) {
        let mut all = self.all();
        let chunks = all.entry(line.id).or_default();
        chunks.insert(line.chunk, standing);
    }

    /// The caller knows what became of it, or there is nothing to know.
    pub(crate) fn drop_line(&self, line: Line) {
        let mut all = self.all();
        if let Entry::Occupied(mut chunks) = all.entry(line.id) {
            chunks.get_mut().remove(&line.chunk);
            if chunks.get().is_empty() {
                chunks.remove();
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SourceId, Chunks>> {
        // Whoever panicked has left lines that are as good as any.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Standings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Standings").field(&*self.all()).finish()
    }
}

/// The lines of one command's sources, where somebody keeps any.
pub(crate) struct Notes<'a> {
    pub(crate) standings: Option<&'a Standings>,
    pub(crate) subjects: &'a [Subject<'a>],
    pub(crate) properties: &'a IngestionProperties,
}

impl Notes<'_> {
    /// The command is on its way, or nobody knows what an earlier attempt did.
    pub(crate) fn sent(&self) {
        self.each(|standings, subject| standings.note(subject.line(), Standing::Sent));
    }

    /// The engine has answered that it did nothing; the command waits for another attempt.
    pub(crate) fn refused(&self) {
        self.each(|standings, subject| standings.drop_line(subject.line()));
    }

    /// The engine has answered with an operation.
    pub(crate) fn accepted(&self, id: Uuid) {
        self.each(|standings, subject| {
            let receipt = subject.receipt(self.properties, ReceiptState::Operation { id });
            if let Some(listener) = &standings.listener {
                listener(&receipt);
            }
            standings.note(subject.line(), Standing::Accepted(receipt));
        });
    }

    fn each(&self, note: impl Fn(&Standings, &Subject<'_>)) {
        if let Some(standings) = self.standings {
            self.subjects.iter().for_each(|subject| note(standings, subject));
        }
    }
}
