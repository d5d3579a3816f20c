//! Reads a status again and again until it is final: a loop, not a task.

mod row;

use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use kusto_ingest_core::{Clock, PollSchedule, Result, StatusLocator, within};
use kusto_ingest_message::StatusRecord;

use crate::StatusTracker;
use row::Row;

/// How many statuses are read at a time, so that a long list of them does not flood the table.
const READS_AT_A_TIME: usize = 16;

/// Reads a status until it is final, and returns the record, whatever its status is.
///
/// # Errors
/// [`ErrorKind::Timeout`](kusto_ingest_core::ErrorKind::Timeout) when the limit is reached; its context names the last `status` that was read. The error of
/// a read, with the code `StatusRetrievalFailed`, when it is permanent or when too many reads failed in a row.
///
/// # Cancel safety
/// Nothing is lost when the future is dropped: call again, with what is left of the limit.
pub async fn wait_until_final(
    clock: &dyn Clock,
    tracker: &dyn StatusTracker,
    locator: &StatusLocator,
    waiting: &PollSchedule,
) -> Result<StatusRecord> {
    let mut row = Row::new(locator, waiting, clock.monotonic());
    wait(clock, tracker, std::slice::from_mut(&mut row), waiting).await;
    row.outcome()
}

/// Reads several statuses until all are final, and returns for each its record, or why there is none, in the order of
/// the locators.
///
/// It is one wait with one limit: each round reads what is not final yet, a few at a time. What went wrong with one
/// of them holds up no other. The records of one source become one by
/// [`StatusRecord::combined`](kusto_ingest_message::StatusRecord::combined).
///
/// ```
/// use kusto_ingest_core::{ManualClock, PollSchedule, SourceId, StatusLocator, Timestamp};
/// use kusto_ingest_message::{OperationStatus, StatusRecord};
/// use kusto_ingest_status::{MemoryStatusTracker, StatusTracker, wait_all_final};
///
/// # futures::executor::block_on(async {
/// let tracker = MemoryStatusTracker::new();
/// let clock = ManualClock::advancing(Timestamp::UNIX_EPOCH);
/// let parts = [0, 1].map(|_| StatusLocator::new("https://h/status", SourceId::random()));
/// tracker.set_status(&parts[0], OperationStatus::Succeeded);
/// tracker.set_status(&parts[1], OperationStatus::Failed);
///
/// let records = wait_all_final(&clock, &tracker, &parts, &PollSchedule::interactive()).await;
/// let records: Vec<StatusRecord> = records.into_iter().collect::<Result<_, _>>()?;
/// assert_eq!(StatusRecord::combined(&records).status, OperationStatus::PartiallySucceeded);
/// # Ok::<(), kusto_ingest_core::Error>(())
/// # })?;
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
///
/// # Errors
/// Each as of [`wait_until_final`].
///
/// # Cancel safety
/// As of [`wait_until_final`].
pub async fn wait_all_final(
    clock: &dyn Clock,
    tracker: &dyn StatusTracker,
    locators: &[StatusLocator],
    waiting: &PollSchedule,
) -> Vec<Result<StatusRecord>> {
    let now = clock.monotonic();
    let row = |locator| Row::new(locator, waiting, now);
    let mut rows: Vec<Row<'_>> = locators.iter().map(row).collect();
    wait(clock, tracker, &mut rows, waiting).await;
    rows.into_iter().map(Row::outcome).collect()
}

/// The one loop: sleeps until the next row is due, and reads all that are.
async fn wait(clock: &dyn Clock, tracker: &dyn StatusTracker, rows: &mut [Row<'_>], waiting: &PollSchedule) {
    let end = waiting.limit.map(|limit| clock.monotonic() + limit);
    while let Some(due) = rows.iter().filter_map(Row::due).min() {
        let until = end.map_or(due, |end| end.min(due));
        let wait = until.saturating_sub(clock.monotonic());
        if wait > Duration::ZERO {
            clock.sleep(wait).await;
        }
        let now = clock.monotonic();
        let over = end.is_some_and(|end| end <= now);
        let mut reads = Vec::new();
        // No closure: one over the borrowed row would leave the future of the loop without `Send`.
        for row in rows.iter_mut() {
            if row.due().is_some_and(|due| over || due <= now) {
                reads.push(async move {
                    let answer = read(clock, tracker, row.locator, end, waiting.max_interval).await;
                    (row, answer)
                });
            }
        }
        let answers: Vec<_> = stream::iter(reads)
            .buffer_unordered(READS_AT_A_TIME)
            .collect()
            .await;
        // One time for all of them, so that they are due together again.
        let now = clock.monotonic();
        for (row, answer) in answers {
            row.note(answer, waiting, now, end);
        }
    }
}

/// One read, which may last until the end; or as long as the grace after it, when it is the last.
async fn read(
    clock: &dyn Clock,
    tracker: &dyn StatusTracker,
    locator: &StatusLocator,
    end: Option<Duration>,
    grace: Duration,
) -> Result<StatusRecord> {
    let reading = tracker.fetch(locator);
    let Some(end) = end else {
        return reading.await;
    };
    let now = clock.monotonic();
    let until = if now < end { end } else { end + grace };
    within(
        clock,
        until.saturating_sub(now),
        "read the status in time",
        reading,
    )
    .await
}
