//! What a request asks.

/// What a request asks, for counting requests and for planning refusals.
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
    /// `.alter table … policy streamingingestion`.
    StreamingPolicy,
    /// `.clear table … cache streamingingestion schema`, and that of a database.
    ClearSchemaCache,
    /// A streaming request.
    Streaming,
    /// A query.
    Query,
    /// Anything that this Kusto does not know.
    Unknown,
}
