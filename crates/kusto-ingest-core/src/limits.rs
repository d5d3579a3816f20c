//! The limits of one network call.

use std::time::Duration;

/// The limits of one network call. They travel with the call, so that every leg can have its own.
///
/// A limit that is `None` is the transport's own default, never "wait forever".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallLimits {
    /// How long one read or write may make no progress.
    pub idle: Option<Duration>,
    /// How long the call may take from its start to the last byte of the answer.
    pub overall: Option<Duration>,
    /// How many bytes the body of the answer may have, also after it is decompressed.
    pub response: Option<u64>,
}

impl CallLimits {
    /// No limits of its own: the transport's defaults hold.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            idle: None,
            overall: None,
            response: None,
        }
    }

    /// Limits how long one read or write may make no progress.
    #[must_use]
    pub const fn with_idle(self, limit: Duration) -> Self {
        Self {
            idle: Some(limit),
            ..self
        }
    }

    /// Limits the whole call.
    #[must_use]
    pub const fn with_overall(self, limit: Duration) -> Self {
        Self {
            overall: Some(limit),
            ..self
        }
    }

    /// Limits the body of the answer to so many bytes, also after it is decompressed. A longer answer is an error that
    /// names the limit, and is not read on.
    #[must_use]
    pub const fn with_response(self, bytes: u64) -> Self {
        Self {
            response: Some(bytes),
            ..self
        }
    }
}
