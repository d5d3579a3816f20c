//! What became of a source: receipts, status records, and the service's reports.
//!
//! ```no_run
//! # async fn run(kusto: kusto_ingest::Kusto, properties: kusto_ingest::IngestionProperties) -> kusto_ingest::Result<()> {
//! use kusto_ingest::status::PollSchedule;
//! use kusto_ingest::{IngestClientExt, ReportLevel, ReportMethod};
//!
//! let properties = properties.with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
//! let receipt = kusto.queued().ingest_file("weather.csv", &properties).await?;
//! kusto.wait_for(&receipt, &PollSchedule::interactive()).await?.into_result()?;
//! # Ok(())
//! # }
//! ```
//!
//! More is in the guide: `docs/guide/following.md`.

#[doc(inline)]
pub use kusto_ingest_core::{
    AggregateError, AggregateResult, OperationLocator, PollSchedule, Receipt, ReceiptState, SourceResult,
    StatusLocator,
};
#[doc(inline)]
pub use kusto_ingest_message::{
    ErrorCategory, FailureNotification, FailureStatus, IngestionErrorCode, OperationStatus, Report,
    StatusLocation, StatusRecord, SuccessNotification, advice,
};
#[doc(inline)]
pub use kusto_ingest_status::{
    NewStatusRecord, Notifications, OpenedStatus, QueuedOperations, StatusRouter, StatusTracker,
    TableStatusTracker, Watch, wait_all_final, wait_until_final,
};
