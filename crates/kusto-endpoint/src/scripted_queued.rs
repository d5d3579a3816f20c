//! An endpoint of queued ingestion for tests, which answers as it was told to.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use kusto_ingest_core::{DatabaseName, Result, TableName};

use crate::{
    IngestionConfiguration, OperationDetail, OperationId, QueuedEndpoint, QueuedOperation, QueuedRequest,
};

/// An endpoint of queued ingestion for tests. It takes everything, unless it was told to answer otherwise, and remembers
/// it. Each request that is tracked becomes the operation `operation-1`, `operation-2` and so on.
///
/// Clones share the same script, so a test keeps one and hands the other over.
#[derive(Clone, Default)]
pub struct ScriptedQueued(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    configuration: IngestionConfiguration,
    configurations: VecDeque<Result<IngestionConfiguration>>,
    submissions: VecDeque<Result<Option<OperationId>>>,
    operations: VecDeque<Result<QueuedOperation>>,
    submitted: Vec<QueuedRequest>,
    configurations_asked: usize,
    operations_asked: Vec<(OperationId, OperationDetail)>,
}

impl ScriptedQueued {
    /// An endpoint that takes everything, and offers this.
    #[must_use]
    pub fn new(configuration: IngestionConfiguration) -> Self {
        let endpoint = Self::default();
        endpoint.script().configuration = configuration;
        endpoint
    }

    /// Answers one question for the configuration with this, after those added earlier.
    pub fn configure_once(&self, answer: Result<IngestionConfiguration>) {
        self.script().configurations.push_back(answer);
    }

    /// Answers one request with this, after those added earlier.
    pub fn submit_once(&self, answer: Result<Option<OperationId>>) {
        self.script().submissions.push_back(answer);
    }

    /// Answers one question for an operation with this, after those added earlier.
    pub fn tell_once(&self, answer: Result<QueuedOperation>) {
        self.script().operations.push_back(answer);
    }

    /// The requests that it received, in order, whether they were taken or refused.
    #[must_use]
    pub fn submitted(&self) -> Vec<QueuedRequest> {
        self.script().submitted.clone()
    }

    /// How often it was asked for its configuration.
    #[must_use]
    pub fn configurations_asked(&self) -> usize {
        self.script().configurations_asked
    }

    /// The operations that it was asked for, in order.
    #[must_use]
    pub fn operations_asked(&self) -> Vec<(OperationId, OperationDetail)> {
        self.script().operations_asked.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl QueuedEndpoint for ScriptedQueued {
    async fn configuration(&self) -> Result<IngestionConfiguration> {
        let mut script = self.script();
        script.configurations_asked += 1;
        let answer = script.configurations.pop_front();
        answer.unwrap_or_else(|| Ok(script.configuration.clone()))
    }

    async fn submit(
        &self,
        _: &DatabaseName,
        _: &TableName,
        request: &QueuedRequest,
    ) -> Result<Option<OperationId>> {
        let mut script = self.script();
        script.submitted.push(request.clone());
        let number = script.submitted.len();
        let taken = || match request.tracking {
            crate::Tracking::On => Ok(OperationId::parse(&format!("operation-{number}"))),
            crate::Tracking::Off => Ok(None),
        };
        script.submissions.pop_front().unwrap_or_else(taken)
    }

    async fn operation(
        &self,
        _: &DatabaseName,
        _: &TableName,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<QueuedOperation> {
        let mut script = self.script();
        script.operations_asked.push((id.clone(), detail));
        let answer = script.operations.pop_front();
        answer.unwrap_or_else(|| Ok(QueuedOperation::default()))
    }
}

impl fmt::Debug for ScriptedQueued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedQueued")
            .field("submitted", &self.script().submitted.len())
            .finish_non_exhaustive()
    }
}
