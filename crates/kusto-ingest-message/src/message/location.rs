//! Which row of the status table the service keeps up to date.

use std::fmt;

use kusto_ingest_core::redact_address;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::keys::status as keys;
use crate::fields::Fields;

/// Which row of the status table the service keeps up to date, as the message tells it: with the table's SAS,
/// which `Debug` leaves out.
///
/// [`kusto_ingest_core::StatusLocator`] is the same place without SAS, for receipts.
#[doc(alias = "IngestionStatusInTable")]
#[derive(Clone, PartialEq, Eq)]
pub struct StatusLocation {
    table: String,
    partition_key: String,
    row_key: String,
}

impl StatusLocation {
    /// A row of the table whose address, SAS included, is given.
    #[must_use]
    pub fn new(
        table_with_sas: impl Into<String>,
        partition_key: impl Into<String>,
        row_key: impl Into<String>,
    ) -> Self {
        Self {
            table: table_with_sas.into(),
            partition_key: partition_key.into(),
            row_key: row_key.into(),
        }
    }

    /// The table's address without its SAS. Some clients leave the table's name out of it.
    #[must_use]
    pub fn table(&self) -> &str {
        redact_address(&self.table)
    }

    /// The table's address with its SAS.
    #[must_use]
    #[doc(alias = "TableConnectionString")]
    pub fn expose_table(&self) -> &str {
        &self.table
    }

    /// The partition of the row: the source id.
    #[must_use]
    pub fn partition_key(&self) -> &str {
        &self.partition_key
    }

    /// The key of the row.
    #[must_use]
    pub fn row_key(&self) -> &str {
        &self.row_key
    }

    /// Reads what any client writes; `None` for an object that names no row, as some send an empty one.
    pub(super) fn from_json(object: &Map<String, Value>) -> Option<Self> {
        let fields = Fields(object);
        Some(Self {
            table: fields.text(keys::TABLE).unwrap_or_default(),
            partition_key: fields.some_text(keys::PARTITION_KEY)?,
            row_key: fields.some_text(keys::ROW_KEY)?,
        })
    }
}

impl Serialize for StatusLocation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry(keys::TABLE, &self.table)?;
        map.serialize_entry(keys::PARTITION_KEY, &self.partition_key)?;
        map.serialize_entry(keys::ROW_KEY, &self.row_key)?;
        map.end()
    }
}

impl fmt::Debug for StatusLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusLocation")
            .field("table", &self.table())
            .field("partition_key", &self.partition_key)
            .field("row_key", &self.row_key)
            .finish()
    }
}
