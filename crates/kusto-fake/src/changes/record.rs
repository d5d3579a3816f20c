//! One change, as a log keeps it: what it is in JSON, and the bytes that belong to it.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use kusto_ingest_core::{DatabaseName, Error, ErrorKind, Result, SourceId, TableName, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::ResourcePath;
use crate::store::SavedRows;

/// A change of a [`FakeKusto`](crate::FakeKusto), as a log keeps it. Many of one commit are good only together.
///
/// Its bytes hold what clients hold, SAS tokens included: whoever can read them may use them.
pub struct ChangeRecord {
    head: Change,
    body: Body,
}

impl fmt::Debug for ChangeRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeRecord").finish_non_exhaustive()
    }
}

/// What belongs to a change beside its words.
enum Body {
    Bytes(Vec<Bytes>),
    Rows(SavedRows),
}

impl ChangeRecord {
    pub(crate) fn new(head: Change) -> Self {
        Self::with(head, Vec::new())
    }

    pub(crate) fn with(head: Change, body: Vec<Bytes>) -> Self {
        Self {
            head,
            body: Body::Bytes(body),
        }
    }

    pub(super) fn of_rows(head: Change, rows: SavedRows) -> Self {
        Self {
            head,
            body: Body::Rows(rows),
        }
    }

    /// The bytes to keep, in pieces that are shared with the Kusto.
    ///
    /// # Errors
    /// Never: all of it can be written as JSON.
    pub fn into_bytes(self) -> Result<Vec<Bytes>> {
        let head = serde_json::to_vec(&self.head).map_err(|error| refuse().caused_by(error))?;
        let mut pieces = vec![
            Bytes::copy_from_slice(&(head.len() as u64).to_le_bytes()),
            Bytes::from(head),
        ];
        match self.body {
            Body::Bytes(bytes) => pieces.extend(bytes),
            Body::Rows(rows) => pieces.push(Bytes::from(rows.into_bytes())),
        }
        Ok(pieces)
    }

    /// Reads a change, and what belongs to it.
    pub(crate) fn read(bytes: &Bytes) -> Result<(Change, Bytes)> {
        let length = bytes.first_chunk().copied().map(u64::from_le_bytes);
        let length = length.and_then(|length| usize::try_from(length).ok());
        let end = length.and_then(|length| length.checked_add(8));
        let end = end.filter(|end| *end <= bytes.len()).ok_or_else(refuse)?;
        let head = serde_json::from_slice(&bytes[8..end]).map_err(|error| refuse().caused_by(error))?;
        Ok((head, bytes.slice(end..)))
    }
}

/// The error for bytes that are no change.
pub(crate) fn refuse() -> Error {
    Error::new(ErrorKind::InvalidInput, "read what was saved").because("a record is of no known form")
}

/// What changed: how a thing is now, or that it is gone.
#[derive(Serialize, Deserialize)]
pub(crate) enum Change {
    Database(SavedDatabase),
    DatabaseGone(String),
    Table(SavedTable),
    TableGone(String, String),
    /// All rows and extents are gone: others follow.
    Cut {
        database: String,
        table: String,
    },
    Rows {
        database: String,
        table: String,
    },
    Extents {
        database: String,
        table: String,
        extents: Vec<SavedExtent>,
    },
    /// What there is now comes back at a reset.
    Start,
    Tokens(Vec<(String, Timestamp)>),
    Source(SavedSource),
    SourceGone(Uuid),
    QueuedOperation(SavedQueuedOperation),
    QueuedOperationsGone,
    Operation(SavedOperation),
    OperationsGone,
    Resource(SavedPath),
    ResourceGone(SavedPath),
    Issued(SavedPath, Vec<String>),
    Blob(SavedBlob),
    BlobGone(SavedPath, String),
    Block(SavedPath, String, String),
    Message(SavedPath, SavedMessage),
    MessageGone(SavedPath, u64),
    Entity(SavedPath, SavedEntity),
    EntityGone(SavedPath, String, String),
    /// What waits for an entity, or nothing.
    Late(SavedPath, (String, String), Vec<(Map<String, Json>, Timestamp)>),
    Numbers(u64, Option<Timestamp>),
}

/// A database, without its tables.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedDatabase {
    pub(crate) name: String,
    pub(crate) pretty_name: String,
    pub(crate) id: Uuid,
    /// Name, parameters, body, folder, docstring.
    pub(crate) functions: Vec<[String; 5]>,
    pub(crate) described: Described,
}

/// A table, without its rows.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedTable {
    pub(crate) database: String,
    pub(crate) name: String,
    pub(crate) id: Uuid,
    /// Names and types.
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) folder: String,
    pub(crate) docstring: String,
    pub(crate) column_docs: BTreeMap<String, String>,
    pub(crate) is_hidden: bool,
    pub(crate) described: Described,
}

/// What tables and databases have alike.
#[derive(Serialize, Deserialize)]
pub(crate) struct Described {
    /// Kind, name, JSON.
    pub(crate) mappings: Vec<(String, String, String, Timestamp)>,
    pub(crate) policies: Vec<(String, String)>,
    /// Role, name, notes.
    pub(crate) principals: Vec<[String; 3]>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SavedExtent {
    pub(crate) id: Uuid,
    pub(crate) tags: Vec<String>,
    pub(crate) rows: u64,
    pub(crate) created_on: Timestamp,
    pub(crate) ingested_on: Timestamp,
    pub(crate) source_id: Option<SourceId>,
    pub(crate) message: Option<Uuid>,
}

/// A source that waits: a message in a batch, or a blob that was named over REST.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedSource {
    pub(crate) id: Uuid,
    pub(crate) text: String,
    /// The operation that it is a part of, and its place there.
    pub(crate) entry: Option<(String, usize)>,
}

/// An operation of queued ingestion over REST.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedQueuedOperation {
    pub(crate) id: String,
    pub(crate) database: DatabaseName,
    pub(crate) table: TableName,
    pub(crate) started: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) blobs: Vec<SavedBlobStatus>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SavedBlobStatus {
    pub(crate) source_id: Option<SourceId>,
    pub(crate) address: Option<String>,
    pub(crate) state: String,
    pub(crate) started: Option<Timestamp>,
    pub(crate) updated: Option<Timestamp>,
    pub(crate) error_code: Option<String>,
    pub(crate) failure_status: Option<String>,
    pub(crate) details: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SavedOperation {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) database: String,
    pub(crate) state: String,
    pub(crate) status: String,
    pub(crate) should_retry: bool,
    pub(crate) started: Timestamp,
    pub(crate) updated: Timestamp,
    /// The command that is still to be run.
    pub(crate) command: Option<String>,
}

/// Kind, account and name of a container, queue or table.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedPath(pub(crate) char, pub(crate) String, pub(crate) String);

impl SavedPath {
    pub(crate) fn path(&self) -> ResourcePath {
        ResourcePath::new(&*self.1, &*self.2)
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SavedBlob {
    pub(crate) container: SavedPath,
    pub(crate) name: String,
    /// `None` while there are only staged blocks.
    pub(crate) committed: Option<SavedCommitted>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SavedCommitted {
    /// The id of each block and its length.
    pub(crate) blocks: Vec<(String, usize)>,
    pub(crate) content_type: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) etag: String,
    pub(crate) last_modified: Timestamp,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SavedMessage {
    pub(crate) number: u64,
    pub(crate) receipt: String,
    pub(crate) text: String,
    pub(crate) inserted: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) next_visible: Timestamp,
    pub(crate) dequeue_count: u32,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SavedEntity {
    pub(crate) partition: String,
    pub(crate) row: String,
    pub(crate) properties: Map<String, Json>,
    pub(crate) etag: String,
    pub(crate) timestamp: Timestamp,
}
