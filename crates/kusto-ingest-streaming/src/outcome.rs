//! What the caller gets, once the request was sent: a receipt, or an error that says what is known.

use kusto_ingest_core::{AmbiguousSends, Receipt, ReceiptState, Result};

/// How the sending of a request ended.
pub(crate) struct Sent {
    /// Whether the engine took it, as far as the last send tells.
    pub(crate) outcome: Result<()>,
    /// After how many sends nobody knows whether the engine took it.
    pub(crate) ambiguous: AmbiguousSends,
}

impl Sent {
    /// The receipt of data that the engine took, or the error of data that it did not take, or may have taken.
    ///
    /// # Errors
    /// The one with which the sending ended. Where the data may be in the table, it is of the kind
    /// [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown), whatever happened last, and carries the receipt.
    pub(crate) fn conclude(self, receipt: impl Fn(ReceiptState) -> Receipt) -> Result<Receipt> {
        let given = self.outcome.map(|()| receipt(ReceiptState::Streamed));
        self.ambiguous.conclude(given, receipt)
    }
}
