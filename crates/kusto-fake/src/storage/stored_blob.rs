//! A blob that can be read.

use std::collections::BTreeMap;

use bytes::Bytes;
use kusto_ingest_core::Timestamp;

/// A blob that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredBlob {
    /// Its name in the container, not percent-encoded.
    pub name: String,
    /// Its content: the blocks it was made of, in order.
    pub chunks: Vec<Bytes>,
    /// Its length in bytes.
    pub length: u64,
    /// Its media type, when it was put with one.
    pub content_type: Option<String>,
    /// Its metadata.
    pub metadata: BTreeMap<String, String>,
    /// Its etag, quoted.
    pub etag: String,
    /// When it was put or committed.
    pub last_modified: Timestamp,
}

impl StoredBlob {
    /// The whole content. It is copied where it has several [`chunks`](Self::chunks).
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match self.chunks.as_slice() {
            [whole] => whole.clone(),
            chunks => chunks.concat().into(),
        }
    }
}
