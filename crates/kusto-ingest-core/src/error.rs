//! The one error that callers of ingest clients meet.

mod kind;
mod show;
mod without_secrets;

pub use kind::ErrorKind;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{Receipt, SourceId, redact};

/// What every fallible call of the ingestion crates returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something failed: what was attempted, on what, and whether trying again can help.
///
/// A program asks [`kind`](Self::kind) and [`is_permanent`](Self::is_permanent). A person reads the chain: each
/// link's `Display` completes "failed to …", and the causes follow by [`source`](StdError::source). No link
/// ever shows a SAS, key or token: whatever is put into one in words goes through [`redact`]. Clones share the
/// cause, so that all who wait for one refresh can have it.
#[doc(alias("IngestClientException", "IngestionClientException"))]
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    operation: Cow<'static, str>,
    reason: Option<Cow<'static, str>>,
    context: Vec<(&'static str, String)>,
    code: Option<String>,
    http_status: Option<u16>,
    permanent: Option<bool>,
    retry_after: Option<Duration>,
    source_id: Option<SourceId>,
    attempts: Option<(u32, Duration)>,
    receipt: Option<Box<Receipt>>,
    accepted: Vec<Receipt>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// The name of the context pair that tells which limit ended a call.
    pub const LIMIT: &str = "limit";
    /// The value of that pair where the response was longer than [`CallLimits::response`](crate::CallLimits::response).
    pub const RESPONSE_LIMIT: &str = "response";

    /// An error of a kind, met while doing `operation`: a fragment that completes "failed to …".
    #[must_use]
    pub fn new(kind: ErrorKind, operation: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: shown(operation.into()),
            reason: None,
            context: Vec::new(),
            code: None,
            http_status: None,
            permanent: None,
            retry_after: None,
            source_id: None,
            attempts: None,
            receipt: None,
            accepted: Vec::new(),
            source: None,
        }))
    }

    /// Adds what is wrong, and where possible what would be right.
    #[must_use]
    pub fn because(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.0.reason = Some(shown(reason.into()));
        self
    }

    /// Adds what it happened to.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.0.context.push((name, redact(&value.to_string())));
        self
    }

    /// Adds the service's own word for the failure.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(redact(&code.into()));
        self
    }

    /// Adds the HTTP status that told of it.
    #[must_use]
    pub fn with_http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Overrides what the kind says about permanence, as Kusto's `@permanent` does.
    #[must_use]
    pub fn with_permanence(mut self, permanent: bool) -> Self {
        self.0.permanent = Some(permanent);
        self
    }

    /// Adds how long the service asked to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Adds which source it is about.
    #[must_use]
    pub fn with_source_id(mut self, id: SourceId) -> Self {
        self.0.source_id = Some(id);
        self
    }

    /// Adds how many attempts were made, and how much time they took: nobody tries it again then.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = Some((attempts, elapsed));
        self
    }

    /// Adds the receipt of a source that may have been ingested, as [`ErrorKind::OutcomeUnknown`] has it.
    #[must_use]
    pub fn with_receipt(mut self, receipt: Receipt) -> Self {
        self.0.receipt = Some(Box::new(receipt));
        self
    }

    /// Adds the receipts of what the same call had ingested before it failed.
    #[must_use]
    pub fn with_accepted(mut self, receipts: impl IntoIterator<Item = Receipt>) -> Self {
        self.0.accepted.extend(receipts);
        self
    }

    /// The same failure under the heading of a larger operation, with this error as its cause.
    #[must_use]
    pub fn during(self, operation: impl Into<Cow<'static, str>>) -> Self {
        let mut outer = Self::new(self.kind(), operation);
        outer.0.permanent = Some(self.is_permanent());
        outer.0.code.clone_from(&self.0.code);
        outer.0.http_status = self.0.http_status;
        outer.0.retry_after = self.0.retry_after;
        outer.0.source_id = self.0.source_id;
        outer.0.attempts = self.0.attempts;
        outer.0.receipt.clone_from(&self.0.receipt);
        outer.0.accepted.clone_from(&self.0.accepted);
        outer.0.source = Some(Arc::new(self));
        outer
    }

    /// The same failure of an idempotent request: an unknown outcome becomes a transient failure, since the request may
    /// be repeated.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        if self.kind() == ErrorKind::OutcomeUnknown {
            self.0.kind = ErrorKind::Io;
        }
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same call would fail again: the service's word where it gave one, else the kind's.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.0.permanent.unwrap_or_else(|| self.0.kind.is_permanent())
    }

    /// The service's own word for the failure, such as `BadRequest_TableNotExist`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The HTTP status that told of it.
    #[must_use]
    #[doc(alias = "failure_code")]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// How long the service asked to wait before another try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Which source it is about.
    #[must_use]
    pub fn source_id(&self) -> Option<SourceId> {
        self.0.source_id
    }

    /// How many attempts were made, where somebody tried again or would have.
    #[must_use]
    pub fn attempts(&self) -> Option<u32> {
        self.tried().map(|(attempts, _)| attempts)
    }

    /// How much time all attempts took, where somebody tried again or would have.
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        self.tried().map(|(_, elapsed)| elapsed)
    }

    /// Whether a retry engine has given up on it, so that no other is to try it again at the same target.
    #[must_use]
    pub fn is_retried(&self) -> bool {
        self.tried().is_some()
    }

    fn tried(&self) -> Option<(u32, Duration)> {
        let cause = || self.0.source.as_deref()?.downcast_ref::<Self>()?.tried();
        self.0.attempts.or_else(cause)
    }

    /// The receipt of a source that may have been ingested: it tells what is known, and where more can be learned.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        self.0.receipt.as_deref()
    }

    /// The receipts of what the same call had ingested before it failed, in order: chunks of rows, and other sources of
    /// several. That stays. None where the call was about one source.
    #[must_use]
    pub fn accepted(&self) -> &[Receipt] {
        &self.0.accepted
    }

    /// What was attempted.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// What was wrong, in words.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// What it happened to, as pairs of name and value.
    pub fn context(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.context.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// A text that is written in the code holds no secret. A text that is put together may hold one.
fn shown(text: Cow<'static, str>) -> Cow<'static, str> {
    match text {
        Cow::Borrowed(written) => Cow::Borrowed(written),
        Cow::Owned(text) => Cow::Owned(redact(&text)),
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_the_service_beats_the_kind() {
        let error = Error::new(ErrorKind::Rejected, "ask");
        assert!(error.is_permanent());
        assert!(!error.with_permanence(false).is_permanent());
    }
}
