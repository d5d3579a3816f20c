//! What became of a source: receipts, status records, and the service's reports.

#[doc(inline)]
pub use kusto_ingest_core::{
    AggregateError, AggregateResult, PollSchedule, Receipt, ReceiptState, SourceResult, StatusLocator,
};
#[doc(inline)]
pub use kusto_ingest_message::{
    ErrorCategory, FailureNotification, FailureStatus, IngestionErrorCode, OperationStatus, Report,
    StatusLocation, StatusRecord, SuccessNotification, advice,
};
#[doc(inline)]
pub use kusto_ingest_status::{
    Notifications, Opened, Opening, StatusRouter, StatusTracker, TableStatusTracker, Watch, until_all_final,
    until_final,
};
