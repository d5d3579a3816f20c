//! How long a service is asked again that does not answer: as the policy says, and no longer than all calls together.

use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::{Clock, FailedAttempt, Outage, RetryPolicy};

/// A policy whose callers give up together: once the service has not answered any of them for as long as one would try,
/// each makes one attempt.
#[derive(Clone, Debug)]
pub(super) struct SharedPatience {
    policy: Arc<dyn RetryPolicy>,
    clock: Arc<dyn Clock>,
    outage: Outage,
}

impl SharedPatience {
    pub(super) fn new(policy: &Arc<dyn RetryPolicy>, clock: &Arc<dyn Clock>, outage: &Outage) -> Self {
        Self {
            policy: policy.clone(),
            clock: clock.clone(),
            outage: outage.clone(),
        }
    }
}

impl RetryPolicy for SharedPatience {
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration> {
        match self.outage.record_failure(&*self.policy, &*self.clock) {
            true => None,
            false => self.policy.backoff(failed),
        }
    }

    fn max_elapsed(&self) -> Option<Duration> {
        self.policy.max_elapsed()
    }
}
