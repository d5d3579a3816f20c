//! What the caller gets, once the message was sent: a receipt, or an error that says what is known.

use kusto_ingest_core::{Error, ErrorKind, Receipt, ReceiptState, Result, StatusLocator};

use crate::send::Sent;

/// The receipt of a message that a queue took, or the error of one that it did not take, or may have taken.
///
/// # Errors
/// The one with which the sending ended. Where the message may be in a queue, it is of the kind
/// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown), whatever happened last, and carries the receipt.
pub(crate) fn of(
    sent: Sent,
    status: Option<StatusLocator>,
    receipt: impl FnOnce(ReceiptState) -> Receipt,
) -> Result<Receipt> {
    let error = match sent.outcome {
        Ok(()) => {
            let state = status.map_or(ReceiptState::Queued, ReceiptState::Tracked);
            return Ok(receipt(state).with_ambiguous_sends(sent.ambiguous));
        }
        Err(error) => error,
    };
    if sent.ambiguous == 0 {
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
    let receipt = receipt(state).with_ambiguous_sends(sent.ambiguous);
    Err(error.with_receipt(receipt))
}
