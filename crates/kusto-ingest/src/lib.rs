#![doc = include_str!("../README.md")]

// The facade.
mod builder;
mod ext;
mod identity;
mod kusto;
mod wire;

pub use builder::KustoBuilder;
pub use ext::IngestClientExt;
pub use kusto::Kusto;

#[cfg(feature = "blocking")]
pub mod blocking;

// What goes in, and what comes out.
#[cfg(feature = "journal")]
pub mod journal;
pub mod mapping;
pub mod properties;
pub mod rows;
pub mod sources;
pub mod status;
#[cfg(feature = "watch")]
pub mod watch;

// The ways into a table.
pub mod direct;
pub mod managed;
pub mod queued;
pub mod streaming;

// The layers below them.
pub mod auth;
pub mod clock;
pub mod compression;
pub mod connection;
pub mod endpoint;
pub mod resources;
pub mod retry;
pub mod secrets;
pub mod storage;
pub mod transport;
pub mod upload;

// How all of it is watched.
pub mod spans;

// For tests, and for your own implementations.
pub mod external;
pub mod testing;

// For the command line alone.
#[doc(hidden)]
pub mod internal;

// The words of the first page.
#[doc(inline)]
pub use kusto_ingest_core::{
    BlobSource, DataFormat, Error, ErrorKind, IngestClient, IngestionProperties, LocalSource, Receipt,
    ReportLevel, ReportMethod, Result, Source,
};
#[doc(inline)]
pub use kusto_ingest_rows::Rows;
#[doc(inline)]
pub use kusto_ingest_tokio::{Files, file};

// What one implements a seam with.
pub use async_trait::async_trait;
pub use azure_core;
