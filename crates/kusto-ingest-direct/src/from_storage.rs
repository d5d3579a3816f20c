//! Containers that the service ingests by itself: `.ingest-from-storage-queued`.

mod answer;
mod selection;

use std::sync::Arc;

use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties};
use kusto_ingest_core::{
    Clock, DataFormat, DatabaseName, Error, ErrorKind, IngestionProperties, PollSchedule, Result, span,
    within,
};
use tracing::Instrument as _;

pub use answer::{StorageBlob, StorageOperation, StorageOperationState};
pub use selection::BlobSelection;

use crate::clause::clause;
use crate::operations::UNKNOWN_AT_FIRST;
use crate::quote;
use crate::redactor::Redactor;
use crate::send::may_have_worked;

/// Containers that the service ingests by itself, without a client that names each blob: for sets so large that one machine is
/// not enough.
///
/// The commands are those of the Data Management service.
///
/// # Permissions
/// The principal needs to be a Table Ingestor, and whoever reads the container is named by its address.
#[derive(Clone, Debug)]
pub struct StorageIngestion {
    endpoint: Arc<dyn ManagementEndpoint>,
    clock: Arc<dyn Clock>,
}

impl StorageIngestion {
    /// The commands of the Data Management service behind an endpoint.
    #[must_use]
    pub fn new(endpoint: Arc<dyn ManagementEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self { endpoint, clock }
    }

    /// What the service finds in a container: of more than a thousand blobs, not all.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] before anything is sent, and those of the service.
    pub async fn list(&self, database: &DatabaseName, selection: &BlobSelection) -> Result<Vec<StorageBlob>> {
        let command = selection.command()?;
        let answer = self
            .run(database, ".list blobs", &command, &selection.redactor())
            .await?;
        Ok(answer::blobs(&answer))
    }

    /// Has the service queue what it finds in a container, into the table of the properties: the operation, by which it is
    /// followed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] before anything is sent, also where blobs would be skipped as they share a tag
    /// ([`once_tags`](IngestionProperties::once_tags)); and those of the service;
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) where nobody knows whether the operation has begun: begun again, everything
    /// may be ingested twice.
    pub async fn start(
        &self,
        selection: &BlobSelection,
        properties: &IngestionProperties,
        format: DataFormat,
    ) -> Result<String> {
        if let Some(tag) = properties.once_tags().next() {
            return Err(Error::new(ErrorKind::InvalidInput, "queue what is in the container").because(format!(
                "its blobs would share the ingest-by tag {tag:?}, and those behind the first could be skipped \
                 (ingest_if_not_exists): leave it out"
            )));
        }
        let table = quote::entity(properties.table.as_str())?;
        let with = clause(properties, format)?;
        let command = format!(
            ".ingest-from-storage-queued into table {table} EnableTracking=true {with} <|\n{}",
            selection.command()?
        );
        let (database, redactor) = (&properties.database, selection.redactor());
        let started = self
            .run(database, ".ingest-from-storage-queued", &command, &redactor)
            .await;
        let answer = started.map_err(|error| match may_have_worked(&error) {
            true => Error::new(ErrorKind::OutcomeUnknown, "queue what is in the container")
                .because("the operation may have begun")
                .caused_by(error),
            false => error,
        })?;
        answer::operation_id(&answer).ok_or_else(|| {
            Error::new(ErrorKind::OutcomeUnknown, "queue what is in the container")
                .because("the service does not name the operation that has begun")
        })
    }

    /// Looks at an operation once; none where the service does not know it.
    ///
    /// # Errors
    /// Those of the service.
    pub async fn fetch(&self, database: &DatabaseName, id: &str) -> Result<Option<StorageOperation>> {
        let command = format!(".show queued ingestion operations {}", quote::text(id));
        let answer = self
            .run(
                database,
                ".show queued ingestion operations",
                &command,
                &Redactor::default(),
            )
            .await?;
        Ok(answer::operation(&answer, id))
    }

    /// Looks until an operation has ended. That blobs failed is no error here: the operation counts them.
    ///
    /// Dropping the future changes nothing for the operation.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when the limit of the schedule passed first, [`ErrorKind::NotFound`] where the service does not know
    /// it for a minute, permanent errors of the service, and others where more looks in a row failed than the schedule allows.
    pub async fn wait_for(
        &self,
        database: &DatabaseName,
        id: &str,
        schedule: &PollSchedule,
        mut seen: impl FnMut(&StorageOperation) + Send,
    ) -> Result<StorageOperation> {
        let begun = self.clock.monotonic();
        let elapsed = || self.clock.monotonic().saturating_sub(begun);
        let left = || schedule.limit.map(|limit| limit.saturating_sub(elapsed()));
        let (mut looks, mut failures) = (0, 0);
        let mut wait = schedule.before(looks);
        loop {
            self.clock.sleep(left().map_or(wait, |left| wait.min(left))).await;
            looks += 1;
            wait = schedule.before(looks);
            let left = left();
            let look = self.fetch(database, id);
            let looked = match left {
                // The last look lasts no longer than the longest wait between two.
                Some(left) => {
                    let grace = left.max(schedule.max_interval);
                    within(&*self.clock, grace, "look at the operation", look).await
                }
                None => look.await,
            };
            match looked {
                Ok(Some(operation)) if operation.state.is_final() => return Ok(operation),
                Ok(None) if elapsed() >= UNKNOWN_AT_FIRST => {
                    return Err(Error::new(ErrorKind::NotFound, "follow the operation")
                        .because("the service does not know it")
                        .with("operation", id));
                }
                Ok(looked) => {
                    failures = 0;
                    looked.iter().for_each(&mut seen);
                }
                Err(error) if error.is_permanent() => return Err(error.with("operation", id)),
                Err(error) => {
                    failures += 1;
                    // Who follows one operation is alone: nobody else looks in the same moment.
                    match schedule.after_failure(failures, 0) {
                        Some(longer) => wait = wait.saturating_add(longer),
                        None => return Err(error.with("operation", id)),
                    }
                }
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Err(Error::new(ErrorKind::Timeout, "follow the operation")
                    .because("it goes on beyond the limit")
                    .with("operation", id));
            }
        }
    }

    /// Has the service stop an operation: what it has queued by then is ingested all the same. It may be asked again.
    ///
    /// # Errors
    /// Those of the service.
    pub async fn cancel(&self, database: &DatabaseName, id: &str) -> Result<Option<StorageOperation>> {
        let command = format!(".cancel queued ingestion operation {}", quote::text(id));
        let answer = self
            .run(
                database,
                ".cancel queued ingestion operation",
                &command,
                &Redactor::default(),
            )
            .await?;
        Ok(answer::operation(&answer, id))
    }

    async fn run(
        &self,
        database: &DatabaseName,
        name: &'static str,
        command: &str,
        redactor: &Redactor,
    ) -> Result<Dataset> {
        let properties = RequestProperties::new();
        let answer = self
            .endpoint
            .execute(database, command, &properties)
            .instrument(span::command(name, database, 1));
        answer.await.map_err(|error| redactor.error(error))
    }
}
