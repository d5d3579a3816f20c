//! Status records in memory: for tests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use kusto_ingest_core::{Error, ErrorKind, Result, SourceId, StatusLocator, Timestamp};
use kusto_ingest_message::{FailureStatus, OperationStatus, StatusRecord};

use crate::{NewStatusRecord, OpenedStatus, StatusTracker};

/// Keeps status records in memory. Clones share them, so that a test keeps one and hands the other over.
///
/// ```
/// use kusto_ingest_core::{BlobUri, IngestionProperties, SourceId};
/// use kusto_ingest_message::OperationStatus;
/// use kusto_ingest_status::{MemoryStatusTracker, NewStatusRecord, StatusTracker};
///
/// # futures::executor::block_on(async {
/// let tracker = MemoryStatusTracker::new();
/// let properties = IngestionProperties::into_table("Samples", "Weather")?;
/// let new_record = NewStatusRecord::new(&properties, &BlobUri::parse("https://h/c/b.csv?sig=S")?);
///
/// let opened = tracker.open(SourceId::random(), &new_record).await?;
/// assert_eq!(tracker.fetch(&opened.locator).await?.status, OperationStatus::Pending);
///
/// tracker.set_status(&opened.locator, OperationStatus::Succeeded);
/// assert_eq!(tracker.fetch(&opened.locator).await?.status, OperationStatus::Succeeded);
/// # Ok::<(), kusto_ingest_core::Error>(())
/// # })?;
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryStatusTracker(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    records: BTreeMap<(String, String), StatusRecord>,
    answers: VecDeque<Result<StatusRecord>>,
    refusal: Option<Error>,
    fetched: usize,
}

impl MemoryStatusTracker {
    /// The table that its locators name.
    const TABLE: &'static str = "https://memory.table.core.windows.net/status?sig=memory";

    /// A tracker without records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the status of a record, as the service does.
    pub fn set_status(&self, locator: &StatusLocator, status: OperationStatus) {
        self.update(locator, |record| record.status = status);
    }

    /// Changes a record, as the service does. A record that was not opened is changed from one that says nothing
    /// but `Pending`.
    pub fn update(&self, locator: &StatusLocator, change: impl FnOnce(&mut StatusRecord)) {
        let mut state = self.state();
        let record = state
            .records
            .entry(key(locator))
            .or_insert_with(|| StatusRecord::new(OperationStatus::Pending));
        change(record);
    }

    /// Answers the next reads with these, one each, before any record is looked at.
    pub fn will_return(&self, answers: impl IntoIterator<Item = Result<StatusRecord>>) {
        self.state().answers.extend(answers);
    }

    /// Refuses to open records, with this error.
    pub fn will_fail(&self, error: Error) {
        self.state().refusal = Some(error);
    }

    /// Every record, in the order of their keys.
    #[must_use]
    pub fn records(&self) -> Vec<StatusRecord> {
        self.state().records.values().cloned().collect()
    }

    /// How often records were read.
    #[must_use]
    pub fn fetched(&self) -> usize {
        self.state().fetched
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl StatusTracker for MemoryStatusTracker {
    async fn open(&self, source_id: SourceId, new_record: &NewStatusRecord) -> Result<OpenedStatus> {
        let mut state = self.state();
        if let Some(error) = &state.refusal {
            return Err(error.clone());
        }
        let opened = OpenedStatus::new(Self::TABLE, source_id, new_record);
        let mut record = StatusRecord::pending(
            source_id,
            &new_record.database,
            &new_record.table,
            &new_record.blob,
            Timestamp::UNIX_EPOCH,
        );
        record.updated_on = None;
        state.records.insert(key(&opened.locator), record);
        Ok(opened)
    }

    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        let mut state = self.state();
        state.fetched += 1;
        if let Some(answer) = state.answers.pop_front() {
            return answer;
        }
        let record = state.records.get(&key(locator)).cloned();
        record.ok_or_else(|| Error::new(ErrorKind::NotFound, "read the status record"))
    }

    async fn abandon(&self, locator: &StatusLocator, reason: &Error) -> Result<()> {
        let details = reason.chain();
        self.update(locator, |record| {
            record.status = OperationStatus::Failed;
            record.failure_status = Some(FailureStatus::Transient);
            record.details = Some(details);
        });
        Ok(())
    }
}

fn key(locator: &StatusLocator) -> (String, String) {
    (locator.partition_key.clone(), locator.row_key.clone())
}
