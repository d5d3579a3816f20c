//! What a person reads: kinds, states, and what `main` returns.

use kusto_ingest::sources::Compression;
use kusto_ingest::status::{FailureStatus, IngestionErrorCode, OperationStatus, ReceiptState, StatusRecord};
use kusto_ingest::storage::ResourceKind;
use kusto_ingest::{Error, ErrorKind, ReportLevel, ReportMethod, Result};

#[test]
fn kinds_and_states_have_words() {
    for (shown, words) in [
        (ErrorKind::OutcomeUnknown.to_string(), "outcome unknown"),
        (format!("{:>10}", ErrorKind::Timeout), "   timeout"),
        (ReceiptState::Queued.to_string(), "queued"),
        (
            ReportLevel::FailuresAndSuccesses.to_string(),
            "failures and successes",
        ),
        (ReportMethod::Table.to_string(), "table"),
        (Compression::Gzip.to_string(), "gzip"),
        (ResourceKind::Queue.to_string(), "queue"),
        (OperationStatus::Succeeded.to_string(), "Succeeded"),
    ] {
        assert_eq!(shown, words);
    }
}

#[test]
fn what_main_returns_is_one_sentence_without_secrets() {
    fn main() -> Result<()> {
        let refused =
            Error::new(ErrorKind::Forbidden, "put the blob").with("blob", "https://a/c/b?sig=SECRET");
        Err(refused.during("upload the source"))
    }
    let shown = format!("{:?}", main().expect_err("it is refused"));
    assert_eq!(
        shown,
        "failed to upload the source: put the blob (blob https://a/c/b…) [forbidden, permanent]"
    );
}

#[test]
fn a_record_of_a_failure_is_an_error_with_the_services_code_and_a_remedy() {
    let mut record = StatusRecord::new(OperationStatus::Failed);
    record.error_code = Some(IngestionErrorCode::BadRequestTableNotExist);
    record.failure_status = Some(FailureStatus::Permanent);
    record.details = Some("Table 'Weather' could not be found".to_owned());
    let error = record.clone().into_result().expect_err("it failed");
    assert_eq!(error.kind(), ErrorKind::Rejected);
    let shown = error.chain();
    for part in [
        "BadRequest_TableNotExist",
        "could not be found",
        "create the table",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    record.failure_status = Some(FailureStatus::Transient);
    let error = record.into_result().expect_err("it failed");
    assert!(!error.is_permanent());

    for status in [
        OperationStatus::Succeeded,
        OperationStatus::Skipped,
        OperationStatus::Pending,
    ] {
        assert!(StatusRecord::new(status).into_result().is_ok());
    }
}
