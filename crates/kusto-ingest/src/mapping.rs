//! Which part of a record goes into which column.
//!
//! ```
//! use kusto_ingest::mapping::{ColumnMapping, IngestionMapping, MappingKind};
//!
//! let at = ColumnMapping::new("at").with_path("$.at");
//! let mapping = IngestionMapping::inline(MappingKind::Json, vec![at])?;
//! # Ok::<(), kusto_ingest::Error>(())
//! ```
//!
//! More is in the guide: `docs/guide/mappings.md`.

#[doc(inline)]
pub use kusto_ingest_core::{ColumnMapping, IngestionMapping, MappingKind, Transform};
