//! Whose fault a failure is: it decides who may be asked next.

use std::fmt;

use crate::{Error, ErrorKind};

/// Whose fault a failure is, as far as the next attempt is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "each has its own next step")]
pub enum FaultScope {
    /// The request's, the source's or the caller's: no target would accept it, or its outcome is unknown.
    Request,
    /// The target's, for as long as this operation lasts: another target may succeed.
    Target,
    /// A transient failure: the same target may succeed in a moment.
    Transient,
    /// The proxy's or this machine's, such as a certificate that is not trusted: waiting does not help.
    Machine,
}

impl Error {
    /// Whose fault it is. It decides which target is asked next.
    #[must_use]
    pub fn scope(&self) -> FaultScope {
        match (self.kind(), self.http_status()) {
            (_, Some(407)) => FaultScope::Machine,
            (ErrorKind::Connection, _) if self.is_permanent() => FaultScope::Machine,
            (kind, _) if is_of_the_request(kind) => FaultScope::Request,
            (_, Some(400 | 413)) if self.is_permanent() => FaultScope::Request,
            _ if self.is_permanent() => FaultScope::Target,
            _ => FaultScope::Transient,
        }
    }
}

/// Whose fault it is, in words.
impl fmt::Display for FaultScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Request => "the request",
            Self::Target => "the target",
            Self::Transient => "a transient failure",
            Self::Machine => "the proxy or this machine",
        })
    }
}

fn is_of_the_request(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidInput
            | ErrorKind::SourceNotFound
            | ErrorKind::SourceNotReadable
            | ErrorKind::SourceNotReplayable
            | ErrorKind::EmptySource
            | ErrorKind::SizeLimitExceeded
            | ErrorKind::FormatNotSpecified
            | ErrorKind::MessageTooLarge
            | ErrorKind::OutcomeUnknown
            | ErrorKind::Data
            | ErrorKind::Unsupported
            | ErrorKind::Other
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_one_owner() {
        use ErrorKind::*;
        for (kind, status, expect) in [
            (Rejected, Some(400), FaultScope::Request),
            (Rejected, Some(413), FaultScope::Request),
            (SizeLimitExceeded, None, FaultScope::Request),
            (SourceNotReadable, None, FaultScope::Request),
            (OutcomeUnknown, Some(500), FaultScope::Request),
            (Forbidden, Some(403), FaultScope::Target),
            (Unauthenticated, Some(401), FaultScope::Target),
            (NotFound, Some(404), FaultScope::Target),
            (AlreadyExists, Some(409), FaultScope::Target),
            (Rejected, Some(409), FaultScope::Target),
            (Protocol, Some(302), FaultScope::Target),
            (Protocol, Some(200), FaultScope::Target),
            (Rejected, Some(407), FaultScope::Machine),
            (Throttled, Some(429), FaultScope::Transient),
            (Unavailable, Some(503), FaultScope::Transient),
            (Unavailable, Some(500), FaultScope::Transient),
            (Connection, None, FaultScope::Transient),
            (Io, None, FaultScope::Transient),
            (Timeout, None, FaultScope::Transient),
        ] {
            let error = Error::new(kind, "ask");
            let error = match status {
                Some(status) => error.with_http_status(status),
                None => error,
            };
            assert_eq!(error.scope(), expect, "{kind:?} {status:?}");
        }
        let untrusted = Error::new(Connection, "connect").with_permanence(true);
        assert_eq!(untrusted.scope(), FaultScope::Machine);
    }
}
