//! Puts the message into one of the queues: the one step that must not be repeated blindly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::FutureExt;
use kusto_ingest_core::{Clock, Error, ErrorKind, OnUnknownOutcome, Outage, Result, RetryPolicy, SourceId};
use kusto_ingest_resources::{IngestionResources, ResourceProvider, Rounds};
use kusto_storage::{QueueStore, ResourceUri};

/// What posting needs.
#[derive(Debug)]
pub(crate) struct Post<'a> {
    pub(crate) resources: &'a dyn ResourceProvider,
    pub(crate) queues: &'a dyn QueueStore,
    pub(crate) retry: &'a dyn RetryPolicy,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) outage: &'a Outage,
    /// The account that has just taken the blob.
    pub(crate) preferred: Option<&'a str>,
    pub(crate) ambiguity: OnUnknownOutcome,
}

impl Post<'_> {
    /// Puts the message into the first queue that takes it.
    ///
    /// # Errors
    /// [`ErrorKind::OutcomeUnknown`] when the message was sent and nobody knows whether it arrived, unless the
    /// caller chose to send it again and that has worked.
    pub(crate) async fn message(&self, text: &str, id: SourceId) -> Result<()> {
        let (_, chance) = id.as_uuid().as_u64_pair();
        let rounds = Rounds::new(
            "put the message on a queue",
            self.resources,
            self.retry,
            self.clock,
            self.outage,
        );
        let may_be_there = &AtomicBool::new(false);
        let posted = rounds
            .with_random(chance)
            .with_preferred(self.preferred)
            .run(IngestionResources::queues, |queue| {
                self.put(queue, text, may_be_there).boxed()
            })
            .await;
        match posted {
            // However the last attempt failed: what became of an earlier one is not known.
            Err(error) if may_be_there.load(Ordering::Relaxed) => Err(Error::new(
                ErrorKind::OutcomeUnknown,
                "put the message on a queue",
            )
            .because("it may be there, and sending it again has failed")
            .caused_by(error)),
            posted => posted,
        }
    }

    async fn put(&self, queue: ResourceUri, text: &str, may_be_there: &AtomicBool) -> Result<()> {
        let put = self.queues.put(&queue, text).await;
        put.map_err(|error| self.weigh(error, may_be_there))
    }

    fn weigh(&self, error: Error, may_be_there: &AtomicBool) -> Error {
        match (error.kind(), self.ambiguity) {
            (ErrorKind::OutcomeUnknown, OnUnknownOutcome::Retry) => {
                may_be_there.store(true, Ordering::Relaxed);
                Error::new(ErrorKind::Io, "put the message on the queue")
                    .because("its outcome is unknown, and it may be sent twice")
                    .caused_by(error)
            }
            _ => error,
        }
    }
}
