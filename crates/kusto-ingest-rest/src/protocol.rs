//! How the service is told of sources.

use std::fmt;
use std::str::FromStr;

use kusto_ingest_core::{Error, ErrorKind};

/// How the Data Management service is told of sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// As the service prefers, and the other way while that one fails.
    Auto,
    /// By messages on storage queues. Every cluster offers it.
    #[default]
    Queue,
    /// By the REST routes of the service.
    Rest,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Queue, Self::Rest];

    /// Its word: `auto`, `queue` or `rest`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Queue => "queue",
            Self::Rest => "rest",
        }
    }
}

/// Its word.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Protocol {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|protocol| protocol.name() == word);
        known.ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "choose the protocol")
                .because(format!("{word:?} is none of auto, queue and rest"))
        })
    }
}
