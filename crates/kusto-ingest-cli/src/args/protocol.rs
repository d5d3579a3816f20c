//! How the service is told of sources.

use clap::ValueEnum;
use kusto_ingest::queued;

/// How the service is told of sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Protocol {
    /// As the service prefers.
    Auto,
    /// Through storage queues.
    #[default]
    Queue,
    /// Over REST.
    Rest,
}

impl Protocol {
    /// The library's word for it.
    pub(crate) fn option(self) -> queued::Protocol {
        match self {
            Self::Auto => queued::Protocol::Auto,
            Self::Queue => queued::Protocol::Queue,
            Self::Rest => queued::Protocol::Rest,
        }
    }
}
