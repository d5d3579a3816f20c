//! A row that is waited for: when it is due, and what became of it.

use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, PollSchedule, Result, SourceId, StatusLocator};
use kusto_ingest_message::StatusRecord;

/// A row that is waited for.
pub(super) struct Row<'a> {
    pub(super) locator: &'a StatusLocator,
    random: u64,
    due: Duration,
    reads: u32,
    failures: usize,
    last: Option<StatusRecord>,
    outcome: Option<Result<StatusRecord>>,
}

impl<'a> Row<'a> {
    pub(super) fn new(locator: &'a StatusLocator, waiting: &PollSchedule, now: Duration) -> Self {
        Self {
            locator,
            random: random_of(locator),
            due: now + waiting.before(0),
            reads: 0,
            failures: 0,
            last: None,
            outcome: None,
        }
    }

    /// When it is to be read; `None` when that is over.
    pub(super) fn due(&self) -> Option<Duration> {
        self.outcome.is_none().then_some(self.due)
    }

    /// Takes note of what a read gave, and of when the next one is due.
    pub(super) fn note(
        &mut self,
        answer: Result<StatusRecord>,
        waiting: &PollSchedule,
        now: Duration,
        end: Option<Duration>,
    ) {
        let over = end.is_some_and(|end| end <= now);
        let random = self.random.rotate_left(self.reads);
        self.reads = self.reads.saturating_add(1);
        self.due = now + waiting.before(self.reads);
        match answer {
            Ok(record) if record.status.is_final() => self.outcome = Some(Ok(record)),
            Ok(record) => {
                self.failures = 0;
                self.last = Some(record);
                if over {
                    self.outcome = Some(Err(self.timed_out()));
                }
            }
            Err(error) if over => self.outcome = Some(Err(self.timed_out().caused_by(error))),
            Err(error) => {
                self.failures += 1;
                let longer = waiting.after_failure(self.failures, random);
                match longer.filter(|_| !error.is_permanent()) {
                    Some(longer) => self.due += longer,
                    None => self.outcome = Some(Err(not_read(self.locator, error))),
                }
            }
        }
    }

    pub(super) fn outcome(self) -> Result<StatusRecord> {
        let unread = || Err(self.timed_out());
        self.outcome.clone().unwrap_or_else(unread)
    }

    fn timed_out(&self) -> Error {
        let error = Error::new(ErrorKind::Timeout, "wait for the ingestion")
            .because("its status is not final yet")
            .with("row", &self.locator.row_key);
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
fn random_of(locator: &StatusLocator) -> u64 {
    let id = locator.partition_key.parse::<SourceId>();
    id.map_or(0, |id| id.as_uuid().as_u64_pair().1)
}
