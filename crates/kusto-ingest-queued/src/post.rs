//! Puts the message into one of the queues: the one step that must not be repeated blindly.

use std::sync::Arc;

use futures::future::FutureExt;
use kusto_ingest_core::{Ambiguity, Clock, Error, ErrorKind, Result, RetryPolicy, SourceId};
use kusto_ingest_resources::{Attempts, IngestionResources, ResourceProvider, attempt};
use kusto_storage::{QueueStore, ResourceUri};

/// What posting needs.
#[derive(Debug)]
pub(crate) struct Post<'a> {
    pub(crate) resources: &'a dyn ResourceProvider,
    pub(crate) queues: &'a dyn QueueStore,
    pub(crate) retry: &'a dyn RetryPolicy,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) ambiguity: Ambiguity,
}

impl Post<'_> {
    /// Puts the message into the first queue that takes it.
    ///
    /// # Errors
    /// [`ErrorKind::OutcomeUnknown`] when the message was sent and nobody knows whether it arrived, unless the
    /// caller chose to send it again.
    pub(crate) async fn message(&self, text: &str, id: SourceId) -> Result<()> {
        let (_, chance) = id.as_uuid().as_u64_pair();
        let attempts = Attempts::new(
            "put the message on a queue",
            self.resources,
            self.retry,
            self.clock,
            chance,
        );
        attempt(attempts, IngestionResources::queues, |queue| {
            self.put(queue, text).boxed()
        })
        .await
    }

    async fn put(&self, queue: ResourceUri, text: &str) -> Result<()> {
        self.queues
            .put(&queue, text)
            .await
            .map_err(|error| self.weigh(error))
    }

    fn weigh(&self, error: Error) -> Error {
        match (error.kind(), self.ambiguity) {
            (ErrorKind::OutcomeUnknown, Ambiguity::Repeat) => {
                Error::new(ErrorKind::Io, "put the message on the queue")
                    .because("its outcome is unknown, and it may be sent twice")
                    .caused_by(error)
            }
            _ => error,
        }
    }
}
