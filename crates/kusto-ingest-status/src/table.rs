//! Status records in the table that Kusto lends for them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest_core::{
    Clock, Error, ErrorKind, ExponentialRetry, Result, RetryPolicy, SourceId, StatusLocator,
};
use kusto_ingest_message::{FailureStatus, OperationStatus, StatusRecord};
use kusto_ingest_resources::{IngestionResources, Outcome, ResourceProvider};
use kusto_storage::{Entity, EntityKey, ResourceUri, TableStore};

use crate::renewal::{is_refusal, with_renewal};
use crate::{Opened, Opening, StatusTracker};

/// Keeps status records where the service does: in the table that Kusto lends for them.
///
/// A locator is found again by its table's address among those that Kusto lends today; the signature is today's.
#[derive(Clone)]
pub struct TableStatusTracker {
    tables: Arc<dyn TableStore>,
    resources: Arc<dyn ResourceProvider>,
    clock: Arc<dyn Clock>,
    retry: Arc<dyn RetryPolicy>,
}

impl TableStatusTracker {
    /// A tracker in the tables that `resources` tells of.
    #[must_use]
    pub fn new(
        tables: Arc<dyn TableStore>,
        resources: Arc<dyn ResourceProvider>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            tables,
            resources,
            clock,
            retry: Arc::new(ExponentialRetry::new(3)),
        }
    }

    /// Another policy for opening a record; the default makes three attempts.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// Writes the record, or sets one that is there already back to it.
    async fn write(&self, table: &ResourceUri, entity: &Entity, attempt: u32) -> Result<()> {
        match self.tables.insert(table, entity).await {
            // The answer to an earlier attempt was lost, and the row is the one that it wrote.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && attempt > 1 => Ok(()),
            // The source was queued before, and what became of it then must not be taken for what becomes of it now.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.tables.merge(table, entity).await,
            done => done,
        }
    }

    /// Takes note of a failed attempt; `None` when another one cannot help, else how long to wait before it.
    fn wait_after(&self, table: &ResourceUri, error: &Error, attempt: u32, chance: u64) -> Option<Duration> {
        let refused = is_refusal(error.kind());
        if error.is_permanent() && !refused {
            return None;
        }
        let outcome = if refused {
            Outcome::Refused
        } else {
            Outcome::Failure
        };
        self.resources.report(table, outcome);
        // A table that is refused to us is no reason to stop: it may be another one at the next attempt.
        let passing = error.clone().with_permanence(false);
        self.retry.next(attempt, &passing, chance.rotate_left(attempt))
    }
}

#[async_trait]
impl StatusTracker for TableStatusTracker {
    async fn open(&self, source_id: SourceId, opening: &Opening) -> Result<Opened> {
        let now = self.clock.now();
        let record = StatusRecord::pending(source_id, &opening.database, &opening.table, &opening.blob, now);
        // Source ids are random, so that they spread over the tables and over the time of a wait.
        let chance = source_id.as_uuid().as_u64_pair().1;
        let mut attempt = 1;
        loop {
            let lent = self.resources.resources().await?;
            let table = choose(lent.status_tables()?, chance, attempt);
            let opened = Opened::new(table.expose().as_str(), source_id, opening);
            let entity = Entity {
                key: key_of(&opened.locator),
                properties: record.to_properties(),
            };
            let Err(error) = self.write(table, &entity, attempt).await else {
                self.resources.report(table, Outcome::Success);
                return Ok(opened);
            };
            let Some(wait) = self.wait_after(table, &error, attempt, chance) else {
                return Err(failed("open the status record", &opened.locator, error)
                    .with_source_id(source_id)
                    .with("attempts", attempt));
            };
            self.clock.sleep(wait).await;
            attempt += 1;
        }
    }

    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        let (key, tables) = (&key_of(locator), &self.tables);
        let read = with_renewal(
            self.resources.as_ref(),
            |lent| find(lent, locator),
            |table| async move { tables.get(&table, key).await },
        );
        let entity = read
            .await
            .map_err(|error| failed("read the status record", locator, error))?
            .ok_or_else(|| {
                let missing = Error::new(ErrorKind::NotFound, "find the row").because("there is no such row");
                failed("read the status record", locator, missing)
            })?;
        StatusRecord::from_properties(&entity.properties)
    }

    async fn abandon(&self, locator: &StatusLocator, reason: &Error) -> Result<()> {
        let mut record = StatusRecord::new(OperationStatus::Failed);
        record.failure_status = Some(FailureStatus::Transient);
        record.details = Some(reason.chain());
        record.updated_on = Some(self.clock.now());
        let entity = &Entity {
            key: key_of(locator),
            properties: record.to_properties(),
        };
        let tables = &self.tables;
        with_renewal(
            self.resources.as_ref(),
            |lent| find(lent, locator),
            |table| async move { tables.merge(&table, entity).await },
        )
        .await
        .map_err(|error| failed("close the status record", locator, error))
    }
}

/// Another table at each attempt, while there are others.
fn choose(tables: &[ResourceUri], chance: u64, attempt: u32) -> &ResourceUri {
    let turn = chance.wrapping_add(u64::from(attempt)) % tables.len() as u64;
    &tables[usize::try_from(turn).unwrap_or_default()]
}

/// The table of a locator, among those that Kusto lends today.
fn find(lent: &IngestionResources, locator: &StatusLocator) -> Result<ResourceUri> {
    let wanted = locator.table.trim_end_matches('/');
    lent.status_tables()?
        .iter()
        .find(|table| {
            table
                .redacted()
                .trim_end_matches('/')
                .eq_ignore_ascii_case(wanted)
        })
        .cloned()
        .ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "find the status table")
                .because("it is not among those that Kusto lends today")
        })
}

fn key_of(locator: &StatusLocator) -> EntityKey {
    EntityKey::new(&locator.partition_key, &locator.row_key)
}

fn failed(operation: &'static str, locator: &StatusLocator, cause: Error) -> Error {
    let mut error = Error::new(cause.kind(), operation)
        .with("table", kusto_ingest_core::redact_address(&locator.table))
        .with("row", &locator.row_key)
        .with_permanence(cause.is_permanent());
    if let Some(code) = cause.code() {
        error = error.with_code(code);
    }
    error.caused_by(cause)
}

impl fmt::Debug for TableStatusTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableStatusTracker")
            .field("tables", &self.tables)
            .finish_non_exhaustive()
    }
}
