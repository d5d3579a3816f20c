//! Changes as a log keeps them, and what a log was told.

mod record;
mod told_catalog;

use kusto_ingest_core::Timestamp;

pub use record::ChangeRecord;
pub(crate) use record::{
    Change, Described, SavedBlob, SavedBlobStatus, SavedCommitted, SavedDatabase, SavedEntity, SavedExtent,
    SavedMessage, SavedOperation, SavedPath, SavedQueuedOperation, SavedSource, SavedTable, refuse,
};
pub(crate) use told_catalog::ToldCatalog;

/// What a log was told, and what it is still to be told.
#[derive(Default)]
pub(crate) struct Saver {
    pub(crate) told: ToldCatalog,
    /// The identity tokens as they were told.
    pub(crate) tokens: Vec<(String, Timestamp)>,
    /// What comes before what changed since.
    pub(crate) pending: Vec<ChangeRecord>,
    /// Whether rows came, or anything else changed.
    pub(crate) is_changed: bool,
    /// Whether a command ran, which may have changed any table.
    pub(crate) has_run_commands: bool,
    /// How many commands run, each of which may have changed any table already.
    pub(crate) running_commands: usize,
}
