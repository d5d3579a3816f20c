//! Status records in the table that Kusto issues for them.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::FutureExt;
use kusto_ingest_core::{
    Clock, Error, ErrorKind, ExponentialRetry, Outage, Result, RetryPolicy, SourceId, StatusLocator,
};
use kusto_ingest_message::{FailureStatus, OperationStatus, StatusRecord};
use kusto_ingest_resources::{IngestionResources, ResourceProvider, Rounds};
use kusto_storage::{Entity, EntityKey, ResourceUri, TableStore};

use crate::renewal::with_renewal;
use crate::{NewStatusRecord, OpenedStatus, StatusTracker};

/// Keeps status records where the service does: in the table that Kusto issues for them.
///
/// The table of a locator is found by its address among the tables that Kusto issues now, with their present SAS.
#[derive(Clone)]
pub struct TableStatusTracker {
    tables: Arc<dyn TableStore>,
    resources: Arc<dyn ResourceProvider>,
    clock: Arc<dyn Clock>,
    retry: Arc<dyn RetryPolicy>,
    outage: Outage,
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
            retry: Arc::new(ExponentialRetry::default()),
            outage: Outage::new(),
        }
    }

    /// Another policy for opening a record. The default tries for up to a minute, over all tables.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// Writes the record, or sets one that is there already back to it: no message of this ingestion exists yet, so that
    /// whatever the row says is about an earlier one.
    async fn write(&self, table: &ResourceUri, key: EntityKey, record: &StatusRecord) -> Result<()> {
        let entity = Entity {
            key,
            properties: record.to_properties(),
        };
        let written = match self.tables.insert(table, &entity).await {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let reset = Entity {
                    properties: record.to_reset_properties(),
                    ..entity
                };
                self.tables.merge(table, &reset).await
            }
            done => done,
        };
        written.map_err(Error::repeatable)
    }
}

#[async_trait]
impl StatusTracker for TableStatusTracker {
    async fn open(&self, source_id: SourceId, new_record: &NewStatusRecord) -> Result<OpenedStatus> {
        let now = self.clock.now();
        let record = StatusRecord::pending(
            source_id,
            &new_record.database,
            &new_record.table,
            &new_record.blob,
            now,
        );
        let (_, random) = source_id.as_uuid().as_u64_pair();
        let record = &record;
        let write = |table: ResourceUri| {
            async move {
                let opened = OpenedStatus::new(table.expose().as_str(), source_id, new_record);
                let written = self.write(&table, key_of(&opened.locator), record).await;
                written.map(|()| opened)
            }
            .boxed()
        };
        let opened = Rounds::new(
            "open the status record",
            &*self.resources,
            &*self.retry,
            &self.clock,
            &self.outage,
        )
        .with_random(random)
        .with_deadline(new_record.deadline)
        .run(IngestionResources::status_tables, write)
        .await;
        opened.map_err(|error| error.with("row", source_id).with_source_id(source_id))
    }

    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        let (key, tables) = (&key_of(locator), &self.tables);
        let read = with_renewal(
            self.resources.as_ref(),
            |issued| find(issued, locator),
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
            |issued| find(issued, locator),
            |table| async move { tables.merge(&table, entity).await },
        )
        .await
        .map_err(|error| failed("close the status record", locator, error))
    }
}

/// The table of a locator, among those that Kusto issues today.
fn find(issued: &IngestionResources, locator: &StatusLocator) -> Result<ResourceUri> {
    let wanted = locator.table.trim_end_matches('/');
    issued
        .status_tables()?
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
                .because("it is not among those that Kusto issues today")
        })
}

fn key_of(locator: &StatusLocator) -> EntityKey {
    EntityKey::new(&locator.partition_key, &locator.row_key)
}

fn failed(operation: &'static str, locator: &StatusLocator, cause: Error) -> Error {
    cause
        .during(operation)
        .with("table", kusto_ingest_core::redact_address(&locator.table))
        .with("row", &locator.row_key)
}

impl fmt::Debug for TableStatusTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableStatusTracker")
            .field("tables", &self.tables)
            .finish_non_exhaustive()
    }
}
