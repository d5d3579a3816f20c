//! Reads a status again and again until it is final: a loop, not a task.

use std::time::Duration;

use kusto_ingest_core::{Clock, Error, ErrorKind, Result, SourceId, StatusLocator, Timestamp, within};
use kusto_ingest_message::StatusRecord;

use crate::StatusTracker;

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

    /// Waits no longer than this in all. The last read is made at the very end.
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
    fn before(&self, read: u32) -> Duration {
        let Some(doublings) = read.checked_sub(1) else {
            return self.first;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.every.saturating_mul(factor).min(self.longest)
    }

    /// How much longer to wait after so many failures in a row; `None` when there were too many.
    fn after(&self, failures: usize, chance: u64) -> Option<Duration> {
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
/// [`ErrorKind::Timeout`] when the limit is reached; its context names the last `status` that was read. The error of
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
    let chance = chance_of(locator);
    let mut watch = Watch {
        clock,
        started: clock.now(),
        limit: waiting.limit,
        last: None,
    };
    let mut read = 0_u32;
    let mut failures = 0;
    let mut longer = Duration::ZERO;
    loop {
        watch.sleep(waiting.before(read) + longer).await;
        match watch.read(tracker, locator).await {
            Ok(record) if record.status.is_final() => return Ok(record),
            Ok(record) => {
                (failures, longer) = (0, Duration::ZERO);
                watch.last = Some(record);
            }
            Err(error) if watch.is_over() => return Err(watch.timed_out(locator).caused_by(error)),
            Err(error) => {
                failures += 1;
                let wait = waiting.after(failures, chance.rotate_left(read));
                match wait.filter(|_| !error.is_permanent()) {
                    Some(wait) => longer = wait,
                    None => return Err(not_read(locator, error)),
                }
            }
        }
        if watch.is_over() {
            return Err(watch.timed_out(locator));
        }
        read = read.saturating_add(1);
    }
}

/// How long the waiting has gone on, and what was seen last.
struct Watch<'a> {
    clock: &'a dyn Clock,
    started: Timestamp,
    limit: Option<Duration>,
    last: Option<StatusRecord>,
}

impl Watch<'_> {
    /// What is left of the limit; `None` when there is no limit.
    fn left(&self) -> Option<Duration> {
        let passed = self.clock.now().since(self.started);
        self.limit.map(|limit| limit.saturating_sub(passed))
    }

    fn is_over(&self) -> bool {
        self.left() == Some(Duration::ZERO)
    }

    async fn sleep(&self, wait: Duration) {
        let wait = self.left().map_or(wait, |left| wait.min(left));
        if wait > Duration::ZERO {
            self.clock.sleep(wait).await;
        }
    }

    /// One read, which may last until the limit, and at the limit itself as long as the tracker lets it.
    async fn read(&self, tracker: &dyn StatusTracker, locator: &StatusLocator) -> Result<StatusRecord> {
        match self.left() {
            Some(left) if left > Duration::ZERO => {
                within(
                    self.clock,
                    left,
                    "read the status in time",
                    tracker.fetch(locator),
                )
                .await
            }
            _ => tracker.fetch(locator).await,
        }
    }

    fn timed_out(&self, locator: &StatusLocator) -> Error {
        let error = Error::new(ErrorKind::Timeout, "wait for the ingestion")
            .because("its status is not final yet")
            .with("row", &locator.row_key);
        match &self.last {
            Some(record) => error.with("status", &record.status),
            None => error,
        }
    }
}

fn not_read(locator: &StatusLocator, cause: Error) -> Error {
    Error::new(cause.kind(), "wait for the ingestion")
        .because("its status cannot be read")
        .with("row", &locator.row_key)
        .with_code("StatusRetrievalFailed")
        .with_permanence(cause.is_permanent())
        .caused_by(cause)
}

/// Source ids are random: they serve to spread the waits of many.
fn chance_of(locator: &StatusLocator) -> u64 {
    let id = locator.partition_key.parse::<SourceId>();
    id.map_or(0, |id| id.as_uuid().as_u64_pair().1)
}
