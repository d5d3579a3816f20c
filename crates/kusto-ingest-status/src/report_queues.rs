//! The queues that the service reports to, and what one can ask of them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_resources::{IngestionResources, ResourceProvider};
use kusto_storage::{MessageHandle, PeekedMessage, QueueStore, ReceivedMessage, ResourceUri};

use crate::renewal::with_renewal;

/// The most that one request to a queue gives.
pub(crate) const PER_REQUEST: usize = 32;

/// What a queue holds reports of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Failures,
    Successes,
}

impl Kind {
    fn of(self, issued: &IngestionResources) -> Result<&[ResourceUri]> {
        match self {
            Self::Failures => issued.failure_queues(),
            Self::Successes => issued.success_queues(),
        }
    }
}

/// The report queues of a cluster. What refuses its own SAS is asked once more with another one.
#[derive(Clone)]
pub(crate) struct ReportQueues {
    store: Arc<dyn QueueStore>,
    resources: Arc<dyn ResourceProvider>,
}

impl ReportQueues {
    pub(crate) fn new(store: Arc<dyn QueueStore>, resources: Arc<dyn ResourceProvider>) -> Self {
        Self { store, resources }
    }

    /// The queues of a kind that Kusto issues now: one at least.
    pub(crate) async fn issued(&self, kind: Kind) -> Result<Vec<ResourceUri>> {
        let issued = self.resources.resources().await?;
        Ok(kind.of(&issued)?.to_vec())
    }

    pub(crate) async fn peek(
        &self,
        kind: Kind,
        queue: &ResourceUri,
        max: usize,
    ) -> Result<Vec<PeekedMessage>> {
        with_renewal(
            self.resources.as_ref(),
            |issued| same(kind.of(issued)?, queue),
            |queue| async move { self.store.peek(&queue, per_request(max)).await },
        )
        .await
    }

    /// Receives messages, and tells by which address, since the queue may have another SAS now.
    pub(crate) async fn receive(
        &self,
        kind: Kind,
        queue: &ResourceUri,
        max: usize,
        hidden_for: Duration,
    ) -> Result<(ResourceUri, Vec<ReceivedMessage>)> {
        with_renewal(
            self.resources.as_ref(),
            |issued| same(kind.of(issued)?, queue),
            |queue| async move {
                let messages = self.store.receive(&queue, per_request(max), hidden_for).await?;
                Ok((queue, messages))
            },
        )
        .await
    }

    /// Removes a received message by the address that gave it.
    pub(crate) async fn delete(&self, queue: &ResourceUri, message: &MessageHandle) -> Result<()> {
        self.store.delete(queue, message).await
    }

    /// Clears a queue with the SAS that it has now.
    pub(crate) async fn clear(&self, queue: &ResourceUri) -> Result<()> {
        self.store.clear(queue).await
    }
}

impl fmt::Debug for ReportQueues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

/// The first failure of several queues; all are told of.
#[derive(Debug, Default)]
pub(crate) struct Failure(Option<Error>);

impl Failure {
    /// Keeps what a queue failed with, if it is the first that did.
    pub(crate) fn note(&mut self, queue: &ResourceUri, cause: Error) {
        tracing::warn!(%queue, error = %cause, "a report queue could not be used");
        self.0.get_or_insert_with(|| {
            Error::new(cause.kind(), "read the service's reports")
                .with("queue", queue)
                .with_permanence(cause.is_permanent())
                .caused_by(cause)
        });
    }

    /// The value, unless it is worth nothing because of the failure.
    pub(crate) fn or<T>(self, value: T, worth: bool) -> Result<T> {
        match self.0 {
            Some(error) if !worth => Err(error),
            _ => Ok(value),
        }
    }
}

pub(crate) fn per_request(limit: usize) -> u8 {
    u8::try_from(limit.min(PER_REQUEST)).unwrap_or(u8::MAX)
}

/// The queue at the same address among those that Kusto issues now.
fn same(queues: &[ResourceUri], queue: &ResourceUri) -> Result<ResourceUri> {
    let mut others = queues.iter();
    let found = others.find(|other| other.redacted() == queue.redacted());
    found.cloned().ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "find the report queue").because("Kusto does not issue it any more")
    })
}
