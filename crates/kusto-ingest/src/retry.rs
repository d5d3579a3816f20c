//! Trying again: how often, how long, and when nobody knows the outcome.

#[doc(inline)]
pub use kusto_ingest_core::{
    AmbiguousSends, Attempts, CallLimits, ExponentialRetry, FailedAttempt, FaultScope, Idempotency, NoRetry,
    OnUnknownOutcome, Outage, RequestOutcome, Retry, RetryPolicy, Sends, retry_after,
};
