//! Ingestion properties: where a source goes, how it is read, and what is reported.

#[doc(inline)]
pub use kusto_ingest_core::{
    DataFormat, DatabaseName, IngestionProperties, ReportLevel, ReportMethod, TableName,
    ValidationImplications, ValidationOptions, ValidationPolicy,
};
