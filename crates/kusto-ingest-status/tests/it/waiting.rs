//! Waiting for the end of an ingestion.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{
    Clock, Error, ErrorKind, ManualClock, PollSchedule, Result, SourceId, StatusLocator, Timestamp,
};
use kusto_ingest_message::{FailureStatus, OperationStatus, StatusRecord};
use kusto_ingest_status::{
    MemoryStatusTracker, MockStatusTracker, NewStatusRecord, OpenedStatus, StatusTracker, wait_all_final,
    wait_until_final,
};

/// A tracker that answers what it is told, and notes when it was asked.
#[derive(Clone, Debug)]
struct Watched {
    clock: ManualClock,
    memory: MemoryStatusTracker,
    times: Arc<Mutex<Vec<u128>>>,
}

impl Watched {
    fn answering(answers: Vec<Result<StatusRecord>>) -> Self {
        let memory = MemoryStatusTracker::new();
        memory.will_return(answers);
        Self {
            clock: clock(),
            memory,
            times: Arc::default(),
        }
    }

    fn wait(&self, waiting: &PollSchedule) -> Result<StatusRecord> {
        block_on(wait_until_final(&self.clock, self, &locator(), waiting))
    }

    /// When it was asked, in tenths of a second.
    fn times(&self) -> Vec<u128> {
        self.times.lock().expect("no test panics with it").clone()
    }
}

#[async_trait]
impl StatusTracker for Watched {
    async fn open(&self, source_id: SourceId, new_record: &NewStatusRecord) -> Result<OpenedStatus> {
        self.memory.open(source_id, new_record).await
    }

    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        let passed = self.clock.now().since(Timestamp::UNIX_EPOCH);
        self.times
            .lock()
            .expect("no test panics with it")
            .push(passed.as_millis() / 100);
        self.memory.fetch(locator).await
    }

    async fn abandon(&self, locator: &StatusLocator, reason: &Error) -> Result<()> {
        self.memory.abandon(locator, reason).await
    }
}

fn locator() -> StatusLocator {
    StatusLocator::new("https://h/status", SourceId::random())
}

fn says(status: OperationStatus) -> Result<StatusRecord> {
    Ok(StatusRecord::new(status))
}

fn unavailable() -> Result<StatusRecord> {
    Err(Error::new(ErrorKind::Unavailable, "read"))
}

#[test]
fn s02_c83_a_status_is_read_every_ten_seconds_until_it_is_final() {
    let mut failed = StatusRecord::new(OperationStatus::Failed);
    failed.failure_status = Some(FailureStatus::Transient);
    let tracker = Watched::answering(vec![
        says(OperationStatus::Pending),
        says(OperationStatus::Pending),
        Ok(failed),
    ]);
    let record = tracker.wait(&PollSchedule::default()).unwrap();
    assert_eq!(tracker.times(), [100, 200, 300]);
    assert!(!record.failure().unwrap().is_permanent());
}

#[test]
fn s02_c84_after_failed_reads_it_waits_longer_and_then_gives_up() {
    let tracker = Watched::answering(vec![unavailable(), unavailable(), unavailable(), unavailable()]);
    let waits = [1, 3].map(Duration::from_secs);
    let error = tracker
        .wait(&PollSchedule::standard().with_failure_waits(waits, Duration::ZERO))
        .unwrap_err();
    assert_eq!(tracker.times(), [100, 210, 340]);
    assert_eq!(error.code(), Some("StatusRetrievalFailed"));
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[test]
fn a_good_read_makes_up_for_the_failures_before_it() {
    let tracker = Watched::answering(vec![
        unavailable(),
        says(OperationStatus::Pending),
        unavailable(),
        says(OperationStatus::Succeeded),
    ]);
    let waiting = PollSchedule::standard().with_failure_waits([Duration::from_secs(1)], Duration::ZERO);
    assert!(tracker.wait(&waiting).unwrap().status.is_success());
    assert_eq!(tracker.times(), [100, 210, 310, 420]);
}

#[test]
fn chance_adds_at_most_five_seconds_to_the_wait_after_a_failure() {
    for _ in 0..20 {
        let tracker = Watched::answering(vec![unavailable(), says(OperationStatus::Succeeded)]);
        tracker.wait(&PollSchedule::standard()).unwrap();
        let times = tracker.times();
        assert!((300..=350).contains(&times[1]), "{times:?}");
    }
}

#[test]
fn who_looks_on_gets_an_answer_at_once_and_then_ever_more_rarely() {
    let pending = std::iter::repeat_with(|| says(OperationStatus::Pending)).take(8);
    let answers = pending.chain([says(OperationStatus::Succeeded)]).collect();
    let tracker = Watched::answering(answers);
    tracker.wait(&PollSchedule::interactive()).unwrap();
    assert_eq!(tracker.times(), [0, 2, 6, 14, 30, 62, 126, 226, 326]);
}

#[test]
fn at_the_limit_it_reads_once_more_and_then_tells_the_last_status() {
    let tracker = Watched::answering(vec![
        says(OperationStatus::Pending),
        says(OperationStatus::Pending),
        says(OperationStatus::Pending),
    ]);
    let limit = Duration::from_secs(25);
    let error = tracker
        .wait(&PollSchedule::standard().with_limit(limit))
        .unwrap_err();
    assert_eq!(tracker.times(), [100, 200, 250]);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.context().any(|pair| pair == ("status", "Pending")),
        "{error}"
    );
}

#[test]
fn a_limit_of_nothing_still_reads_once() {
    let waiting = PollSchedule::standard().with_limit(Duration::ZERO);
    let tracker = Watched::answering(vec![says(OperationStatus::Succeeded)]);
    assert!(tracker.wait(&waiting).unwrap().status.is_success());
    let tracker = Watched::answering(vec![says(OperationStatus::Pending)]);
    assert_eq!(tracker.wait(&waiting).unwrap_err().kind(), ErrorKind::Timeout);
}

/// A tracker that never answers.
#[derive(Debug)]
struct Hanging;
#[async_trait]
impl StatusTracker for Hanging {
    async fn open(&self, _: SourceId, _: &NewStatusRecord) -> Result<OpenedStatus> {
        std::future::pending().await
    }
    async fn fetch(&self, _: &StatusLocator) -> Result<StatusRecord> {
        std::future::pending().await
    }
    async fn abandon(&self, _: &StatusLocator, _: &Error) -> Result<()> {
        std::future::pending().await
    }
}

#[test]
fn a_read_that_hangs_does_not_outlast_the_limit() {
    let clock = clock();
    let waiting = PollSchedule::interactive().with_limit(Duration::from_secs(7));
    let error = block_on(wait_until_final(&clock, &Hanging, &locator(), &waiting)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(clock.now().since(Timestamp::UNIX_EPOCH), Duration::from_secs(7));
}

#[test]
fn last_reads_that_hang_end_together_however_many_they_are() {
    let clock = clock();
    let rows: Vec<_> = (0..100).map(|_| locator()).collect();
    let waiting = PollSchedule::standard().with_limit(Duration::from_secs(3));
    let records = block_on(wait_all_final(&clock, &Hanging, &rows, &waiting));
    assert_eq!(records.len(), 100);
    assert!(statuses(records).iter().all(|status| status == "Timeout"));
    assert_eq!(
        clock.now().since(Timestamp::UNIX_EPOCH),
        Duration::from_secs(3 + 10)
    );
}

#[test]
fn an_error_that_lasts_ends_the_waiting_at_once() {
    let mut tracker = MockStatusTracker::new();
    tracker
        .expect_fetch()
        .times(1)
        .returning(|_| Err(Error::new(ErrorKind::NotFound, "read")));
    let clock = clock();
    let error = block_on(wait_until_final(
        &clock,
        &tracker,
        &locator(),
        &PollSchedule::interactive(),
    ))
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.is_permanent());
}

/// So many rows, each of which says `Pending`.
fn rows(tracker: &Watched, count: usize) -> Vec<StatusLocator> {
    let rows: Vec<_> = (0..count).map(|_| locator()).collect();
    for row in &rows {
        tracker.memory.set_status(row, OperationStatus::Pending);
    }
    rows
}

fn statuses(records: Vec<Result<StatusRecord>>) -> Vec<String> {
    let said = |record: Result<StatusRecord>| match record {
        Ok(record) => record.status.to_string(),
        Err(error) => format!("{:?}", error.kind()),
    };
    records.into_iter().map(said).collect()
}

#[test]
fn several_statuses_are_waited_for_together_and_only_what_is_not_final_is_read_again() {
    let tracker = Watched::answering(vec![
        says(OperationStatus::Pending),
        says(OperationStatus::Failed),
        says(OperationStatus::Pending),
        says(OperationStatus::Succeeded),
        says(OperationStatus::Pending),
        says(OperationStatus::Skipped),
    ]);
    let rows = rows(&tracker, 3);
    let records = block_on(wait_all_final(
        &tracker.clock,
        &tracker,
        &rows,
        &PollSchedule::standard(),
    ));
    assert_eq!(statuses(records), ["Succeeded", "Failed", "Skipped"]);
    assert_eq!(tracker.times(), [100, 100, 100, 200, 200, 300]);
}

#[test]
fn one_limit_holds_for_all_and_what_is_final_by_then_is_told() {
    let tracker = Watched::answering(vec![]);
    let rows = rows(&tracker, 40);
    for done in &rows[..39] {
        tracker.memory.set_status(done, OperationStatus::Succeeded);
    }
    let waiting = PollSchedule::standard().with_limit(Duration::from_secs(25));
    let records = block_on(wait_all_final(&tracker.clock, &tracker, &rows, &waiting));
    assert_eq!(
        tracker.clock.now(),
        Timestamp::UNIX_EPOCH + Duration::from_secs(25)
    );
    let last = records[39].as_ref().unwrap_err();
    assert!(last.context().any(|pair| pair == ("status", "Pending")), "{last}");
    let statuses = statuses(records);
    assert_eq!(
        (statuses[38].as_str(), statuses[39].as_str()),
        ("Succeeded", "Timeout")
    );
    assert_eq!(tracker.times().len(), 40 + 2);
}

#[test]
fn a_row_that_cannot_be_read_holds_up_no_other() {
    let tracker = Watched::answering(vec![
        Err(Error::new(ErrorKind::NotFound, "read")),
        unavailable(),
        says(OperationStatus::Pending),
        says(OperationStatus::Succeeded),
        says(OperationStatus::Succeeded),
    ]);
    let rows = rows(&tracker, 3);
    let waiting = PollSchedule::standard().with_failure_waits([Duration::from_secs(30)], Duration::ZERO);
    let records = block_on(wait_all_final(&tracker.clock, &tracker, &rows, &waiting));
    assert_eq!(statuses(records), ["NotFound", "Succeeded", "Succeeded"]);
    assert_eq!(tracker.times(), [100, 100, 100, 200, 500]);
}

#[test]
fn a_read_that_hangs_holds_up_no_other_read() {
    #[derive(Debug)]
    struct OneHangs(MemoryStatusTracker, StatusLocator);
    #[async_trait]
    impl StatusTracker for OneHangs {
        async fn open(&self, source_id: SourceId, new_record: &NewStatusRecord) -> Result<OpenedStatus> {
            self.0.open(source_id, new_record).await
        }
        async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
            if *locator == self.1 {
                std::future::pending::<()>().await;
            }
            self.0.fetch(locator).await
        }
        async fn abandon(&self, locator: &StatusLocator, reason: &Error) -> Result<()> {
            self.0.abandon(locator, reason).await
        }
    }
    let watched = Watched::answering(vec![]);
    let rows = rows(&watched, 2);
    watched.memory.set_status(&rows[1], OperationStatus::Succeeded);
    let tracker = OneHangs(watched.memory, rows[0].clone());
    let waiting = PollSchedule::interactive().with_limit(Duration::from_secs(7));
    let records = block_on(wait_all_final(&watched.clock, &tracker, &rows, &waiting));
    assert_eq!(statuses(records), ["Timeout", "Succeeded"]);
    assert_eq!(
        watched.clock.now(),
        Timestamp::UNIX_EPOCH + Duration::from_secs(7)
    );
}

#[test]
fn of_nothing_there_is_nothing_to_wait_for() {
    let tracker = Watched::answering(vec![]);
    let records = block_on(wait_all_final(
        &tracker.clock,
        &tracker,
        &[],
        &PollSchedule::standard(),
    ));
    assert!(records.is_empty());
    assert_eq!(tracker.clock.now(), Timestamp::UNIX_EPOCH);
}
