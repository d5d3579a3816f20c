//! Failures as errors: what the service says, what can be done, and no secret; and what becomes of a source in parts.

use kusto_ingest_core::{SourceId, Timestamp};
use kusto_ingest_message::{
    FailureNotification, FailureStatus, IngestionErrorCode, OperationStatus, Report, StatusRecord,
    SuccessNotification,
};
use serde_json::json;

const ID: &str = "eee56f8c-2211-4ea4-93a6-be556e853e5f";

fn failed(code: Option<IngestionErrorCode>, details: &str) -> StatusRecord {
    let mut record = StatusRecord::new(OperationStatus::Failed);
    record.error_code = code;
    record.details = Some(details.to_owned());
    record
}

#[test]
fn a_common_failure_says_what_can_be_done_and_says_it_once() {
    let details = "Entity name 'Wether' of kind 'Table' was not found.";
    let record = failed(Some(IngestionErrorCode::BadRequestTableNotExist), details);
    let error = record.failure().unwrap();
    assert_eq!(
        error.chain(),
        "failed to ingest the source: Entity name 'Wether' of kind 'Table' was not found; create the table, or check \
         its name (status Failed, code BadRequest_TableNotExist)"
    );
    assert_eq!(error.chain().matches("create the table").count(), 1);
}

#[test]
fn without_words_of_the_service_the_advice_is_the_reason_and_without_advice_the_words_are() {
    let code = IngestionErrorCode::BadRequestEmptyBlob;
    let error = failed(Some(code), " ").failure().unwrap();
    assert_eq!(error.reason(), Some("queue a blob that has data"));
    let error = failed(None, "The planets were not aligned.").failure().unwrap();
    assert_eq!(error.reason(), Some("The planets were not aligned."));
    let error = StatusRecord::new(OperationStatus::Failed).failure().unwrap();
    assert_eq!(error.reason(), None);
}

#[test]
fn a_reported_failure_is_the_same_error_as_a_recorded_one() {
    let text = json!({
        "IngestionSourceId": ID, "Database": "Samples", "Table": "T", "ErrorCode": "Download_SourceNotFound",
        "FailureStatus": "Permanent", "Details": "Failed to download the blob", "FailedOn": "2026-01-02T03:04:05Z",
    });
    let report = FailureNotification::decode(&text.to_string());
    let notification = report.notification().unwrap();
    let (reported, record) = (notification.failure(), notification.to_record());
    assert_eq!(reported.chain(), record.failure().unwrap().chain());
    assert!(reported.is_permanent());
    assert_eq!(reported.source_id(), ID.parse::<SourceId>().ok());
    assert!(
        reported.reason().unwrap().contains("check that the blob exists"),
        "{reported}"
    );
    assert_eq!(
        (
            record.database.as_deref(),
            record.table.as_deref(),
            record.source_path
        ),
        (Some("Samples"), Some("T"), None)
    );
    assert_eq!(record.updated_on, Timestamp::parse("2026-01-02T03:04:05Z").ok());
}

#[test]
fn a_report_that_advises_another_attempt_is_of_a_failure_that_passes() {
    let mut failure = FailureNotification::default();
    assert!(failure.failure().is_permanent());
    failure.should_retry = true;
    assert!(!failure.failure().is_permanent());
    failure.failure_status = Some(FailureStatus::Permanent);
    assert!(failure.failure().is_permanent(), "the service's own word counts");
}

#[test]
fn a_reported_success_is_a_record_of_success() {
    let text = json!({"IngestionSourceId": ID, "Table": "T", "SucceededOn": "2026-01-02T03:04:05Z"});
    let report: Report<SuccessNotification> = SuccessNotification::decode(&text.to_string());
    let record = report.notification().unwrap().to_record();
    assert!(record.status.is_success() && record.failure().is_none());
    assert_eq!(record.source_id, ID.parse().ok());
    assert_eq!(record.updated_on, Timestamp::parse("2026-01-02T03:04:05Z").ok());
}

#[test]
fn what_the_service_quotes_shows_no_sas() {
    let details = "Failed to read 'https://a.blob.core.windows.net/c/b.csv?sv=1&sig=SECRET'";
    let text = json!({"Status": "Failed", "Details": details, "ErrorCode": "Download_Forbidden"});
    let record = StatusRecord::from_properties(text.as_object().unwrap()).unwrap();
    let notification = FailureNotification::decode(&text.to_string())
        .into_notification()
        .unwrap();
    let set_by_hand = failed(None, details).failure().unwrap();
    let recorded = record.failure().unwrap();
    let reported = notification.failure();
    let shown = format!(
        "{record:?} {notification:?} {} {} {}",
        set_by_hand.chain(),
        recorded.chain(),
        reported.chain()
    );
    assert!(!shown.contains("SECRET"), "{shown}");
    assert!(
        shown.contains("https://a.blob.core.windows.net/c/b.csv"),
        "{shown}"
    );
}

#[test]
fn what_the_service_quotes_of_a_file_with_a_blank_in_its_name_shows_no_key() {
    let details = "Failed to read 'https://a/c/my file.csv;QUNDT1VOVEtFWQ==': it is gone";
    let text = json!({"Status": "Failed", "Details": details});
    let record = StatusRecord::from_properties(text.as_object().unwrap()).unwrap();
    let report = FailureNotification::decode(&text.to_string());
    let clean = "Failed to read 'https://a/c/my file.csv…': it is gone";
    assert_eq!(record.details.as_deref(), Some(clean));
    assert_eq!(report.notification().unwrap().details, clean);
    assert_eq!(failed(None, details).failure().unwrap().reason(), Some(clean));
}

#[test]
fn a_report_of_any_length_is_read_by_everyone_who_meets_it() {
    let text = json!({"IngestionSourceId": ID, "Details": "(sig=x)".repeat(200_000)});
    let report = FailureNotification::decode(&text.to_string());
    let notification = report.notification().unwrap();
    assert!(notification.details == "(sig=…)".repeat(200_000));
    assert_eq!(notification.failure().source_id(), ID.parse().ok());
}

#[test]
fn several_records_of_one_source_are_one() {
    use OperationStatus::{Failed, PartiallySucceeded, Pending, Queued, Skipped, Succeeded};
    let brewing = || OperationStatus::Other("Brewing".to_owned());
    for (parts, expect) in [
        (vec![], Skipped),
        (vec![Succeeded], Succeeded),
        (vec![brewing()], brewing()),
        (vec![Succeeded, Pending, Failed], Pending),
        (vec![Succeeded, brewing()], Pending),
        (vec![Pending, Pending], Pending),
        (vec![Failed, Failed], Failed),
        (vec![Skipped, Skipped], Skipped),
        (vec![Queued, Queued], Queued),
        (vec![Skipped, Succeeded, Skipped], Succeeded),
        (vec![Succeeded, Queued], Queued),
        (vec![Succeeded, Failed], PartiallySucceeded),
        (vec![Failed, Skipped], PartiallySucceeded),
        (vec![Failed, Queued], PartiallySucceeded),
        (vec![PartiallySucceeded, Succeeded], PartiallySucceeded),
    ] {
        let records: Vec<_> = parts.iter().cloned().map(StatusRecord::new).collect();
        assert_eq!(StatusRecord::combined(&records).status, expect, "{parts:?}");
    }
}

#[test]
fn of_several_failures_the_first_is_told_and_of_names_what_all_agree_on() {
    let at = |second: &str| Timestamp::parse(&format!("2026-01-02T03:04:{second}Z")).ok();
    let mut done = StatusRecord::new(OperationStatus::Succeeded);
    done.source_id = ID.parse().ok();
    done.database = Some("Samples".to_owned());
    done.source_path = Some("https://a/c/1".to_owned());
    done.details = Some("all is well".to_owned());
    done.updated_on = at("09");
    let mut first = failed(Some(IngestionErrorCode::StreamWrongNumberOfFields), "line 7");
    first.source_id = ID.parse().ok();
    first.source_path = Some("https://a/c/2".to_owned());
    first.failure_status = Some(FailureStatus::Permanent);
    first.updated_on = at("05");
    let second = failed(Some(IngestionErrorCode::DownloadForbidden), "no");

    let whole = StatusRecord::combined(&[done, first, second]);
    assert_eq!(whole.status, OperationStatus::PartiallySucceeded);
    assert_eq!(
        whole.error_code,
        Some(IngestionErrorCode::StreamWrongNumberOfFields)
    );
    assert_eq!(whole.failure_status, Some(FailureStatus::Permanent));
    assert_eq!(whole.details.as_deref(), Some("line 7"));
    assert_eq!(whole.source_id, ID.parse().ok());
    assert_eq!(whole.database.as_deref(), Some("Samples"));
    assert_eq!(whole.source_path, None);
    assert_eq!(whole.updated_on, at("09"));
}
