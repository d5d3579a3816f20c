//! What the service reports to the cluster's queues.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_message::{FailureNotification, Report, SuccessNotification};
use kusto_ingest_resources::{IngestionResources, ResourceProvider};
use kusto_storage::{QueueStore, ReceivedMessage, ResourceUri};

use crate::renewal::with_renewal;

/// The most that one request to a queue gives.
const PER_REQUEST: usize = 32;

/// How long a message that is being taken is hidden from others.
const HIDDEN_FOR: Duration = Duration::from_secs(30);

/// Reads what the service reports to the cluster's queues of failures and successes.
///
/// **All clients of a cluster share these queues.** `peek_…` leaves reports where they are. `take_…` removes them: what
/// one client takes no other will see, whoever's ingestion it is about. Who wants to know about own ingestions
/// only should have them reported to the status table, and use a [`StatusTracker`](crate::StatusTracker).
///
/// The service reports successes only for ingestions with
/// [`ReportLevel::FailuresAndSuccesses`](kusto_ingest_core::ReportLevel::FailuresAndSuccesses). Reports of one queue
/// come oldest first; between queues there is no order.
#[doc(alias = "KustoIngestStatusQueues")]
#[derive(Clone)]
pub struct Notifications {
    queues: Arc<dyn QueueStore>,
    resources: Arc<dyn ResourceProvider>,
    turn: Arc<AtomicUsize>,
}

type Kind = fn(&IngestionResources) -> Result<&[ResourceUri]>;

impl Notifications {
    /// How many reports one usually asks for: as many as one request gives.
    pub const USUAL_LIMIT: usize = PER_REQUEST;

    /// Reports from the queues that `resources` tells of.
    #[must_use]
    pub fn new(queues: Arc<dyn QueueStore>, resources: Arc<dyn ResourceProvider>) -> Self {
        Self {
            queues,
            resources,
            turn: Arc::default(),
        }
    }

    /// Reads up to so many reports of failures, and leaves them where they are. A queue shows its first 32 only.
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when Kusto lends no such queue, or why none of them could be read.
    #[doc(alias = "PeekTopIngestionFailures")]
    pub async fn peek_failures(&self, limit: usize) -> Result<Vec<Report<FailureNotification>>> {
        let texts = self.peek(IngestionResources::failure_queues, limit).await?;
        Ok(texts
            .iter()
            .map(|text| FailureNotification::decode(text))
            .collect())
    }

    /// Reads up to so many reports of successes, and leaves them where they are. A queue shows its first 32 only.
    ///
    /// # Errors
    /// As [`peek_failures`](Self::peek_failures).
    pub async fn peek_successes(&self, limit: usize) -> Result<Vec<Report<SuccessNotification>>> {
        let texts = self.peek(IngestionResources::success_queues, limit).await?;
        Ok(texts
            .iter()
            .map(|text| SuccessNotification::decode(text))
            .collect())
    }

    /// Takes up to so many reports of failures, **which no other client of the cluster will see then**. A report that
    /// cannot be read is taken as well, so that it blocks nobody.
    ///
    /// # Errors
    /// As [`peek_failures`](Self::peek_failures). When some queues can be read and others not, there is no error,
    /// since what was taken would be lost.
    ///
    /// # Cancel safety
    /// Reports that were removed already when the future is dropped are lost; others come back after 30 s.
    #[doc(alias = "GetAndDiscardTopIngestionFailures")]
    pub async fn take_failures(&self, limit: usize) -> Result<Vec<Report<FailureNotification>>> {
        let taken = self.take(IngestionResources::failure_queues, limit).await?;
        Ok(taken
            .iter()
            .map(|text| FailureNotification::decode(text))
            .collect())
    }

    /// Takes up to so many reports of successes, **which no other client of the cluster will see then**.
    ///
    /// # Errors
    /// As [`take_failures`](Self::take_failures), and as cancel-safe.
    #[doc(alias = "GetAndDiscardTopIngestionSuccesses")]
    pub async fn take_successes(&self, limit: usize) -> Result<Vec<Report<SuccessNotification>>> {
        let taken = self.take(IngestionResources::success_queues, limit).await?;
        Ok(taken
            .iter()
            .map(|text| SuccessNotification::decode(text))
            .collect())
    }

    /// Every queue is asked once, and its reports are mixed evenly.
    async fn peek(&self, kind: Kind, limit: usize) -> Result<Vec<String>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut failure = None;
        let mut seen = Vec::new();
        for queue in self.in_turn(kind).await? {
            let peeked = with_renewal(
                self.resources.as_ref(),
                |lent| same(kind(lent)?, &queue),
                |queue| async move { self.queues.peek(&queue, per_request(limit)).await },
            );
            match peeked.await {
                Ok(messages) => seen.push(messages.into_iter().map(|message| message.text)),
                Err(error) => note(&mut failure, &queue, error),
            }
        }
        match failure {
            Some(error) if seen.is_empty() => Err(error),
            _ => Ok(evenly(seen, limit)),
        }
    }

    /// Every queue is asked for an even share, and those that had as much are asked again for what is missing. Never
    /// more is received than is returned, since what is received is hidden from others.
    async fn take(&self, kind: Kind, limit: usize) -> Result<Vec<String>> {
        let mut taken = Vec::new();
        if limit == 0 {
            return Ok(taken);
        }
        let mut failure = None;
        let mut queues = self.in_turn(kind).await?;
        while taken.len() < limit && !queues.is_empty() {
            let share = limit.saturating_sub(taken.len()).div_ceil(queues.len());
            let mut full = Vec::new();
            for queue in queues {
                let wanted = share.min(limit - taken.len());
                if wanted == 0 {
                    break;
                }
                match self.take_from(kind, &queue, per_request(wanted)).await {
                    Ok(texts) => {
                        if texts.len() == usize::from(per_request(wanted)) {
                            full.push(queue);
                        }
                        taken.extend(texts);
                    }
                    Err(error) => note(&mut failure, &queue, error),
                }
            }
            queues = full;
        }
        match failure {
            Some(error) if taken.is_empty() => Err(error),
            _ => Ok(taken),
        }
    }

    async fn take_from(&self, kind: Kind, queue: &ResourceUri, max: u8) -> Result<Vec<String>> {
        let received = with_renewal(
            self.resources.as_ref(),
            |lent| same(kind(lent)?, queue),
            |queue| async move {
                let messages = self.queues.receive(&queue, max, HIDDEN_FOR).await?;
                Ok((queue, messages))
            },
        );
        let (queue, messages) = received.await?;
        let mut texts = Vec::with_capacity(messages.len());
        for ReceivedMessage { handle, text, .. } in messages {
            if let Err(error) = self.queues.delete(&queue, &handle).await {
                tracing::warn!(%queue, %error, "a report was read but not removed: it will come again");
            }
            texts.push(text);
        }
        Ok(texts)
    }

    /// The queues, beginning with another one at each call, so that none is always last.
    async fn in_turn(&self, kind: Kind) -> Result<Vec<ResourceUri>> {
        let lent = self.resources.resources().await?;
        let mut queues = kind(&lent)?.to_vec();
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % queues.len();
        queues.rotate_left(first);
        Ok(queues)
    }
}

fn per_request(limit: usize) -> u8 {
    u8::try_from(limit.min(PER_REQUEST)).unwrap_or(u8::MAX)
}

/// The queue at the same address among those that Kusto lends now.
fn same(queues: &[ResourceUri], queue: &ResourceUri) -> Result<ResourceUri> {
    let mut others = queues.iter();
    let found = others.find(|other| other.redacted() == queue.redacted());
    found.cloned().ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "find the report queue").because("Kusto does not lend it any more")
    })
}

/// Keeps the first failure, and tells of all.
fn note(first: &mut Option<Error>, queue: &ResourceUri, cause: Error) {
    tracing::warn!(%queue, error = %cause, "a report queue could not be read");
    first.get_or_insert_with(|| {
        Error::new(cause.kind(), "read the service's reports")
            .with("queue", queue)
            .with_permanence(cause.is_permanent())
            .caused_by(cause)
    });
}

/// The first of each list, the second of each list, and so on up to a limit.
fn evenly<T>(mut lists: Vec<impl Iterator<Item = T>>, limit: usize) -> Vec<T> {
    let mut mixed = Vec::new();
    loop {
        let before = mixed.len();
        mixed.extend(lists.iter_mut().filter_map(Iterator::next));
        if mixed.len() == before || mixed.len() >= limit {
            mixed.truncate(limit);
            return mixed;
        }
    }
}

impl fmt::Debug for Notifications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifications")
            .field("queues", &self.queues)
            .finish_non_exhaustive()
    }
}
