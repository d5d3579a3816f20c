//! Ingestion properties: where a source goes, how it is read, and what is reported.
//!
//! ```
//! use kusto_ingest::{DataFormat, IngestionProperties};
//!
//! let properties = IngestionProperties::into_table("Samples", "Weather")?
//!     .with_format(DataFormat::Csv)
//!     .with_drop_by_tags(["import-2012"]);
//! # Ok::<(), kusto_ingest::Error>(())
//! ```
//!
//! More is in the guide: `docs/guide/properties.md`.

#[doc(inline)]
pub use kusto_ingest_core::{
    DataFormat, DatabaseName, IngestionProperties, ReportLevel, ReportMethod, TableName,
    ValidationImplications, ValidationOptions, ValidationPolicy,
};
