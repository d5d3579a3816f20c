//! Which part of a record goes into which column.

#[doc(inline)]
pub use kusto_ingest_core::{ColumnMapping, IngestionMapping, MappingKind, Transform};
