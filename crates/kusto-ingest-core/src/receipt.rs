//! What an ingestion call returns: data that can be written down and asked about tomorrow.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DatabaseName, FallbackReason, SourceId, TableName};

/// What an ingestion call returns.
///
/// It is data: it serialises to JSON and back, holds no secret, and a status tracker of another process can
/// read the ingestion's status from it.
#[doc(alias = "IngestionResult")]
#[doc(alias = "IKustoIngestionResult")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Receipt {
    /// The identity of the source.
    pub source_id: SourceId,
    /// The database it goes to.
    pub database: DatabaseName,
    /// The table it goes to.
    pub table: TableName,
    /// How far it is, and where more can be learned.
    pub state: ReceiptState,
    /// The uncompressed size in bytes, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_bytes: Option<u64>,
    /// The bytes that this client sent for it; none for a blob that Kusto fetches by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_bytes: Option<u64>,
    /// Of the uncompressed bytes, those that an upload put into gzip as they are, because they do not compress.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub stored_bytes: u64,
    /// The address of the blob, without its secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
    /// How often managed streaming tried to stream it; none where nothing was to be managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streaming_attempts: Option<u32>,
    /// Why managed streaming gave it to its queued client, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<FallbackReason>,
    /// How many sends ended without anybody knowing whether they were carried out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ambiguous_sends: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_nothing(bytes: &u64) -> bool {
    *bytes == 0
}

impl Receipt {
    /// A receipt for a source that reached `state` on its way into a table.
    #[must_use]
    pub fn new(source_id: SourceId, database: DatabaseName, table: TableName, state: ReceiptState) -> Self {
        Self {
            source_id,
            database,
            table,
            state,
            raw_bytes: None,
            sent_bytes: None,
            stored_bytes: 0,
            blob: None,
            streaming_attempts: None,
            fallback: None,
            ambiguous_sends: 0,
        }
    }

    /// Notes the sizes in bytes: uncompressed, and as sent.
    #[must_use]
    pub fn with_sizes(self, raw: Option<u64>, sent: Option<u64>) -> Self {
        Self {
            raw_bytes: raw,
            sent_bytes: sent,
            ..self
        }
    }

    /// Notes how many of the uncompressed bytes were put into gzip as they are.
    #[must_use]
    pub fn with_stored_bytes(self, bytes: u64) -> Self {
        Self {
            stored_bytes: bytes,
            ..self
        }
    }

    /// Notes the blob. The address must be a redacted one.
    #[must_use]
    pub fn with_blob(self, redacted: impl Into<String>) -> Self {
        Self {
            blob: Some(redacted.into()),
            ..self
        }
    }

    /// Notes what managed streaming did: how often it tried to stream, and why it took the queue, if it did.
    #[must_use]
    pub fn with_managed(self, streaming_attempts: u32, fallback: Option<FallbackReason>) -> Self {
        Self {
            streaming_attempts: Some(streaming_attempts),
            fallback,
            ..self
        }
    }

    /// Notes how many sends ended without anybody knowing whether they were carried out.
    #[must_use]
    pub fn with_ambiguous_sends(self, sends: u32) -> Self {
        Self {
            ambiguous_sends: sends,
            ..self
        }
    }

    /// How many uncompressed bytes there are for each byte that was sent; nothing where one of the two is not known.
    #[must_use]
    pub fn compression_ratio(&self) -> Option<f64> {
        let (raw, sent) = (self.raw_bytes?, self.sent_bytes?);
        #[expect(clippy::cast_precision_loss, reason = "a ratio needs no more than 53 bits")]
        (sent > 0).then(|| raw as f64 / sent as f64)
    }

    /// Whether the rows may be in the table more than once: the source was accepted, and an earlier send of it may have
    /// been carried out as well.
    #[must_use]
    pub fn may_be_duplicated(&self) -> bool {
        self.state.is_accepted() && self.ambiguous_sends > 0
    }

    /// The queued operation that tells what becomes of it, where it was queued over REST and is tracked.
    #[must_use]
    pub fn queued_operation(&self) -> Option<&OperationLocator> {
        match &self.state {
            ReceiptState::QueuedOperation(locator) => Some(locator),
            _ => None,
        }
    }

    /// Whether anybody can be asked later what became of it: the status table, a queued operation, or one of the engine's.
    #[must_use]
    pub fn is_traceable(&self) -> bool {
        self.status_locator().is_some()
            || matches!(
                self.state,
                ReceiptState::QueuedOperation(_) | ReceiptState::Operation { .. }
            )
    }

    /// Where the status of the ingestion can be read, when it is reported to the status table.
    #[must_use]
    pub fn status_locator(&self) -> Option<&StatusLocator> {
        match &self.state {
            ReceiptState::Tracked(locator) => Some(locator),
            ReceiptState::Unknown { status, .. } => status.as_ref(),
            _ => None,
        }
    }

    /// The engine's operation that has ingested it, or is still running.
    #[must_use]
    pub fn operation(&self) -> Option<Uuid> {
        match &self.state {
            ReceiptState::Ingested { operation, .. } => *operation,
            ReceiptState::Operation { id } => Some(*id),
            _ => None,
        }
    }
}

/// How far an ingestion was when the call returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReceiptState {
    /// A queue took the message, or the service the blob, and it is not tracked. Nothing tells this client more; only the
    /// cluster's report queues do.
    Queued,
    /// A queue took the message, and the status table will tell what becomes of it.
    Tracked(StatusLocator),
    /// The Data Management service took it over REST, and the operation will tell what becomes of it.
    QueuedOperation(OperationLocator),
    /// The engine has streamed it into the table: it can be queried within seconds.
    Streamed,
    /// The engine has ingested it: it can be queried.
    #[serde(alias = "loaded")]
    Ingested {
        /// The extents that hold it, where the engine says; sources of one command share them.
        extents: Vec<Uuid>,
        /// The operation that loaded it, where the engine says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operation: Option<Uuid>,
    },
    /// The engine loads it; the operation tells what becomes of it.
    Operation {
        /// The identity of the operation, for `.show operations`.
        id: Uuid,
    },
    /// There was nothing to ingest.
    Skipped,
    /// It was sent, and whether it arrived is not known. Sending it again may ingest twice.
    ///
    /// A client does not return it as a success: the receipt of such a source is carried by an error of kind
    /// [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
    Unknown {
        /// Where the status can be read, when it is reported to the status table: it tells what happened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<StatusLocator>,
        /// What went wrong, in words.
        reason: String,
    },
}

impl ReceiptState {
    /// Whether Kusto, or a queue of Kusto's, has the data now: the caller's own copy is not needed for it any more.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        !matches!(self, Self::Unknown { .. } | Self::Skipped)
    }
}

/// Where the status of one ingestion stands in the status table.
#[doc(alias = "IngestionStatusInTable")]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StatusLocator {
    /// The address of the status table, without its SAS.
    pub table: String,
    /// The partition of the row: the source id.
    pub partition_key: String,
    /// The key of the row.
    pub row_key: String,
}

impl StatusLocator {
    /// The row of `source_id` in the table at a redacted address.
    #[must_use]
    pub fn new(table: impl Into<String>, source_id: SourceId) -> Self {
        Self {
            table: table.into(),
            partition_key: source_id.to_string(),
            row_key: source_id.to_string(),
        }
    }

    /// Another row of the same partition: one source that is ingested in chunks has a row for each.
    #[must_use]
    pub fn with_row_key(self, key: impl Into<String>) -> Self {
        Self {
            row_key: key.into(),
            ..self
        }
    }
}

/// Which queued operation a source belongs to. Database and table are those of the receipt.
#[doc(alias = "IngestionOperation")]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperationLocator {
    /// The address of the Data Management service that runs it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The identity of the operation, as the service wrote it. Sources that were queued together share it.
    pub operation: String,
}

impl OperationLocator {
    /// An operation by its identity.
    #[must_use]
    pub fn new(operation: impl Into<String>) -> Self {
        Self {
            endpoint: None,
            operation: operation.into(),
        }
    }

    /// Says which service runs it, by an address without secrets.
    #[must_use]
    pub fn with_endpoint(self, endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: Some(endpoint.into()),
            ..self
        }
    }
}

/// One to three words, for a log or a table.
impl fmt::Display for ReceiptState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Queued => "queued",
            Self::Tracked(_) | Self::QueuedOperation(_) => "queued and tracked",
            Self::Streamed => "streamed",
            Self::Ingested { .. } => "ingested",
            Self::Operation { .. } => "accepted",
            Self::Skipped => "skipped",
            Self::Unknown { .. } => "outcome unknown",
        })
    }
}
