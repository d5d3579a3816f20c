//! Puts the message into one of the queues: the one step that must not be repeated blindly.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures::future::FutureExt;
use kusto_ingest_core::{BlobUri, Deadline, Error, ErrorKind, OnUnknownOutcome, Result, SourceId, span};
use kusto_ingest_resources::{IngestionResources, Rounds};
use kusto_storage::ResourceUri;
use kusto_storage::internal::account_of;
use tracing::Instrument as _;

use crate::QueuedIngestClient;
use crate::outcome::Sent;

/// What is known of the puts of one message.
#[derive(Default)]
struct Puts {
    /// One is under way, and may have reached a queue.
    under_way: AtomicBool,
    ambiguous: AtomicU32,
    begun: AtomicU32,
}

impl QueuedIngestClient {
    /// Puts the message into the first queue that takes it, beginning with the account that has just taken the blob.
    ///
    /// A put that is under way when the time is over is ambiguous, like one whose answer was lost.
    pub(crate) async fn send(
        &self,
        text: &str,
        id: SourceId,
        blob: &BlobUri,
        deadline: Option<Deadline>,
    ) -> Sent {
        let puts = Puts::default();
        let (_, random) = id.as_uuid().as_u64_pair();
        let rounds = Rounds::new(
            "put the message on a queue",
            &*self.resources,
            &*self.retry,
            &self.clock,
            &self.outage,
        )
        .with_random(random)
        .with_deadline(deadline)
        .with_preferred(account_of(blob))
        .run(IngestionResources::queues, |queue| {
            self.put(queue, text, id, &puts).boxed()
        });
        // Pinned here, it is kept once: each future that it is handed to would keep it anew.
        let rounds = pin!(rounds);
        let outcome = match deadline {
            None => rounds.await,
            Some(end) => end.run(&*self.clock, "put the message on a queue", rounds).await,
        };
        if puts.under_way.load(Ordering::Relaxed) {
            puts.ambiguous.fetch_add(1, Ordering::Relaxed);
        }
        Sent {
            outcome,
            ambiguous: puts.ambiguous.load(Ordering::Relaxed),
        }
    }

    async fn put(&self, queue: ResourceUri, text: &str, id: SourceId, puts: &Puts) -> Result<()> {
        let attempt = puts.begun.fetch_add(1, Ordering::Relaxed) + 1;
        puts.under_way.store(true, Ordering::Relaxed);
        let put = self
            .queues
            .put(&queue, text)
            .instrument(span::post(id, queue.account(), attempt))
            .await;
        puts.under_way.store(false, Ordering::Relaxed);
        put.map_err(|error| self.classified(error, puts))
    }

    /// Counts ambiguous sends, and makes them transient failures where the caller wants them sent again.
    fn classified(&self, error: Error, puts: &Puts) -> Error {
        if error.kind() != ErrorKind::OutcomeUnknown {
            return error;
        }
        puts.ambiguous.fetch_add(1, Ordering::Relaxed);
        match self.on_unknown {
            OnUnknownOutcome::Report => error,
            OnUnknownOutcome::Retry => Error::new(ErrorKind::Io, "put the message on the queue")
                .because("its outcome is unknown, and it may be sent twice")
                .caused_by(error),
        }
    }
}
