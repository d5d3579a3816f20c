//! What a request asks.

use std::fmt;

use kusto_ingest_core::Idempotency;

/// What a request asks, for counting requests and for planning faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RequestKind {
    /// `.get ingestion resources`, also as `.show ingestion resources`.
    IngestionResources,
    /// `.get kusto identity token`.
    IdentityToken,
    /// `.create tempstorage`.
    TempStorage,
    /// `.show version`.
    Version,
    /// `.show databases`.
    Databases,
    /// `.show tables`.
    Tables,
    /// `.create table` and `.create-merge table`.
    CreateTable,
    /// `.drop table`.
    DropTable,
    /// `.show table … schema`.
    Schema,
    /// `.create table … ingestion … mapping`, also as `.create-or-alter`.
    CreateMapping,
    /// `.show table … ingestion mappings`.
    Mappings,
    /// `.ingest into table`, also as `.ingest async`.
    Ingest,
    /// `.ingest inline into table`, also as `.ingest csv stream`.
    IngestInline,
    /// `.show operations`.
    Operations,
    /// `.show ingestion failures`.
    IngestionFailures,
    /// `.alter … policy`.
    Policy,
    /// `.set`, `.append`, `.set-or-append`, `.set-or-replace`.
    IngestFromQuery,
    /// `.export`.
    Export,
    /// Any other command that shows something.
    Show,
    /// Any other command that changes something.
    Change,
    /// `.clear table … cache streamingingestion schema`, and that of a database.
    ClearSchemaCache,
    /// A streaming request.
    Streaming,
    /// The question for the configuration of queued ingestion over REST.
    IngestionConfiguration,
    /// Blobs that are named for ingestion over REST.
    QueuedSubmission,
    /// The question for an operation of queued ingestion over REST, also as `.show queued ingestion operations`.
    QueuedOperations,
    /// A query.
    Query,
    /// Anything that this Kusto does not know.
    Unknown,
}

impl RequestKind {
    /// What is attempted: a fragment that completes "failed to …".
    pub(crate) fn attempt(self) -> &'static str {
        match self {
            Self::Streaming => "stream the data",
            Self::Query => "run the query",
            Self::IngestionConfiguration => "ask for the ingestion configuration",
            Self::QueuedSubmission => "queue the blobs",
            Self::QueuedOperations => "ask for the queued operation",
            _ => "run the command",
        }
    }

    /// What such a request does if it is made twice, as clients see it: what shows or gets something may be repeated.
    pub(crate) fn idempotency(self) -> Idempotency {
        match self {
            Self::IngestionResources
            | Self::IdentityToken
            | Self::Version
            | Self::Databases
            | Self::Tables
            | Self::Schema
            | Self::Mappings
            | Self::Operations
            | Self::IngestionFailures
            | Self::Show
            | Self::IngestionConfiguration
            | Self::QueuedOperations
            | Self::Query => Idempotency::Idempotent,
            _ => Idempotency::NonIdempotent,
        }
    }
}

/// The kind, in words.
impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::IngestionResources => "ingestion resources",
            Self::IdentityToken => "identity token",
            Self::TempStorage => "temporary storage",
            Self::Version => "version",
            Self::Databases => "databases",
            Self::Tables => "tables",
            Self::CreateTable => "create a table",
            Self::DropTable => "drop a table",
            Self::Schema => "schema",
            Self::CreateMapping => "create a mapping",
            Self::Mappings => "mappings",
            Self::Ingest => "ingest blobs",
            Self::IngestInline => "ingest inline",
            Self::Operations => "operations",
            Self::IngestionFailures => "ingestion failures",
            Self::Policy => "change a policy",
            Self::IngestFromQuery => "ingest from a query",
            Self::Export => "export the answer to a query",
            Self::Show => "show",
            Self::Change => "change",
            Self::ClearSchemaCache => "clear the schema cache",
            Self::Streaming => "streaming",
            Self::IngestionConfiguration => "ingestion configuration",
            Self::QueuedSubmission => "queued submission",
            Self::QueuedOperations => "queued operations",
            Self::Query => "query",
            Self::Unknown => "unknown",
        })
    }
}
