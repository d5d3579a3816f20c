//! Connection strings, and the two addresses of a cluster.

#[doc(inline)]
pub use kusto_connection::{
    ConnectionString, DEFAULT_CATALOG, EngineEndpoint, Error, ErrorKind, IngestionEndpoint, Keyword,
    MAX_LENGTH, Result, allows_credentials, is_ingestion_host, is_loopback,
};
