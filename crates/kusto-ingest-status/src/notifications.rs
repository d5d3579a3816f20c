//! What the service reports to the cluster's queues.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_message::{FailureNotification, Report, SuccessNotification};
use kusto_ingest_resources::ResourceProvider;
use kusto_storage::{QueueStore, ReceivedMessage, ResourceUri};

use crate::report_queues::{Failure, Kind, PER_REQUEST, ReportQueues};

/// How long a message that is being taken is hidden from others.
const HIDDEN_FOR: Duration = Duration::from_secs(30);

/// How often the service is asked to go on clearing a queue that it could not clear in the time of a request.
const CLEARINGS: usize = 10;

/// How many requests for reports it takes at most to empty a queue that cannot be cleared: 10,240 reports. Writers may
/// fill the queue meanwhile.
const EMPTYINGS: usize = 320;

/// Reads what the service reports to the cluster's queues of failures and successes.
///
/// **All clients of a cluster share these queues.** `peek_…` and `has_…` leave reports where they are. `take_…` and
/// `clear_…` remove them: what one client takes no other will see, whoever's ingestion it is about. To follow your own
/// ingestions only, report them to the status table and use a [`StatusTracker`](crate::StatusTracker), or use a
/// [`StatusRouter`](crate::StatusRouter), which removes only the reports that it delivers.
///
/// The service reports successes only for ingestions with
/// [`ReportLevel::FailuresAndSuccesses`](kusto_ingest_core::ReportLevel::FailuresAndSuccesses). Reports of one queue
/// come oldest first; between queues there is no order.
#[doc(alias = "KustoIngestStatusQueues")]
#[derive(Clone)]
pub struct Notifications {
    queues: ReportQueues,
    turn: Arc<AtomicUsize>,
}

impl Notifications {
    /// How many reports to ask for by default: as many as one request gives.
    pub const DEFAULT_LIMIT: usize = PER_REQUEST;

    /// Reports from the queues that `resources` tells of.
    #[must_use]
    pub fn new(queues: Arc<dyn QueueStore>, resources: Arc<dyn ResourceProvider>) -> Self {
        Self {
            queues: ReportQueues::new(queues, resources),
            turn: Arc::default(),
        }
    }

    /// Reads up to so many reports of failures, and leaves them where they are. A queue shows its first 32 only.
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`](kusto_ingest_core::ErrorKind::NoResources) when Kusto issues no such queue, or why none of them could be read.
    #[doc(alias = "PeekTopIngestionFailures")]
    pub async fn peek_failures(&self, limit: usize) -> Result<Vec<Report<FailureNotification>>> {
        let texts = self.peek(Kind::Failures, limit).await?;
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
        let texts = self.peek(Kind::Successes, limit).await?;
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
        let taken = self.take(Kind::Failures, limit).await?;
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
        let taken = self.take(Kind::Successes, limit).await?;
        Ok(taken
            .iter()
            .map(|text| SuccessNotification::decode(text))
            .collect())
    }

    /// Whether there is a report of a failure that can be seen now.
    ///
    /// # Errors
    /// As [`peek_failures`](Self::peek_failures), and why a queue could not be read when no other shows a report.
    #[doc(alias = "IsEmpty")]
    pub async fn has_failures(&self) -> Result<bool> {
        self.has(Kind::Failures).await
    }

    /// Whether there is a report of a success that can be seen now.
    ///
    /// # Errors
    /// As [`has_failures`](Self::has_failures).
    pub async fn has_successes(&self) -> Result<bool> {
        self.has(Kind::Successes).await
    }

    /// Removes all reports of failures, unseen, **those about the ingestions of all other clients of the cluster as
    /// well**: for a test cluster, or a queue that nobody reads.
    ///
    /// Where the SAS that Kusto issues does not allow to clear a queue, its reports are taken one by one, 10,240 of
    /// them at most; those that another client is reading at the moment stay then.
    ///
    /// # Errors
    /// As [`peek_failures`](Self::peek_failures), and why a queue could not be cleared, after all others were: also that
    /// it held more reports, or was filled meanwhile. It may be called again.
    pub async fn clear_failures(&self) -> Result<()> {
        self.clear(Kind::Failures).await
    }

    /// Removes all reports of successes, unseen, **those about the ingestions of all other clients of the cluster as
    /// well**.
    ///
    /// # Errors
    /// As [`clear_failures`](Self::clear_failures).
    pub async fn clear_successes(&self) -> Result<()> {
        self.clear(Kind::Successes).await
    }

    /// Every queue is asked once, and its reports are mixed evenly.
    async fn peek(&self, kind: Kind, limit: usize) -> Result<Vec<String>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut failure = Failure::default();
        let mut seen = Vec::new();
        for queue in self.in_turn(kind).await? {
            match self.queues.peek(kind, &queue, limit).await {
                Ok(messages) => seen.push(messages.into_iter().map(|message| message.text)),
                Err(error) => failure.note(&queue, error),
            }
        }
        let worth = !seen.is_empty();
        failure.or(evenly(seen, limit), worth)
    }

    /// Every queue is asked for an even share, and those that had as much are asked again for what is missing. Never
    /// more is received than is returned, since what is received is hidden from others.
    async fn take(&self, kind: Kind, limit: usize) -> Result<Vec<String>> {
        let mut taken = Vec::new();
        if limit == 0 {
            return Ok(taken);
        }
        let mut failure = Failure::default();
        let mut queues = self.in_turn(kind).await?;
        while taken.len() < limit && !queues.is_empty() {
            let share = limit.saturating_sub(taken.len()).div_ceil(queues.len());
            let mut full = Vec::new();
            for queue in queues {
                let wanted = share.min(limit - taken.len()).min(PER_REQUEST);
                if wanted == 0 {
                    break;
                }
                match self.take_from(kind, &queue, wanted).await {
                    Ok(texts) => {
                        if texts.len() == wanted {
                            full.push(queue);
                        }
                        taken.extend(texts);
                    }
                    Err(error) => failure.note(&queue, error),
                }
            }
            queues = full;
        }
        let worth = !taken.is_empty();
        failure.or(taken, worth)
    }

    async fn take_from(&self, kind: Kind, queue: &ResourceUri, max: usize) -> Result<Vec<String>> {
        let (queue, messages) = self.queues.receive(kind, queue, max, HIDDEN_FOR).await?;
        let mut texts = Vec::with_capacity(messages.len());
        for ReceivedMessage { handle, text, .. } in messages {
            if let Err(error) = self.queues.delete(&queue, &handle).await {
                tracing::warn!(%queue, %error, "a report was read but not removed: it will come again");
            }
            texts.push(text);
        }
        Ok(texts)
    }

    async fn has(&self, kind: Kind) -> Result<bool> {
        let mut failure = Failure::default();
        for queue in self.in_turn(kind).await? {
            match self.queues.peek(kind, &queue, 1).await {
                Ok(messages) if !messages.is_empty() => return Ok(true),
                Ok(_) => {}
                Err(error) => failure.note(&queue, error),
            }
        }
        failure.or(false, false)
    }

    async fn clear(&self, kind: Kind) -> Result<()> {
        let mut failure = Failure::default();
        for queue in self.in_turn(kind).await? {
            if let Err(error) = self.clear_one(kind, &queue).await {
                failure.note(&queue, error);
            }
        }
        failure.or((), false)
    }

    async fn clear_one(&self, kind: Kind, queue: &ResourceUri) -> Result<()> {
        for _ in 0..CLEARINGS {
            match self.queues.clear(queue).await {
                Ok(()) => return Ok(()),
                Err(error) if took_too_long(&error) => {}
                Err(error) => {
                    tracing::debug!(%queue, %error, "a report queue cannot be cleared at once: its reports are removed one by one");
                    break;
                }
            }
        }
        for _ in 0..EMPTYINGS {
            let (queue, messages) = self.queues.receive(kind, queue, PER_REQUEST, HIDDEN_FOR).await?;
            for message in &messages {
                self.queues.delete(&queue, &message.handle).await?;
            }
            if messages.len() < PER_REQUEST {
                return Ok(());
            }
        }
        let removed = EMPTYINGS * PER_REQUEST;
        Err(Error::new(ErrorKind::Unavailable, "empty the report queue")
            .because(format!("{removed} reports were removed, and there are more")))
    }

    /// The queues, beginning with another one at each call, so that none is always last.
    async fn in_turn(&self, kind: Kind) -> Result<Vec<ResourceUri>> {
        let mut queues = self.queues.issued(kind).await?;
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % queues.len();
        queues.rotate_left(first);
        Ok(queues)
    }
}

/// The service's answer when a queue is too long to be cleared in the time of a request: it has done a part of it.
fn took_too_long(error: &Error) -> bool {
    error.code() == Some("OperationTimedOut")
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
