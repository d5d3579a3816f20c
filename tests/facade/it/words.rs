//! What a person reads: kinds, states, and what `main` returns.

use std::time::Duration;

use kusto_ingest::auth::{AuthMethod, Secret};
use kusto_ingest::direct::{CommandMode, OperationState, SubmissionState};
use kusto_ingest::managed::{FallbackReason, OnUnavailable, Route, StreamingErrorCategory};
use kusto_ingest::properties::{ValidationImplications, ValidationOptions};
use kusto_ingest::retry::{FaultScope, Idempotency, OnUnknownOutcome, RequestOutcome};
use kusto_ingest::sources::Compression;
use kusto_ingest::status::{
    ErrorCategory, FailureStatus, IngestionErrorCode, OperationStatus, ReceiptState, StatusRecord,
};
use kusto_ingest::storage::ResourceKind;
use kusto_ingest::{
    Error, ErrorKind, ReportLevel, ReportMethod, Result, connection, managed, resources, testing,
};

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
        (format!("{:>6}", CommandMode::Sync), "  sync"),
        (SubmissionState::NotSent.to_string(), "not sent"),
        (OperationState::Scheduled.to_string(), "Scheduled"),
        (
            StreamingErrorCategory::StreamingOff.to_string(),
            "streaming is off",
        ),
        (Route::STREAM.to_string(), "stream"),
        (
            Route::Queue(FallbackReason::TooLarge).to_string(),
            "queue: the data is too large for streaming",
        ),
        (managed::Outcome::Streamed.to_string(), "streamed"),
        (OnUnavailable::FallBack.to_string(), "fall back"),
        (OnUnknownOutcome::Retry.to_string(), "retry"),
        (FaultScope::Machine.to_string(), "the proxy or this machine"),
        (Idempotency::NonIdempotent.to_string(), "not idempotent"),
        (RequestOutcome::Status(503).to_string(), "status 503"),
        (
            resources::Outcome::Throttled(Duration::from_secs(3)).to_string(),
            "throttled for 3s",
        ),
        (ErrorCategory::FileTooLarge.to_string(), "file too large"),
        (ValidationImplications::BestEffort.to_string(), "best effort"),
        (ValidationOptions::DoNotValidate.to_string(), "nothing"),
        (
            AuthMethod::UserToken(Secret::new("hidden")).to_string(),
            "user token",
        ),
        (
            connection::ErrorKind::UnknownKeyword.to_string(),
            "unknown keyword",
        ),
        (testing::Operation::PutBlob.to_string(), "put the blob"),
        (testing::RequestKind::TempStorage.to_string(), "temporary storage"),
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
        "failed to upload the source: put the blob (blob https://a/c/b…) \
         [forbidden, permanent: docs/guide/errors.md#forbidden]"
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
