//! Reads a status again and again until it is final: a loop, not a task.

mod row;

use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use kusto_ingest_core::{Clock, Result, StatusLocator, Timestamp, within};
use kusto_ingest_message::StatusRecord;

use crate::StatusTracker;
use row::Row;

/// How many statuses are read at a time, so that a long list of them does not flood the table.
const READS_AT_A_TIME: usize = 16;

/// When to read a status, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// How long to wait before the first read.
    pub first: Duration,
    /// How long to wait before the second read; doubled for each further one, up to `longest`.
    pub every: Duration,
    /// The longest wait between two reads.
    pub longest: Duration,
    /// How much longer to wait after the first, second … of several reads in a row that failed. One more failure
    /// than these ends the waiting.
    pub after_failures: Vec<Duration>,
    /// The upper bound of what is added to those by chance.
    pub jitter: Duration,
    /// How long to wait at most in all; without, as long as it takes.
    pub limit: Option<Duration>,
}

impl Waiting {
    /// A read every 10 s, the first after 10 s. After reads that fail it waits 10 s, 60 s and 120 s longer, and up to
    /// 5 s more by chance.
    #[must_use]
    pub fn regularly() -> Self {
        Self {
            first: Duration::from_secs(10),
            every: Duration::from_secs(10),
            longest: Duration::from_secs(10),
            after_failures: [10, 60, 120].map(Duration::from_secs).to_vec(),
            jitter: Duration::from_secs(5),
            limit: None,
        }
    }

    /// A read at once, then after 0.2 s, and each time twice as long up to 10 s: for somebody who looks on.
    #[must_use]
    pub fn eagerly() -> Self {
        Self {
            first: Duration::ZERO,
            every: Duration::from_millis(200),
            ..Self::regularly()
        }
    }

    /// Waits no longer than this in all. The last read is made at the very end, and lasts no longer than the longest
    /// wait between two.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self {
            limit: Some(limit),
            ..self
        }
    }

    /// Waits otherwise after reads that fail.
    #[must_use]
    pub fn with_failure_waits(self, waits: impl IntoIterator<Item = Duration>, jitter: Duration) -> Self {
        Self {
            after_failures: waits.into_iter().collect(),
            jitter,
            ..self
        }
    }

    /// How long to wait before a read, counted from zero.
    pub(crate) fn before(&self, read: u32) -> Duration {
        let Some(doublings) = read.checked_sub(1) else {
            return self.first;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.every.saturating_mul(factor).min(self.longest)
    }

    /// How much longer to wait after so many failures in a row; `None` when there were too many.
    pub(crate) fn after(&self, failures: usize, chance: u64) -> Option<Duration> {
        let wait = self.after_failures.get(failures.checked_sub(1)?)?;
        let bound = u64::try_from(self.jitter.as_millis()).unwrap_or(u64::MAX);
        Some(*wait + Duration::from_millis(chance % bound.saturating_add(1)))
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self::regularly()
    }
}

/// Reads a status until it is final, and returns the record, whatever its status is.
///
/// # Errors
/// [`ErrorKind::Timeout`](kusto_ingest_core::ErrorKind::Timeout) when the limit is reached; its context names the last `status` that was read. The error of
/// a read, with the code `StatusRetrievalFailed`, when it is permanent or when too many reads failed in a row.
///
/// # Cancel safety
/// Nothing is lost when the future is dropped: call again, with what is left of the limit.
pub async fn until_final(
    clock: &dyn Clock,
    tracker: &dyn StatusTracker,
    locator: &StatusLocator,
    waiting: &Waiting,
) -> Result<StatusRecord> {
    let mut row = Row::new(locator, waiting, clock.now());
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
/// use kusto_ingest_core::{BlobUri, IngestionProperties, ManualClock, SourceId, StatusLocator, Timestamp};
/// use kusto_ingest_message::{OperationStatus, StatusRecord};
/// use kusto_ingest_status::{MemoryStatusTracker, StatusTracker, Waiting, until_all_final};
///
/// # futures::executor::block_on(async {
/// let tracker = MemoryStatusTracker::new();
/// let clock = ManualClock::advancing(Timestamp::UNIX_EPOCH);
/// let parts = [0, 1].map(|_| StatusLocator::new("https://h/status", SourceId::random()));
/// tracker.mark(&parts[0], OperationStatus::Succeeded);
/// tracker.mark(&parts[1], OperationStatus::Failed);
///
/// let records = until_all_final(&clock, &tracker, &parts, &Waiting::eagerly()).await;
/// let records: Vec<StatusRecord> = records.into_iter().collect::<Result<_, _>>()?;
/// assert_eq!(StatusRecord::combined(&records).status, OperationStatus::PartiallySucceeded);
/// # Ok::<(), kusto_ingest_core::Error>(())
/// # })?;
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
///
/// # Errors
/// Each as of [`until_final`].
///
/// # Cancel safety
/// As of [`until_final`].
pub async fn until_all_final(
    clock: &dyn Clock,
    tracker: &dyn StatusTracker,
    locators: &[StatusLocator],
    waiting: &Waiting,
) -> Vec<Result<StatusRecord>> {
    let now = clock.now();
    let row = |locator| Row::new(locator, waiting, now);
    let mut rows: Vec<Row<'_>> = locators.iter().map(row).collect();
    wait(clock, tracker, &mut rows, waiting).await;
    rows.into_iter().map(Row::outcome).collect()
}

/// The one loop: sleeps until the next row is due, and reads all that are.
async fn wait(clock: &dyn Clock, tracker: &dyn StatusTracker, rows: &mut [Row<'_>], waiting: &Waiting) {
    let end = waiting.limit.map(|limit| clock.now() + limit);
    while let Some(due) = rows.iter().filter_map(Row::due).min() {
        let until = end.map_or(due, |end| end.min(due));
        let wait = until.since(clock.now());
        if wait > Duration::ZERO {
            clock.sleep(wait).await;
        }
        let now = clock.now();
        let over = end.is_some_and(|end| end <= now);
        let mut reads = Vec::new();
        // No closure: one over the borrowed row would leave the future of the loop without `Send`.
        for row in rows.iter_mut() {
            if row.due().is_some_and(|due| over || due <= now) {
                reads.push(async move {
                    let answer = read(clock, tracker, row.locator, end, waiting.longest).await;
                    (row, answer)
                });
            }
        }
        let answers: Vec<_> = stream::iter(reads)
            .buffer_unordered(READS_AT_A_TIME)
            .collect()
            .await;
        // One time for all of them, so that they are due together again.
        let now = clock.now();
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
    end: Option<Timestamp>,
    grace: Duration,
) -> Result<StatusRecord> {
    let reading = tracker.fetch(locator);
    let Some(end) = end else {
        return reading.await;
    };
    let now = clock.now();
    let until = if now < end { end } else { end + grace };
    within(clock, until.since(now), "read the status in time", reading).await
}
