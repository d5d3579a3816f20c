//! How far the engine is with sources, for whoever breaks a call off.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kusto_ingest_core::{IngestionProperties, Receipt, ReceiptState, SourceId};
use uuid::Uuid;

use crate::settle::Subject;

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
/// [`with_standings`](crate::DirectIngestClient::with_standings). It keeps a line for each source of the client.
#[derive(Clone, Debug, Default)]
pub struct Standings(Arc<Mutex<HashMap<SourceId, Standing>>>);

impl Standings {
    /// For a client that is to come.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How far the engine was with a source when its client noted it last.
    #[must_use]
    pub fn of(&self, source_id: SourceId) -> Standing {
        self.all().get(&source_id).cloned().unwrap_or(Standing::NotSent)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SourceId, Standing>> {
        // Whoever panicked has left lines that are as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lines of one command's sources, where somebody keeps any.
pub(crate) struct Notes<'a> {
    pub(crate) standings: Option<&'a Standings>,
    pub(crate) subjects: &'a [Subject<'a>],
    pub(crate) properties: &'a IngestionProperties,
}

impl Notes<'_> {
    /// The command is on its way.
    pub(crate) fn sent(&self) {
        self.note(|_| Standing::Sent);
    }

    /// The engine has answered that it did nothing; the command waits for another attempt.
    pub(crate) fn refused(&self) {
        self.note(|_| Standing::NotSent);
    }

    /// The engine has answered with an operation.
    pub(crate) fn accepted(&self, id: Uuid) {
        self.note(|subject| {
            Standing::Accepted(subject.receipt(self.properties, ReceiptState::Operation { id }))
        });
    }

    fn note(&self, standing: impl Fn(&Subject<'_>) -> Standing) {
        let Some(standings) = self.standings else {
            return;
        };
        let noted = self
            .subjects
            .iter()
            .map(|subject| (subject.id, standing(subject)));
        standings.all().extend(noted);
    }
}
