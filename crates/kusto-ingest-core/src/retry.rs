//! Trying again: when, how long, and what to do where nobody knows whether the first try worked.
//!
//! Everybody who tries something again does it with the one engine here, so that attempts do not multiply from layer to
//! layer: an error that this engine has given up on says so ([`Error::is_retried`]), and no other tries it again.
//!
//! [`Error::is_retried`]: crate::Error::is_retried

mod ambiguous;
mod engine;
mod outage;
mod policy;
mod scope;
mod sends;
mod unknown;

pub use ambiguous::AmbiguousSends;
pub use engine::{Attempts, Retry};
pub use outage::Outage;
#[cfg(feature = "mock")]
pub use policy::MockRetryPolicy;
pub use policy::{ExponentialRetry, FailedAttempt, NoRetry, RetryPolicy};
pub use scope::FaultScope;
pub use sends::Sends;
pub use unknown::OnUnknownOutcome;
