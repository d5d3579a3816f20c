//! The outcome of the attempts at a source, and of the queue after them, for the caller.

use kusto_ingest_core::{
    AmbiguousSends, Clock, Error, ErrorKind, FallbackReason, Receipt, ReceiptState, Result,
};

use crate::{Attempt, FallbackFailed};

/// The attempts at a source that ended.
pub(crate) struct EndedAttempts {
    /// The attempt that is under way, or the one that would be next.
    pub(crate) attempt: Attempt,
    /// How many sends may have worked.
    ambiguous: AmbiguousSends,
}

impl EndedAttempts {
    /// No attempt was made yet.
    pub(crate) fn none(attempt: Attempt) -> Self {
        Self {
            attempt,
            ambiguous: AmbiguousSends::none(),
        }
    }

    /// An attempt failed.
    pub(crate) fn count(&mut self, error: &Error, clock: &dyn Clock) {
        self.ambiguous.count_in(error);
        self.attempt = self.attempt.clone().next(error.clone(), clock);
    }

    /// The attempt under way was taken.
    pub(crate) fn streamed(self, receipt: Receipt) -> Result<Receipt> {
        let made = self.attempt.number.saturating_add(1);
        self.conclude(Ok(receipt), made, None)
    }

    /// The last attempt failed, and neither another nor the queue is to follow.
    pub(crate) fn failed(self, error: Error) -> Result<Receipt> {
        let made = self.attempt.number;
        self.conclude(Err(error), made, None)
    }

    /// The queue took it, or did not.
    pub(crate) fn queued(mut self, given: Result<Receipt>, reason: &FallbackReason) -> Result<Receipt> {
        let made = self.attempt.number;
        let given = given.map_err(|queued| {
            self.ambiguous.count_in(&queued);
            match self.attempt.failure.clone() {
                Some(streaming) => FallbackFailed::error(streaming, queued, self.ambiguous.count() > 0),
                None => queued,
            }
        });
        self.conclude(given, made, Some(reason))
    }

    fn conclude(
        self,
        given: Result<Receipt>,
        made: u32,
        fallback: Option<&FallbackReason>,
    ) -> Result<Receipt> {
        let Self { attempt, ambiguous } = self;
        let managed = |receipt: Receipt| receipt.with_managed(made, fallback.cloned());
        let given = given.map(managed);
        // Sizes, blob and status are known to whoever had the source last.
        let errors = [given.as_ref().err(), attempt.failure.as_ref()];
        let known = errors.into_iter().flatten().find_map(Error::receipt).cloned();
        ambiguous.conclude(given, |state| {
            let new = |state| Receipt::new(attempt.source_id, attempt.database, attempt.table, state);
            managed(match known {
                Some(mut receipt) => {
                    receipt.state = state;
                    receipt
                }
                None => new(state),
            })
        })
    }
}

/// The result of a client. A receipt of an unknown outcome becomes an error.
pub(crate) fn settled(given: Result<Receipt>) -> Result<Receipt> {
    let receipt = given?;
    let ReceiptState::Unknown { reason, .. } = &receipt.state else {
        return Ok(receipt);
    };
    let error = Error::new(ErrorKind::OutcomeUnknown, "ingest the source").because(reason.clone());
    Err(error.with_receipt(receipt))
}
