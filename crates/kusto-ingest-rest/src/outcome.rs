//! What the caller gets, once the request was sent: a receipt, or an error that says what is known.

use kusto_endpoint::OperationId;
use kusto_ingest_core::{AmbiguousSends, BlobSource, Error, OperationLocator, Receipt, ReceiptState, Result};
use kusto_ingest_upload::internal::SentBytes;

/// How the sending of a source ended.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Whether the service took it, as far as the last send tells, and as which operation.
    pub(crate) outcome: Result<Option<OperationId>>,
    /// After how many sends nobody knows whether the service took it.
    pub(crate) ambiguous: AmbiguousSends,
}

/// A source that was not queued, as far as anybody knows, and the blob that it has become meanwhile.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) blob: Option<(BlobSource, SentBytes)>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, blob: None }
    }
}

impl Sent {
    /// The receipt of a source that the service took, or the error of one that it did not take, or may have taken.
    ///
    /// # Errors
    /// The one with which the sending ended. Where the service may have the source, it is of the kind
    /// [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown), whatever happened last, and carries the receipt.
    pub(crate) fn conclude(
        self,
        address: Option<&str>,
        receipt: impl Fn(ReceiptState) -> Receipt,
    ) -> Result<Receipt> {
        let state = |operation: Option<OperationId>| match operation {
            None => ReceiptState::Queued,
            Some(id) => {
                let locator = OperationLocator::new(id.as_str());
                ReceiptState::QueuedOperation(match address {
                    Some(address) => locator.with_endpoint(address),
                    None => locator,
                })
            }
        };
        let given = self.outcome.map(|operation| receipt(state(operation)));
        self.ambiguous.conclude(given, receipt)
    }
}
