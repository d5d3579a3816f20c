//! The state of an operation of the engine.

use std::fmt;

use kusto_ingest_core::ErrorKind;

/// How far an operation of the engine's is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationState {
    /// It is worked on.
    InProgress,
    /// It waits for its turn.
    Scheduled,
    /// It is done.
    Completed,
    /// It failed.
    Failed,
    /// A part of it was done, and the rest failed.
    PartiallySucceeded,
    /// The service lost it, as when a node goes down.
    Abandoned,
    /// The input cannot be ingested.
    BadInput,
    /// The service had no capacity for it, and did nothing.
    Throttled,
    /// It was cancelled.
    Canceled,
    /// There was nothing to do, as when a tag says that the data is there already.
    Skipped,
    /// A state that this version does not know.
    Other(String),
}

const STATES: [(OperationState, &str); 10] = [
    (OperationState::InProgress, "InProgress"),
    (OperationState::Scheduled, "Scheduled"),
    (OperationState::Completed, "Completed"),
    (OperationState::Failed, "Failed"),
    (OperationState::PartiallySucceeded, "PartiallySucceeded"),
    (OperationState::Abandoned, "Abandoned"),
    (OperationState::BadInput, "BadInput"),
    (OperationState::Throttled, "Throttled"),
    (OperationState::Canceled, "Canceled"),
    (OperationState::Skipped, "Skipped"),
];

impl OperationState {
    /// Reads the service's word in any case; an unknown one is kept.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let known = STATES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
        known.map_or_else(|| Self::Other(name.to_owned()), |(state, _)| state.clone())
    }

    /// Whether it stays so. An unknown state may not.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::InProgress | Self::Scheduled | Self::Other(_))
    }

    /// What kind of failure it is, and whether the same command would fail again; `None` for what is no failure.
    pub(super) fn failure(&self, service_would_retry: bool) -> Option<(ErrorKind, bool)> {
        match self {
            Self::InProgress | Self::Scheduled | Self::Other(_) | Self::Completed | Self::Skipped => None,
            Self::Failed if service_would_retry => Some((ErrorKind::Unavailable, false)),
            Self::Throttled => Some((ErrorKind::Throttled, false)),
            Self::Abandoned => Some((ErrorKind::Unavailable, false)),
            Self::Failed | Self::PartiallySucceeded | Self::BadInput | Self::Canceled => {
                Some((ErrorKind::Rejected, true))
            }
        }
    }
}

impl fmt::Display for OperationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = STATES.iter().find(|(state, _)| state == self);
        match (known, self) {
            (Some((_, name)), _) => f.write_str(name),
            (None, Self::Other(name)) => f.write_str(name),
            (None, _) => f.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_by_its_name_and_has_one_meaning() {
        use ErrorKind::{Rejected, Throttled, Unavailable};
        for (name, is_final, failure) in [
            ("InProgress", false, None),
            ("Scheduled", false, None),
            ("Completed", true, None),
            ("Skipped", true, None),
            ("Failed", true, Some((Rejected, true))),
            ("PartiallySucceeded", true, Some((Rejected, true))),
            ("Abandoned", true, Some((Unavailable, false))),
            ("BadInput", true, Some((Rejected, true))),
            ("Throttled", true, Some((Throttled, false))),
            ("Canceled", true, Some((Rejected, true))),
            ("Dreaming", false, None),
        ] {
            let state = OperationState::from_name(name);
            assert_eq!(state.to_string(), name);
            assert_eq!(
                (state.is_final(), state.failure(false)),
                (is_final, failure),
                "{name}"
            );
        }
        assert_eq!(OperationState::Failed.failure(true), Some((Unavailable, false)));
    }
}
