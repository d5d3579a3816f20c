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
            let asking = self.ask(receipt, id, OperationDetail::Summary);
            // The last look lasts no longer than the longest wait between two.
            let grace = end.map(|end| end.saturating_sub(now).max(waiting.max_interval));
            let told = match grace {
                Some(grace) => within(&*self.clock, grace, "ask for the operation", asking).await,
                None => asking.await,
            };
            longer = Duration::ZERO;
            match told {
                Ok(told) if told.outcome().is_final() => {
                    return self.ask(receipt, id, OperationDetail::Blobs).await;
                }
                Ok(_) if is_last => return Err(timed_out(id)),
                Err(error) if is_last => return Err(timed_out(id).caused_by(error)),
                Ok(_) => failures = 0,
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
}

fn is_too_new(error: &Error, elapsed: Duration) -> bool {
    error.kind() == ErrorKind::NotFound && elapsed < TOO_NEW
}

fn timed_out(id: &OperationId) -> Error {
    Error::new(ErrorKind::Timeout, "wait for the ingestion")
        .because("its operation has not ended yet")
        .with("operation", id)
}

fn not_read(cause: Error) -> Error {
    Error::new(cause.kind(), "wait for the ingestion")
        .because("its operation cannot be read")
        .with_code("StatusRetrievalFailed")
        .with_permanence(cause.is_permanent())
        .caused_by(cause)
}
