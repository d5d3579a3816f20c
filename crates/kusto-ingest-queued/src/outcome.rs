//! What the caller gets, once the message was sent: a receipt, or an error that says what is known.

use kusto_ingest_core::{Error, ErrorKind, Receipt, ReceiptState, Result, StatusLocator};

/// How the sending of a message ended.
pub(crate) struct Sent {
    /// Whether a queue took it, as far as the last put tells.
    pub(crate) outcome: Result<()>,
    /// After how many puts nobody knows whether a queue took it.
    pub(crate) ambiguous: u32,
}

impl Sent {
    /// The receipt of a message that a queue took, or the error of one that it did not take, or may have taken.
    ///
    /// # Errors
    /// The one with which the sending ended. Where the message may be in a queue, it is of the kind
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown), whatever happened last, and carries the receipt.
    pub(crate) fn conclude(
        self,
        status: Option<StatusLocator>,
        receipt: impl FnOnce(ReceiptState) -> Receipt,
    ) -> Result<Receipt> {
        let error = match self.outcome {
            Ok(()) => {
                let state = status.map_or(ReceiptState::Queued, ReceiptState::Tracked);
                return Ok(receipt(state).with_ambiguous_sends(self.ambiguous));
            }
            Err(error) => error,
        };
        if self.ambiguous == 0 {
            return Err(error);
        }
        let error = match error.kind() {
            ErrorKind::OutcomeUnknown => error,
            // However the last attempt failed: what became of an earlier one is not known.
            _ => Error::new(ErrorKind::OutcomeUnknown, "put the message on a queue")
                .because("a put of it may have arrived")
                .caused_by(error),
        };
        let state = ReceiptState::Unknown {
            status,
            reason: error.chain(),
        };
        let receipt = receipt(state).with_ambiguous_sends(self.ambiguous);
        Err(error.with_receipt(receipt))
    }
}
