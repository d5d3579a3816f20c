//! Something that was named, and what is wrong with it.

use kusto_ingest::secrets::redact;
use kusto_ingest::{Error, ErrorKind};

use super::DiscoveredSource;
use crate::report::CommandError;

/// Something that was named, and what is wrong with it.
pub(super) struct NamedError {
    shown: String,
    pub(super) error: CommandError,
}

impl NamedError {
    pub(super) fn of(name: &str, error: CommandError) -> Self {
        let shown = redact(name);
        Self { shown, error }
    }

    /// As one of many.
    pub(super) fn odd(self) -> DiscoveredSource {
        let error = Error::new(ErrorKind::InvalidInput, "use what the list names");
        DiscoveredSource::Odd(self.shown, error.because(self.error.message))
    }
}
