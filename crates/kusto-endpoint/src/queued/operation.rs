//! How a queued operation stands, read in both shapes that are published.
//!
//! The documentation and the clients' own description of the routes differ: in the case of words, in the names of times, and
//! in whether a blob is named by its address. Both are read, and their union is kept.

mod state;

pub use state::{BlobCounts, BlobState, OperationOutcome};

use kusto_ingest_core::{BlobUri, Error, ErrorKind, Result, SourceId, Timestamp, redact, redact_address};
use serde_json::Value;

use super::member::{items, member, moment, text};
use crate::json;

/// How an operation stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueuedOperation {
    /// When it began.
    pub started: Option<Timestamp>,
    /// When anything of it changed last.
    pub updated: Option<Timestamp>,
    /// How many blobs have which state.
    pub counts: BlobCounts,
    /// What became of each blob, where that was asked for.
    pub blobs: Vec<BlobStatus>,
}

/// What became of one blob of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobStatus {
    /// The identity of the source, where the service tells it.
    pub source_id: Option<SourceId>,
    /// The address of the blob without its secrets, where the service tells it.
    pub address: Option<String>,
    /// How far it is.
    pub state: BlobState,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When anything of it changed last.
    pub updated: Option<Timestamp>,
    /// The service's word for the failure.
    pub error_code: Option<String>,
    /// The service's word for whether the failure stays, such as `Permanent`.
    pub failure_status: Option<String>,
    /// The failure, or whatever else the service tells.
    pub details: Option<String>,
}

impl QueuedOperation {
    /// Reads the answer of the service.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when it is no JSON object.
    pub fn from_body(body: &[u8]) -> Result<Self> {
        let value = json::read(body).ok().filter(Value::is_object);
        let value = value.ok_or_else(|| {
            Error::new(ErrorKind::Protocol, "read the queued operation")
                .because("the answer is no JSON object")
        })?;
        Ok(Self {
            started: moment(&value, STARTED),
            updated: moment(&value, UPDATED),
            counts: member(&value, &["status"])
                .map(BlobCounts::read)
                .unwrap_or_default(),
            blobs: items(&value, &["details"]).iter().map(BlobStatus::read).collect(),
        })
    }

    /// How it stands as a whole. Where no blob is counted, it has only begun.
    #[must_use]
    pub fn outcome(&self) -> OperationOutcome {
        self.counts.outcome()
    }

    /// What became of one source: by its identity, or else by its blob's address without the SAS.
    #[must_use]
    pub fn blob(&self, source_id: SourceId, address: Option<&str>) -> Option<&BlobStatus> {
        let by_id = self.blobs.iter().find(|blob| blob.source_id == Some(source_id));
        let is_unnamed = |blob: &&BlobStatus| blob.source_id.is_none() && blob.address.as_deref() == address;
        by_id.or_else(|| {
            self.blobs
                .iter()
                .find(|blob| address.is_some() && is_unnamed(blob))
        })
    }
}

const STARTED: &[&str] = &["startTime", "startedAt"];
const UPDATED: &[&str] = &["lastUpdated", "lastUpdateTime"];

impl BlobStatus {
    /// A blob of a source in some state.
    #[must_use]
    pub fn new(source_id: Option<SourceId>, blob: Option<&BlobUri>, state: BlobState) -> Self {
        Self {
            source_id,
            address: blob.map(|blob| blob.redacted().to_owned()),
            state,
            started: None,
            updated: None,
            error_code: None,
            failure_status: None,
            details: None,
        }
    }

    fn read(value: &Value) -> Self {
        let word = |names: &[&str]| text(value, names).map(redact);
        let state = text(value, &["status"]).map_or(BlobState::Queued, BlobState::read);
        Self {
            source_id: text(value, &["sourceId"]).and_then(|id| id.parse().ok()),
            address: text(value, &["url", "blobUrl"]).map(|url| redact_address(url).to_owned()),
            state,
            started: moment(value, STARTED),
            updated: moment(value, UPDATED),
            error_code: word(&["errorCode"]),
            failure_status: word(&["failureStatus"]),
            details: word(&["details"]),
        }
    }
}
