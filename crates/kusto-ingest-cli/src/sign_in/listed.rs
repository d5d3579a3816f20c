//! What a listing tells of an object, and what the object is for Kusto.

use kusto_ingest::Error;
use kusto_ingest::clock::Timestamp;
use kusto_ingest::sources::{BlobUri, LocalSource};

/// One object of a page.
#[derive(Debug)]
pub(crate) struct ListedObject {
    /// Its name below the folder that is listed.
    pub(crate) below: String,
    pub(crate) facts: BlobFacts,
    pub(crate) what: Listed,
}

/// What an object is for Kusto.
#[derive(Debug)]
pub(crate) enum Listed {
    /// Kusto reads it at this address.
    Blob(BlobUri),
    #[cfg_attr(
        not(feature = "object-store"),
        expect(dead_code, reason = "only buckets of other stores have them")
    )]
    /// Kusto does not read its store: this process does. It is shown so.
    Here(LocalSource, String),
    /// It has no address, for this reason. It is shown so.
    Odd(String, Error),
}

/// What a listing tells of a blob.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BlobFacts {
    pub(crate) bytes: Option<u64>,
    pub(crate) raw_bytes: Option<u64>,
    pub(crate) creation_time: Option<Timestamp>,
    pub(crate) last_modified: Option<Timestamp>,
}
