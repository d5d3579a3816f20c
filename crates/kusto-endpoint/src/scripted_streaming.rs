//! A streaming endpoint for tests, which answers as it was told to.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use kusto_ingest_core::{DatabaseName, Result, TableName};

use crate::{StreamingEndpoint, StreamingOutcome, StreamingRequest};

/// A streaming endpoint for tests. It takes everything, unless it was told to answer otherwise, and remembers it.
///
/// Clones share the same script, so a test keeps one and hands the other over.
#[derive(Clone, Default)]
pub struct ScriptedStreaming(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    answers: VecDeque<Result<StreamingOutcome>>,
    received: Vec<RecordedStream>,
}

/// What a [`ScriptedStreaming`] received.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedStream {
    /// The database.
    pub database: DatabaseName,
    /// The table.
    pub table: TableName,
    /// The request.
    pub request: StreamingRequest,
}

impl ScriptedStreaming {
    /// An endpoint that takes everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers one request with this, after those added earlier.
    pub fn once(&self, answer: Result<StreamingOutcome>) {
        self.script().answers.push_back(answer);
    }

    /// What it received, in order, whether it was taken or refused.
    #[must_use]
    pub fn received(&self) -> Vec<RecordedStream> {
        self.script().received.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl StreamingEndpoint for ScriptedStreaming {
    async fn ingest(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        let mut script = self.script();
        script.received.push(RecordedStream {
            database: database.clone(),
            table: table.clone(),
            request: request.clone(),
        });
        script
            .answers
            .pop_front()
            .unwrap_or_else(|| Ok(StreamingOutcome::default()))
    }
}

impl fmt::Debug for ScriptedStreaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedStreaming")
            .field("received", &self.script().received.len())
            .finish_non_exhaustive()
    }
}
