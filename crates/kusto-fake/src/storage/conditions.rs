//! Conditions of a request on a blob.

use kusto_ingest_core::Timestamp;

use super::errors::Code;
use super::stored_blob::StoredBlob;

/// Conditions of a request on a blob, such as `If-Match`. By default there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobConditions {
    /// The blob exists and has this etag; `*` for any.
    pub if_match: Option<String>,
    /// The blob has another etag or does not exist; `*`: it does not exist.
    pub if_none_match: Option<String>,
    /// The blob was written after this second.
    pub if_modified_since: Option<Timestamp>,
    /// The blob was not written after this second.
    pub if_unmodified_since: Option<Timestamp>,
}

/// Whether the client's copy is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a client has it, or has it not")]
pub enum Freshness {
    /// The client has not seen it.
    Fresh,
    /// The client has it.
    NotModified,
}

impl BlobConditions {
    /// Whether a write is allowed, given the blob that exists, if any.
    pub(super) fn allow_write(&self, blob: Option<&StoredBlob>) -> Result<(), Code> {
        let Some(blob) = blob else {
            return match self.if_match {
                Some(_) => Err(Code::ConditionNotMet),
                None => Ok(()),
            };
        };
        if self.if_none_match.as_deref() == Some("*") {
            return Err(Code::BlobAlreadyExists);
        }
        self.hold(blob)?;
        match self.seen(blob) {
            true => Err(Code::ConditionNotMet),
            false => Ok(()),
        }
    }

    /// Whether a read is allowed, and whether it would tell anything new.
    pub(super) fn allow_read(&self, blob: &StoredBlob) -> Result<Freshness, Code> {
        self.hold(blob)?;
        Ok(match self.seen(blob) {
            true => Freshness::NotModified,
            false => Freshness::Fresh,
        })
    }

    fn hold(&self, blob: &StoredBlob) -> Result<(), Code> {
        let is_other = |etag: &String| etag != "*" && *etag != blob.etag;
        let is_later = |limit: &Timestamp| second(blob.last_modified) > second(*limit);
        match self.if_match.as_ref().is_some_and(is_other)
            || self.if_unmodified_since.as_ref().is_some_and(is_later)
        {
            true => Err(Code::ConditionNotMet),
            false => Ok(()),
        }
    }

    fn seen(&self, blob: &StoredBlob) -> bool {
        let is_same = |etag: &String| etag == "*" || *etag == blob.etag;
        let is_old = |limit: &Timestamp| second(blob.last_modified) <= second(*limit);
        self.if_none_match.as_ref().is_some_and(is_same)
            || self.if_modified_since.as_ref().is_some_and(is_old)
    }
}

/// Headers know whole seconds only.
fn second(at: Timestamp) -> i64 {
    at.as_datetime().unix_timestamp()
}
