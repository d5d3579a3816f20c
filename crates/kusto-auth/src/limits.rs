//! How long a sign-in may take, by kind of call.

use std::time::Duration;

/// How long a sign-in may take, by kind of call; for [`SignIn::with_limits`](crate::SignIn::with_limits).
///
/// Every limit but [`attempt`](Self::attempt) and [`probe`](Self::probe) holds for all attempts and the waits between
/// them together. A user who enters a device code has as long as the code is valid. A token callback, and a credential
/// of the caller's, take as long as they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignInLimits {
    /// One request, from its start to the last byte of its answer.
    pub attempt: Duration,
    /// Asking a cluster for its cloud.
    pub metadata: Duration,
    /// Getting a token from an authority, or from one of the developer's tools, which is stopped then.
    pub token: Duration,
    /// Getting a token for a managed identity, whose service may be away for 70 seconds while it is updated.
    pub managed_identity: Duration,
    /// Finding out whether a managed identity's service is there at all, where nobody said so.
    pub probe: Duration,
}

impl Default for SignInLimits {
    /// 12 s an attempt, 30 s for metadata and for a token, 90 s for a managed identity, and 3 s for a probe.
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(12),
            metadata: Duration::from_secs(30),
            token: Duration::from_secs(30),
            managed_identity: Duration::from_secs(90),
            probe: Duration::from_secs(3),
        }
    }
}

impl SignInLimits {
    /// The [defaults](Self::default).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits one request.
    #[must_use]
    pub const fn with_attempt(self, limit: Duration) -> Self {
        Self {
            attempt: limit,
            ..self
        }
    }

    /// Limits all that is done to learn a cluster's cloud.
    #[must_use]
    pub const fn with_metadata(self, limit: Duration) -> Self {
        Self {
            metadata: limit,
            ..self
        }
    }

    /// Limits all that is done for a token.
    #[must_use]
    pub const fn with_token(self, limit: Duration) -> Self {
        Self { token: limit, ..self }
    }

    /// Limits all that is done for a managed identity's token.
    #[must_use]
    pub const fn with_managed_identity(self, limit: Duration) -> Self {
        Self {
            managed_identity: limit,
            ..self
        }
    }

    /// Limits the look for a managed identity's service.
    #[must_use]
    pub const fn with_probe(self, limit: Duration) -> Self {
        Self { probe: limit, ..self }
    }
}
