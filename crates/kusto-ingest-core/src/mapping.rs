//! How columns of the data become columns of the table.

mod column;
mod kind;

pub use column::{ColumnMapping, Transform};
pub use kind::MappingKind;

use serde_json::Value;

use crate::text::{decode_text, unmarked};
use crate::{Error, ErrorKind, Result};

/// How columns of the data become columns of the table: written out, or by the name it has in the cluster.
///
/// A mapping that exists is valid for its kind; whether the kind suits the format is checked by
/// [`IngestionProperties`](crate::IngestionProperties).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IngestionMapping {
    /// Written out in the ingestion message.
    Inline {
        /// The kind of mapping.
        kind: MappingKind,
        /// Its columns, at least one.
        columns: Vec<ColumnMapping>,
    },
    /// Stored in the cluster under a name.
    Reference {
        /// The kind of mapping.
        kind: MappingKind,
        /// The name.
        name: String,
    },
}

impl IngestionMapping {
    /// A mapping written out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming every violation at once: no columns, a column without name, two
    /// columns of one name, a property that the kind does not know, or none of those that it needs.
    #[doc(alias("IngestionMappings", "column_mappings"))]
    pub fn inline(kind: MappingKind, columns: Vec<ColumnMapping>) -> Result<Self> {
        let mut wrong: Vec<String> = columns
            .iter()
            .filter_map(|column| column.violation(kind))
            .collect();
        if columns.is_empty() {
            wrong.push("it has no columns".to_owned());
        }
        for (at, column) in columns.iter().enumerate() {
            if columns[..at].iter().any(|other| other.column == column.column) {
                wrong.push(format!("column {:?} is mapped twice", column.column));
            }
        }
        if wrong.is_empty() {
            return Ok(Self::Inline { kind, columns });
        }
        Err(Error::new(ErrorKind::InvalidInput, "read the ingestion mapping").because(wrong.join("; ")))
    }

    /// A mapping that is stored in the cluster.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the name is blank.
    #[doc(alias(
        "IngestionMappingReference",
        "ingestion_mapping_reference",
        "IngestionMappingRef"
    ))]
    pub fn reference(kind: MappingKind, name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        if name.trim().is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "read the ingestion mapping")
                .because("the name of a mapping must not be blank"));
        }
        Ok(Self::Reference { kind, name })
    }

    /// Reads the JSON array of columns that Kusto's commands and messages carry, in every spelling that the
    /// clients use (`Column`/`column`/`columnName`/`Name`, nested or flat properties). A byte order mark in front of it
    /// is none of it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the text is no such array, or breaks a rule of [`Self::inline`].
    pub fn from_json(kind: MappingKind, json: &str) -> Result<Self> {
        let refuse =
            |why: String| Error::new(ErrorKind::InvalidInput, "read the ingestion mapping").because(why);
        let value: Value = serde_json::from_str(unmarked(json))
            .map_err(|error| refuse(format!("it is not JSON: {error}")))?;
        let Value::Array(items) = value else {
            return Err(refuse("it is not a JSON array of columns".to_owned()));
        };
        let columns = items
            .iter()
            .map(ColumnMapping::from_json)
            .collect::<Result<Vec<_>>>()?;
        Self::inline(kind, columns)
    }

    /// Reads what a file of such JSON holds, as an editor saved it: in UTF-8 or in UTF-16, with a byte order mark or
    /// without one.
    ///
    /// ```
    /// use kusto_ingest_core::{IngestionMapping, MappingKind};
    ///
    /// let file = b"\xEF\xBB\xBF[{\"column\": \"a\", \"path\": \"$.a\"}]";
    /// let mapping = IngestionMapping::from_json_bytes(MappingKind::Json, file)?;
    /// # assert_eq!(mapping.kind(), MappingKind::Json);
    /// # Ok::<(), kusto_ingest_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the bytes are no text, and as [`from_json`](Self::from_json).
    pub fn from_json_bytes(kind: MappingKind, bytes: &[u8]) -> Result<Self> {
        let text = decode_text(bytes).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "read the ingestion mapping")
                .because("it is text in neither UTF-8 nor UTF-16")
        })?;
        Self::from_json(kind, &text)
    }

    /// The kind of mapping.
    #[must_use]
    pub fn kind(&self) -> MappingKind {
        match self {
            Self::Inline { kind, .. } | Self::Reference { kind, .. } => *kind,
        }
    }

    /// The JSON array of columns, compact, as the ingestion message carries it; `None` for a reference.
    #[must_use]
    pub fn to_json(&self) -> Option<String> {
        match self {
            Self::Inline { columns, .. } => {
                let columns: Vec<String> = columns.iter().map(ColumnMapping::to_json).collect();
                Some(format!("[{}]", columns.join(",")))
            }
            Self::Reference { .. } => None,
        }
    }
}
