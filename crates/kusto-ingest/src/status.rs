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
    NewStatusRecord, Notifications, OpenedStatus, StatusRouter, StatusTracker, TableStatusTracker, Watch,
    wait_all_final, wait_until_final,
};
