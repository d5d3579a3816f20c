//! Trying again: how often, how long, and when nobody knows the outcome.
//!
//! ```
//! use kusto_ingest::Kusto;
//! use kusto_ingest::retry::OnUnknownOutcome;
//!
//! // Rather twice than not at all.
//! let kusto = Kusto::builder("http://localhost:8080")?.with_on_unknown_outcome(OnUnknownOutcome::Retry).connect()?;
//! # Ok::<(), kusto_ingest::Error>(())
//! ```
//!
//! More is in the guide: `docs/guide/guarantees.md`.

#[doc(inline)]
pub use kusto_ingest_core::{
    AmbiguousSends, Attempts, CallLimits, ExponentialRetry, FailedAttempt, FaultScope, Idempotency, NoRetry,
    OnUnknownOutcome, Outage, RequestOutcome, Retry, RetryPolicy, SendObserver, Sends, retry_after,
};
