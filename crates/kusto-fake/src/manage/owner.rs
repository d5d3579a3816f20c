//! What mappings, policies and principals belong to: a table or a database.

use kusto_ingest_core::Result;

use super::args::Args;
use super::session::TableRef;

/// The table or the database that a command is about.
pub(super) enum Owner {
    Table(TableRef),
    Database(String),
}

impl Owner {
    /// Reads `table NAME` or `database NAME`.
    pub(super) fn of(args: &mut Args<'_>) -> Result<Self> {
        match args.chosen("table") {
            true => args.table().map(Self::Table),
            false => args.name().map(Self::Database),
        }
    }
}
