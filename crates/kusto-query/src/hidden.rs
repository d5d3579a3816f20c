//! Columns that a table has and does not show: when its rows were ingested, and in which extents.

use kusto_ingest_decode::{Column, ScalarType};

use crate::Value;
use crate::plan::Expr;

/// A column that a table has and does not show: a function looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HiddenColumn {
    /// When the row was ingested: `ingestion_time()`, a datetime.
    IngestionTime,
    /// The identity of the row's extent: `extent_id()`, a guid.
    ExtentId,
    /// The tags of the row's extent: `extent_tags()`, a dynamic array of texts.
    ExtentTags,
}

impl HiddenColumn {
    /// All of them, in the order in which they stand behind the columns of a table.
    pub const ALL: [Self; 3] = [Self::IngestionTime, Self::ExtentId, Self::ExtentTags];

    /// The names of the functions.
    pub(crate) const FUNCTIONS: [&'static str; 3] = ["ingestion_time", "extent_id", "extent_tags"];

    /// The column that a function looks at.
    pub(crate) fn of_function(name: &str) -> Option<Self> {
        let place = Self::FUNCTIONS.iter().position(|known| *known == name)?;
        Self::ALL.get(place).copied()
    }

    /// Whether a text may look at any.
    pub(crate) fn is_asked_for(text: &str) -> bool {
        Self::FUNCTIONS.iter().any(|name| text.contains(name))
    }

    /// Whether this is the name of a hidden column, or what a join made of it.
    pub(crate) fn is_name(name: &str) -> bool {
        Self::ALL.iter().any(|hidden| name.starts_with(hidden.name()))
    }

    /// The column as plans have it.
    pub(crate) fn column(self) -> Column {
        Column::new(self.name(), self.scalar_type())
    }

    /// Its value in a row; nothing where the row is of no table.
    pub(crate) fn value(self, row: &[Column]) -> Expr {
        let place = row.iter().position(|column| column.name == self.name());
        match place {
            Some(place) => Expr::column(place, self.scalar_type()),
            None => Expr::constant(Value::Null, self.scalar_type()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::IngestionTime => "$IngestionTime",
            Self::ExtentId => "$ExtentId",
            Self::ExtentTags => "$ExtentTags",
        }
    }

    fn scalar_type(self) -> ScalarType {
        match self {
            Self::IngestionTime => ScalarType::DateTime,
            Self::ExtentId => ScalarType::Guid,
            Self::ExtentTags => ScalarType::Dynamic,
        }
    }
}
