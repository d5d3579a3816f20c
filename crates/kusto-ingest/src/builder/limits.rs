//! How long each kind of call may take.

use std::time::Duration;

use kusto_auth::SignInLimits;
use kusto_ingest_core::CallLimits;

use super::KustoBuilder;

/// How long each kind of call may take; what is not set has the default of its layer.
pub(super) struct Limits {
    pub(super) command: CallLimits,
    pub(super) resource: Option<CallLimits>,
    pub(super) block: CallLimits,
    pub(super) storage: CallLimits,
    pub(super) streaming: Option<Duration>,
    pub(super) probe: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            command: CallLimits::new(),
            resource: None,
            block: CallLimits::new()
                .with_idle(Duration::from_secs(15))
                .with_overall(Duration::from_secs(30 * 60)),
            storage: CallLimits::new().with_overall(Duration::from_secs(60)),
            streaming: None,
            probe: None,
        }
    }
}

impl KustoBuilder {
    /// Limits each command and query, where that is shorter than what the service may take.
    #[must_use]
    pub fn with_command_limits(mut self, limits: CallLimits) -> Self {
        self.limits.command = limits;
        self
    }

    /// Limits each attempt at a command that asks for storage; 12 seconds by default. How long all attempts may take
    /// together is said by [`with_command_retry`](Self::with_command_retry), 30 seconds by default.
    #[must_use]
    pub fn with_resource_limits(mut self, limits: CallLimits) -> Self {
        self.limits.resource = Some(limits);
        self
    }

    /// Limits each request that carries a blob or a block of one. By default it may be silent for 15 seconds, beside what
    /// data under way may take, and last for 30 minutes.
    #[must_use]
    pub fn with_block_limits(mut self, limits: CallLimits) -> Self {
        self.limits.block = limits;
        self
    }

    /// Limits each request to a queue or table; a minute by default.
    #[must_use]
    pub fn with_storage_limits(mut self, limits: CallLimits) -> Self {
        self.limits.storage = limits;
        self
    }

    /// Limits each streaming request; a minute by default.
    #[must_use]
    pub fn with_streaming_limit(mut self, limit: Duration) -> Self {
        self.limits.streaming = Some(limit);
        self
    }

    /// Limits the look for the size of a blob whose size the caller did not give; 3 seconds by default.
    #[must_use]
    pub fn with_probe_limit(mut self, limit: Duration) -> Self {
        self.limits.probe = Some(limit);
        self
    }

    /// Limits the sign-in: tokens, and the look for the cluster's cloud.
    #[must_use]
    pub fn with_sign_in_limits(self, limits: SignInLimits) -> Self {
        self.with_sign_in(move |sign_in| Ok(sign_in.with_limits(limits)))
    }
}
