//! The spans by which an ingestion is watched: their names, fields and target have their one home here.
//!
//! They are a promise to whoever collects them: a name or a field is not changed, and none ever holds a secret. All have
//! the target [`TARGET`].

use tracing::{Span, debug_span, info_span};

use crate::{DatabaseName, IngestionProperties, SourceId};

/// The target of every span of the library.
pub const TARGET: &str = "kusto_ingest";

/// The whole way of one source into one table, by one client: `queued`, `rest`, `streaming`, `managed` or
/// `direct`.
#[must_use]
pub fn ingest(way: &'static str, source_id: SourceId, properties: &IngestionProperties) -> Span {
    let (database, table) = (&properties.database, &properties.table);
    info_span!(target: TARGET, "ingest", way, %source_id, %database, %table)
}

/// One attempt to bring a source into a container of an account. Attempts of a source count from 1.
#[must_use]
pub fn upload(source_id: SourceId, account: &str, attempt: u32) -> Span {
    debug_span!(target: TARGET, "upload", %source_id, account, attempt)
}

/// One attempt to put the message of a source on a queue of an account.
#[must_use]
pub fn post(source_id: SourceId, account: &str, attempt: u32) -> Span {
    debug_span!(target: TARGET, "post", %source_id, account, attempt)
}

/// One request over REST that names so many blobs.
#[must_use]
pub fn submit(blobs: usize, properties: &IngestionProperties, attempt: u32) -> Span {
    let (database, table) = (&properties.database, &properties.table);
    debug_span!(target: TARGET, "submit", blobs, %database, %table, attempt)
}

/// One streaming request that carries a source.
#[must_use]
pub fn stream(source_id: SourceId, properties: &IngestionProperties, attempt: u32) -> Span {
    let (database, table) = (&properties.database, &properties.table);
    debug_span!(target: TARGET, "stream", %source_id, %database, %table, attempt)
}

/// One attempt at a management command that the library writes. Its name is the beginning that all commands of its
/// kind share, and never what else is in it.
#[must_use]
pub fn command(name: &'static str, database: &DatabaseName, attempt: u32) -> Span {
    debug_span!(target: TARGET, "command", name, %database, attempt)
}

/// One fetch of a token for an endpoint, attempts and waits included.
#[must_use]
pub fn token(host: &str) -> Span {
    debug_span!(target: TARGET, "token", host)
}
