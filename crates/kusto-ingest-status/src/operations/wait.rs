//! Asks for an operation again and again until it has ended: a loop, not a task.

use std::time::Duration;

use kusto_endpoint::{OperationDetail, OperationId, QueuedOperation};
use kusto_ingest_core::{Error, ErrorKind, PollSchedule, Receipt, Result, within};

use super::QueuedOperations;

/// How long an operation that is not known may only be too new.
const TOO_NEW: Duration = Duration::from_secs(60);

impl QueuedOperations {
    /// Asks in numbers until an operation has ended, and then for its blobs.
    pub(super) async fn wait_for(
        &self,
        receipt: &Receipt,
        id: &OperationId,
        waiting: &PollSchedule,
    ) -> Result<QueuedOperation> {
        let begun = self.clock.monotonic();
        let end = waiting.limit.map(|limit| begun.saturating_add(limit));
        let random = receipt.source_id.as_uuid().as_u64_pair().1;
        let (mut looks, mut failures, mut longer) = (0, 0, Duration::ZERO);
        let mut has_ended = false;
        loop {
            let now = self.clock.monotonic();
            let due = now.saturating_add(waiting.before(looks)).saturating_add(longer);
            let wait = end.map_or(due, |end| end.min(due)).saturating_sub(now);
            if !wait.is_zero() {
                self.clock.sleep(wait).await;
            }
            looks += 1;
            let now = self.clock.monotonic();
            let is_last = end.is_some_and(|end| end <= now);
            let looking = self.look(receipt, id, &mut has_ended);
            // The last look lasts no longer than the longest wait between two.
            let grace = end.map(|end| end.saturating_sub(now).max(waiting.max_interval));
            let told = match grace {
                Some(grace) => within(&*self.clock, grace, "ask for the operation", looking).await,
                None => looking.await,
            };
            longer = Duration::ZERO;
            match told {
                Ok(Some(told)) => return Ok(told),
                Ok(None) if is_last => return Err(timed_out(id, has_ended)),
                Err(error) if is_last => return Err(timed_out(id, has_ended).caused_by(error)),
                Ok(None) => failures = 0,
                Err(error) if is_too_new(&error, now.saturating_sub(begun)) => {}
                Err(error) => {
                    failures += 1;
                    let wait = waiting.after_failure(failures, random.rotate_left(looks));
                    match wait.filter(|_| !error.is_permanent()) {
                        Some(wait) => longer = wait,
                        None => return Err(not_read(error)),
                    }
                }
            }
        }
    }

    /// One look: in numbers while the operation has not ended, and for its blobs once it has.
    async fn look(
        &self,
        receipt: &Receipt,
        id: &OperationId,
        has_ended: &mut bool,
    ) -> Result<Option<QueuedOperation>> {
        if !*has_ended {
            let told = self.ask(receipt, id, OperationDetail::Summary).await?;
            *has_ended = told.outcome().is_final();
        }
        match *has_ended {
            true => self.ask(receipt, id, OperationDetail::Blobs).await.map(Some),
            false => Ok(None),
        }
    }
}

fn is_too_new(error: &Error, elapsed: Duration) -> bool {
    error.kind() == ErrorKind::NotFound && elapsed < TOO_NEW
}

fn timed_out(id: &OperationId, has_ended: bool) -> Error {
    let why = match has_ended {
        true => "its operation has ended, and what became of its sources was not told in time",
        false => "its operation has not ended yet",
    };
    Error::new(ErrorKind::Timeout, "wait for the ingestion")
        .because(why)
        .with("operation", id)
}

fn not_read(cause: Error) -> Error {
    Error::new(cause.kind(), "wait for the ingestion")
        .because("its operation cannot be read")
        .with_code("StatusRetrievalFailed")
        .with_permanence(cause.is_permanent())
        .caused_by(cause)
}
