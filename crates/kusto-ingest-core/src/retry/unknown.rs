//! What to do when nobody knows whether a request was carried out.

use std::fmt;

/// What to do when a request that is not idempotent was sent, and nobody knows whether it was carried out.
///
/// Its outcome is unknown when the whole request was sent and the answer was lost, came too late, or was 408, 500, 502 or
/// 504. 429 and 503 mean that nothing was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "one either says so or sends again")]
pub enum OnUnknownOutcome {
    /// Report it: an error of kind [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown), which carries the receipt.
    #[default]
    Report,
    /// Send it again. The data may then be ingested twice; the receipt tells how many sends were ambiguous.
    Retry,
}

/// What is done, in a word.
impl fmt::Display for OnUnknownOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Report => "report",
            Self::Retry => "retry",
        })
    }
}
