//! The seam: where the status of an ingestion is opened, and read.

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::{
    BlobUri, DatabaseName, Deadline, Error, IngestionProperties, Result, SourceId, StatusLocator, TableName,
};
use kusto_ingest_message::{StatusLocation, StatusRecord};

/// Opens the status record of an ingestion before its message exists, and reads it afterwards.
///
/// # Contract
/// - [`open`](Self::open) returns when the record can be read and says `Pending`. It may be called again after any
///   error, and for a source that was queued before: the record then says `Pending` again, and nothing of what became of
///   the source before.
/// - A locator holds no secret and may come from another process. The tracker knows the SAS of the table.
/// - [`fetch`](Self::fetch) reads once; whoever wants to wait calls [`wait_until_final`](crate::wait_until_final).
/// - Dropping a future may leave a record that stays `Pending`, and nothing else.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StatusTracker: Debug + Send + Sync + 'static {
    /// Writes the record of a source that is about to be queued.
    async fn open(&self, source_id: SourceId, new_record: &NewStatusRecord) -> Result<OpenedStatus>;

    /// What the record says now.
    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord>;

    /// Notes that the message was never queued, and why, so that nobody waits for it.
    async fn abandon(&self, locator: &StatusLocator, reason: &Error) -> Result<()>;
}

/// The facts of an ingestion when its record is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewStatusRecord {
    /// The database it goes to.
    pub database: DatabaseName,
    /// The table it goes to.
    pub table: TableName,
    /// The blob's address, without its secrets.
    pub blob: String,
    /// The key of the row, where it is not the source id.
    pub row_key: Option<String>,
    /// By when the record has to be there.
    pub deadline: Option<Deadline>,
}

impl NewStatusRecord {
    /// An ingestion of a blob, as the properties have it.
    #[must_use]
    pub fn new(properties: &IngestionProperties, blob: &BlobUri) -> Self {
        Self {
            database: properties.database.clone(),
            table: properties.table.clone(),
            blob: blob.redacted().to_owned(),
            row_key: None,
            deadline: None,
        }
    }

    /// By when the record has to be there.
    #[must_use]
    pub fn with_deadline(self, deadline: Option<Deadline>) -> Self {
        Self { deadline, ..self }
    }

    /// Gives the row a key of its own: for a source of several blobs, each of which has its row.
    #[must_use]
    pub fn with_row_key(self, key: impl Into<String>) -> Self {
        Self {
            row_key: Some(key.into()),
            ..self
        }
    }
}

/// A record that was opened: one place in two spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedStatus {
    /// The place for the receipt, without SAS.
    pub locator: StatusLocator,
    /// The place for the message, with the SAS by which the service writes there.
    pub location: StatusLocation,
}

impl OpenedStatus {
    /// The row of a source in a table whose address, SAS included, is given.
    #[must_use]
    pub fn new(table_with_sas: &str, source_id: SourceId, new_record: &NewStatusRecord) -> Self {
        let redacted = kusto_ingest_core::redact_address(table_with_sas);
        let mut locator = StatusLocator::new(redacted, source_id);
        if let Some(key) = &new_record.row_key {
            locator.row_key.clone_from(key);
        }
        let location = StatusLocation::new(table_with_sas, &locator.partition_key, &locator.row_key);
        Self { locator, location }
    }
}
