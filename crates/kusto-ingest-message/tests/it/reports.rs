//! Rows of the status table, and the reports of queues.

use kusto_ingest_core::{BlobUri, DatabaseName, ErrorKind, SourceId, TableName, Timestamp};
use kusto_ingest_message::{
    FailureNotification, FailureStatus, IngestionErrorCode, OperationStatus, StatusRecord,
    SuccessNotification,
};
use serde_json::{Map, Value, json};

const ID: &str = "eee56f8c-2211-4ea4-93a6-be556e853e5f";

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

#[test]
fn s02_c02_the_pending_row_has_typed_columns_and_no_secret() {
    let record = StatusRecord::pending(
        ID.parse().unwrap(),
        &DatabaseName::parse("d").unwrap(),
        &TableName::parse("t").unwrap(),
        BlobUri::parse("https://h/c/b.csv.gz?sig=SECRET")
            .unwrap()
            .expose(),
        Timestamp::parse("2026-01-02T03:04:05.678901").unwrap(),
    );
    let expect = object(json!({
        "Status": "Pending",
        "IngestionSourceId": ID, "IngestionSourceId@odata.type": "Edm.Guid",
        "IngestionSourcePath": "https://h/c/b.csv.gz", "Database": "d", "Table": "t",
        "UpdatedOn": "2026-01-02T03:04:05.6789010Z", "UpdatedOn@odata.type": "Edm.DateTime",
    }));
    assert_eq!(record.to_properties(), expect);
    assert_eq!(StatusRecord::from_properties(&expect).unwrap(), record);
}

#[test]
fn s02_c81_a_row_is_read_whoever_wrote_it() {
    let typed = json!({
        "odata.etag": "W/\"1\"", "Timestamp": "2026-01-02T03:04:05Z", "Status": "Succeeded",
        "IngestionSourceId": ID, "IngestionSourceId@odata.type": "Edm.Guid",
        "OperationId": "5956515d-9a48-4544-a514-cf4656fe7f95", "OperationId@odata.type": "Edm.Guid",
        "ActivityId": "00000000-0000-0000-0000-000000000000", "Details": "", "OriginatesFromUpdatePolicy": false,
    });
    let texts = json!({
        "Status": "succeeded", "IngestionSourceId": ID.to_uppercase(), "OperationId": "5956515d-9a48-4544-a514-cf4656fe7f95",
        "ActivityId": "", "ErrorCode": "", "UpdatedOn": "1767323045000", "OriginatesFromUpdatePolicy": "False",
    });
    let typed = StatusRecord::from_properties(&object(typed)).unwrap();
    let texts = StatusRecord::from_properties(&object(texts)).unwrap();
    assert_eq!(typed, texts);
    assert_eq!(typed.status, OperationStatus::Succeeded);
    assert_eq!(
        (typed.activity_id, typed.error_code.clone(), typed.details.clone()),
        (None, None, None)
    );
    assert!(typed.failure().is_none());
}

#[test]
fn a_row_without_status_is_no_row_of_the_status_table() {
    let error = StatusRecord::from_properties(&Map::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[test]
fn s02_c88_a_failed_row_is_an_error_with_the_services_code_and_permanence() {
    for (failure_status, code, expect) in [
        (json!("Transient"), json!("Download_Forbidden"), false),
        (json!(3), json!(17), false),
        (json!("Permanent"), json!("General_InternalServerError"), true),
        (json!("Unknown"), json!("General_InternalServerError"), false),
        (json!(null), json!("BadRequest_Brand_New"), true),
    ] {
        let record = StatusRecord::from_properties(&object(json!({
            "Status": "Failed", "FailureStatus": failure_status, "ErrorCode": code, "IngestionSourceId": ID,
        })))
        .unwrap();
        let error = record.failure().unwrap();
        assert_eq!(error.is_permanent(), expect, "{failure_status} {code}");
        let code = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
        assert_eq!(error.code(), Some(code.as_str()));
        assert_eq!(error.source_id().unwrap().to_string(), ID);
    }
}

#[test]
fn s02_c87_a_report_is_read_with_and_without_base64_and_kept_when_it_is_none() {
    let json = format!(r#"{{"IngestionSourceId":"{ID}","Table":"t"}}"#);
    let bare = SuccessNotification::decode(&json);
    assert_eq!(bare.notification().unwrap().table, "t");
    assert_eq!(bare.raw(), json);

    let encoded = bare.notification().unwrap().encode();
    assert!(!encoded.contains('{'));
    let again = SuccessNotification::decode(&encoded);
    assert_eq!(again.notification(), bare.notification());

    // "no JSON" in base64
    let unread = FailureNotification::decode("bm8gSlNPTg==");
    assert_eq!(unread.notification(), None);
    assert_eq!(unread.into_notification().unwrap_err(), "no JSON");
}

#[test]
fn s02_c89_letters_beyond_ascii_survive() {
    let expect = "Größe überschritten: 数据";
    // `{"Table": "t", "Details": "Größe überschritten: 数据"}`, as UTF-8 in base64.
    let text = "eyJUYWJsZSI6ICJ0IiwgIkRldGFpbHMiOiAiR3LDtsOfZSDDvGJlcnNjaHJpdHRlbjog5pWw5o2uIn0=";
    let bare = r#"{"Details":"Größe überschritten: 数据"}"#;
    for text in [text, bare] {
        let read = FailureNotification::decode(text);
        assert_eq!(read.notification().unwrap().details, expect);
    }
    let mut failure = FailureNotification::default();
    failure.table = "t".to_owned();
    failure.details = expect.to_owned();
    let again = FailureNotification::decode(&failure.encode());
    assert_eq!(again.notification().unwrap().details, expect);
    let row = object(json!({"Status": "Failed", "Details": expect}));
    let record = StatusRecord::from_properties(&row).unwrap();
    assert_eq!(record.details.as_deref(), Some(expect));
    assert_eq!(record.failure().unwrap().reason(), Some(expect));
}

#[test]
fn a_failure_is_read_as_the_services_documentation_shows_it() {
    let report = FailureNotification::decode(
        &json!({
            "OperationId": "5956515d-9a48-4544-a514-cf4656fe7f95", "Database": "Samples", "Table": "StormEvents",
            "FailedOn": "2019-05-27 08:57:05.4273524", "IngestionSourceId": ID,
            "IngestionSourcePath": "https://acct.blob.core.windows.net/data/e.json?sig=SECRET", "Details": "gone",
            "errorCode": "Download_SourceNotFound", "FailureStatus": "Permanent", "RootActivityId": "",
            "OriginatesFromUpdatePolicy": "", "ShouldRetry": "True",
        })
        .to_string(),
    );
    let mut expect = FailureNotification::default();
    expect.operation_id = "5956515d-9a48-4544-a514-cf4656fe7f95".parse().ok();
    expect.database = "Samples".to_owned();
    expect.table = "StormEvents".to_owned();
    expect.failed_on = Timestamp::parse("2019-05-27T08:57:05.4273524Z").ok();
    expect.source_id = ID.parse::<SourceId>().ok();
    expect.source_path = "https://acct.blob.core.windows.net/data/e.json".to_owned();
    expect.details = "gone".to_owned();
    expect.error_code = Some(IngestionErrorCode::DownloadSourceNotFound);
    expect.failure_status = Some(FailureStatus::Permanent);
    expect.should_retry = true;
    assert_eq!(report.notification(), Some(&expect));

    let again = FailureNotification::decode(&expect.encode());
    assert_eq!(again.notification(), Some(&expect));
}
