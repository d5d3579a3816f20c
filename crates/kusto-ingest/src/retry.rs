//! Trying again: how often, how long, and when nobody knows the outcome.

#[doc(inline)]
pub use kusto_ingest_core::{
    AmbiguousSends, Attempts, CallLimits, Effect, Ending, ExponentialRetry, FailedAttempt, FaultScope,
    NoRetry, OnUnknownOutcome, Outage, Retry, RetryPolicy, Sends, retry_after,
};
