//! Connection strings, and the two addresses of a cluster.
//!
//! ```
//! use kusto_ingest::connection::ConnectionString;
//!
//! let connection = ConnectionString::parse("https://help.kusto.windows.net/Samples;Fed=true")?;
//! assert_eq!(connection.database(), "Samples");
//! # Ok::<(), kusto_ingest::connection::Error>(())
//! ```
//!
//! More is in the guide: `docs/guide/sign-in.md#keywords`.

#[doc(inline)]
pub use kusto_connection::{
    ConnectionString, DEFAULT_CATALOG, EngineEndpoint, Error, ErrorKind, IngestionEndpoint, Keyword,
    MAX_LENGTH, Result, allows_credentials, is_ingestion_host, is_loopback,
};
