//! Queued ingestion over REST: requests as they are sent, and answers in both published shapes.

use std::time::Duration;

use kusto_endpoint::{
    BlobCounts, BlobState, ClientHeaders, EndpointResponse, IngestionConfiguration, IngestionMethod,
    OperationDetail, OperationId, OperationOutcome, QueuedCall, QueuedOperation, QueuedRequest, Tracking,
    UploadMethod,
};
use kusto_ingest_core::{
    BlobSource, DataFormat, DatabaseName, ErrorKind, Idempotency, IngestionMapping, IngestionProperties,
    MappingKind, SourceId, TableName, Timestamp, ValidationImplications, ValidationOptions, ValidationPolicy,
};
use serde_json::{Value, json};

fn names() -> (DatabaseName, TableName) {
    (
        DatabaseName::parse("Db 1").expect("it is good"),
        TableName::parse("T/1").expect("it is good"),
    )
}

fn properties() -> IngestionProperties {
    let (database, table) = names();
    IngestionProperties::new(database, table)
}

fn blob(name: &str) -> BlobSource {
    BlobSource::parse(format!(
        "https://a.blob.core.windows.net/c/{name}?sv=1&sig=SECRET%3D"
    ))
    .expect("it is good")
}

fn request(blobs: Vec<BlobSource>, properties: &IngestionProperties) -> QueuedRequest {
    QueuedRequest::new(blobs, properties, DataFormat::Csv, Timestamp::UNIX_EPOCH)
}

fn submit(request: &QueuedRequest) -> QueuedCall {
    let (database, table) = names();
    QueuedCall::submit(&database, &table, request, &ClientHeaders::default()).expect("it can be written")
}

fn operation(id: &str, detail: OperationDetail) -> QueuedCall {
    let ((database, table), id) = (names(), OperationId::parse(id).expect("an id"));
    QueuedCall::operation(&database, &table, &id, detail, &ClientHeaders::default())
        .expect("it can be written")
}

fn body(call: &QueuedCall) -> Value {
    serde_json::from_slice(call.body().expect("a body")).expect("JSON")
}

fn answer(status: u16, body: &str) -> EndpointResponse<'_> {
    EndpointResponse::new(status, |_| None, body.as_bytes())
}

#[test]
fn s03_g47_the_configuration_is_read_in_every_spelling_and_whatever_of_it_is_there() {
    let sample = json!({"containerSettings": {
            "containers": [{"path": "https://acc.blob.core.windows.net/cont?sig=SECRET"}],
            "lakeFolders": [{"path": "https://onelake.dfs.fabric.microsoft.com/WS/ITEM/Files"}],
            "refreshInterval": "01:00:00",
            "preferredUploadMethod": "Storage"},
        "ingestionSettings": {"maxBlobsPerBatch": 20, "maxDataSize": 6_442_450_944_u64,
            "preferredIngestionMethod": "REST"}});
    let read =
        |value: &Value| IngestionConfiguration::from_body(value.to_string().as_bytes()).expect("it is read");
    let told = read(&sample);
    assert_eq!(told.blobs_per_request(), 20);
    assert_eq!(told.max_raw_bytes, Some(6_442_450_944));
    assert_eq!(told.preferred_upload, Some(UploadMethod::Storage));
    assert_eq!(told.refresh_interval, Some(Duration::from_secs(3_600)));
    assert_eq!(told.expose_containers().count(), 1);
    assert_eq!(told.expose_lake_folders().count(), 1);
    assert!(!format!("{told:?}").contains("SECRET"), "{told:?}");
    for (text, seconds) in [("1.02:03:04.5", 93_784.5), ("00:00:30", 30.0)] {
        let mut other = sample.clone();
        other["containerSettings"]["refreshInterval"] = text.into();
        let interval = read(&other).refresh_interval.expect("a timespan");
        assert!((interval.as_secs_f64() - seconds).abs() < 1e-6, "{text}");
    }
    let (rest, queue) = (Some(IngestionMethod::Rest), Some(IngestionMethod::Queue));
    for (word, method) in [
        ("REST", rest),
        ("Rest", rest),
        ("v2", rest),
        ("V1", queue),
        ("Queue", queue),
        ("Legacy", queue),
        ("Pigeon", None),
    ] {
        let mut other = sample.clone();
        other["ingestionSettings"]["preferredIngestionMethod"] = word.into();
        assert_eq!(read(&other).preferred_ingestion, method, "{word}");
    }
    for empty in [
        json!({}),
        json!({"containerSettings": null, "ingestionSettings": {"more": 1}}),
    ] {
        let told = read(&empty);
        assert_eq!(told, IngestionConfiguration::new(), "{empty}");
        assert_eq!(told.blobs_per_request(), 20);
    }
    assert!(IngestionConfiguration::from_body(b"<html>").is_err());
}

#[test]
fn a_request_names_its_blobs_and_what_is_set_and_no_more() {
    let id: SourceId = "11111111-1111-4111-8111-111111111111".parse().unwrap();
    let call = submit(&request(
        vec![blob("a.csv").with_id(id).with_raw_size(7)],
        &properties(),
    ));
    assert_eq!(call.path_and_query(), "/v1/rest/ingestion/queued/Db%201/T%2F1");
    assert_eq!(call.idempotency(), Idempotency::NonIdempotent);
    let expect = json!({"timestamp": "1970-01-01T00:00:00.0000000Z",
        "blobs": [{"url": "https://a.blob.core.windows.net/c/a.csv?sv=1&sig=SECRET%3D",
            "sourceId": id.to_string(), "rawSize": 7}],
        "properties": {"format": "csv", "enableTracking": true}});
    assert_eq!(body(&call), expect);
    assert!(!format!("{call:?}").contains("SECRET"), "{call:?}");
    for name in [
        "accept",
        "content-type",
        "x-ms-version",
        "x-ms-app",
        "x-ms-user",
        "x-ms-client-version",
    ] {
        assert!(call.headers().iter().any(|(known, _)| *known == name), "{name}");
    }
}

#[test]
fn every_property_has_its_place() {
    let all = properties()
        .with_additional_tags(["t"])
        .with_ingest_by_tags(["x"])
        .with_drop_by_tags(["y"])
        .with_ingest_if_not_exists(["x"])
        .with_flush_immediately()
        .with_mapping(IngestionMapping::reference(MappingKind::Csv, "m").unwrap())
        .with_validation_policy(ValidationPolicy {
            options: ValidationOptions::ValidateCsvInputConstantColumns,
            implications: ValidationImplications::BestEffort,
        })
        .with_ignore_size_limit()
        .with_ignore_first_record()
        .with_creation_time(Timestamp::UNIX_EPOCH)
        .with_zip_pattern("*.csv")
        .with_extend_schema(false)
        .with_recreate_schema(false)
        .with_property("ignoreLastRecordIfInvalid", "true");
    let blobs = vec![blob("a.csv").with_delete_after_ingestion()];
    let written = body(&submit(&request(blobs, &all).with_tracking(Tracking::Off)));
    let expect = json!({"format": "csv", "enableTracking": false, "tags": ["t", "drop-by:y", "ingest-by:x"],
        "ingestIfNotExists": ["x"], "skipBatching": true, "deleteAfterDownload": true,
        "ingestionMappingReference": "m",
        "validationPolicy": "{\"ValidationOptions\":1,\"ValidationImplications\":1}",
        "ignoreSizeLimit": true, "ignoreFirstRecord": true, "creationTime": "1970-01-01T00:00:00.0000000Z",
        "zipPattern": "*.csv", "extend_schema": false, "recreate_schema": false,
        "ignoreLastRecordIfInvalid": "true"});
    assert_eq!(written["properties"], expect);
    let (database, table) = names();
    let twice = request(
        vec![blob("a.csv")],
        &properties().with_property("EnableTracking", "false"),
    );
    let error = QueuedCall::submit(&database, &table, &twice, &ClientHeaders::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn s03_g50_the_id_of_an_operation_is_one_segment_of_the_path() {
    let id = "00001111;11112222;00001111-aaaa-2222-bbbb-3333cccc4444";
    let call = operation(id, OperationDetail::Summary);
    let path =
        "/v1/rest/ingestion/queued/Db%201/T%2F1/00001111%3B11112222%3B00001111-aaaa-2222-bbbb-3333cccc4444";
    assert_eq!(call.path_and_query(), path);
    let detailed = operation(id, OperationDetail::Blobs);
    assert_eq!(detailed.path_and_query(), format!("{path}?details=true"));
    assert_eq!(
        (detailed.body(), detailed.idempotency()),
        (None, Idempotency::Idempotent)
    );
}

#[test]
fn s03_g51_counts_are_read_in_either_case() {
    let read = |status: Value| {
        let text = json!({"startTime": "2026-01-01T00:00:00Z", "status": status}).to_string();
        QueuedOperation::from_body(text.as_bytes()).expect("it is read")
    };
    let documented = read(json!({"Succeeded": 8, "Failed": 1, "InProgress": 2, "Canceled": 0}));
    let described = read(json!({"succeeded": 8, "failed": 1, "inProgress": 2, "canceled": 0}));
    assert_eq!(documented, described);
    assert_eq!(documented.counts, BlobCounts::new(8, 1, 2, 0));
    use OperationOutcome::{Canceled, Failed, InProgress, PartiallySucceeded, Succeeded};
    for (status, outcome) in [
        (json!({"Succeeded": 8, "Failed": 1, "InProgress": 2}), InProgress),
        (json!({"succeeded": 1, "queued": 1}), InProgress),
        (json!({"succeeded": 1, "asleep": 1}), InProgress),
        (
            json!({"Succeeded": 0, "Failed": 0, "InProgress": 0, "Canceled": 0}),
            InProgress,
        ),
        (json!({}), InProgress),
        (json!({"Succeeded": 8, "Failed": 1}), PartiallySucceeded),
        (json!({"Failed": 1, "Cancelled": 1}), Failed),
        (json!({"Succeeded": 1, "Cancelled": 1}), Canceled),
        (json!({"Succeeded": 3}), Succeeded),
    ] {
        assert_eq!(read(status.clone()).outcome(), outcome, "{status}");
    }
}

#[test]
fn s03_g52_details_are_matched_to_their_sources_in_either_shape() {
    let id: SourceId = "11111111-1111-4111-8111-111111111111".parse().unwrap();
    let documented = json!({"details": [
        {"url": "https://a.blob.core.windows.net/c/other.csv?sig=SECRET", "status": "Succeeded"},
        {"url": "https://a.blob.core.windows.net/c/a.csv?sig=SECRET", "status": "Failed",
         "startTime": "2026-01-01T00:00:00Z", "lastUpdated": "2026-01-01T00:01:00Z", "errorCode": "Download_Forbidden",
         "failureStatus": "Permanent", "details": "no https://a/c/a.csv?sig=SECRET"}]});
    let described = json!({"details": [
        {"sourceId": SourceId::random().to_string(), "status": "Queued"},
        {"sourceId": id.to_string(), "status": "failed", "startedAt": "2026-01-01T00:00:00Z",
         "lastUpdateTime": "2026-01-01T00:01:00Z", "errorCode": "Download_Forbidden", "failureStatus": "Permanent"}]});
    for told in [documented, described] {
        let told = QueuedOperation::from_body(told.to_string().as_bytes()).expect("it is read");
        let address = Some("https://a.blob.core.windows.net/c/a.csv");
        let blob = told.blob(id, address).expect("it is told of");
        assert_eq!(blob.state, BlobState::Failed);
        assert_eq!(blob.started, Timestamp::parse("2026-01-01T00:00:00Z").ok());
        assert_eq!(blob.updated, Timestamp::parse("2026-01-01T00:01:00Z").ok());
        assert_eq!(blob.error_code.as_deref(), Some("Download_Forbidden"));
        assert_eq!(told.blob(SourceId::random(), Some("https://a/none.csv")), None);
        assert!(!format!("{told:?}").contains("SECRET"), "{told:?}");
    }
}

#[test]
fn s03_g53_what_would_be_ingested_twice_or_not_at_all_is_refused_before_it_is_sent() {
    let twice = blob("a.csv");
    let other_sas = BlobSource::parse("https://a.blob.core.windows.net/c/a.csv?sv=2&sig=OTHER").unwrap();
    for (blobs, code) in [
        (vec![], "NoBlobs"),
        (vec![twice, other_sas], "DuplicateBlob"),
        (
            (0..21).map(|number| blob(&format!("{number}.csv"))).collect(),
            "TooManySources",
        ),
        (
            vec![blob("a.csv"), blob("b.csv").with_delete_after_ingestion()],
            "MixedRetention",
        ),
    ] {
        let error = request(blobs, &properties()).check(20).unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::InvalidInput, Some(code))
        );
        assert!(
            !format!("{} {error:?}", error.chain()).contains("SECRET"),
            "{error:?}"
        );
    }
    request(vec![blob("a.csv"), blob("b.csv")], &properties())
        .check(20)
        .expect("they differ");
}

#[test]
fn an_answer_to_a_request_is_an_operation_or_says_what_is_known() {
    let call = submit(&request(vec![blob("a.csv")], &properties()));
    let id = answer(200, r#"{"ingestionOperationId":"1;2"}"#)
        .read_submission(&call)
        .expect("it is taken");
    assert_eq!(id, OperationId::parse("1;2"));
    for none in [
        r#"{"ingestionOperationId":""}"#,
        "{}",
        r#"{"ingestionOperationId":null}"#,
    ] {
        assert_eq!(
            answer(200, none).read_submission(&call).expect("it is taken"),
            None,
            "{none}"
        );
    }
    let oneapi = |permanent: bool| {
        json!({"error": {"code": "BadRequest_X", "message": "m", "@permanent": permanent,
            "@message": "no https://a.blob.core.windows.net/c/a.csv?sv=1&sig=SECRET%3D, sv=1&sig=SECRET%3D"}})
        .to_string()
    };
    use ErrorKind::{
        Forbidden, NotFound, OutcomeUnknown, Rejected, Throttled, Unauthenticated, Unavailable, Unsupported,
    };
    for (status, body, kind, permanent) in [
        (
            200,
            "<html>a proxy's page</html>".to_owned(),
            OutcomeUnknown,
            false,
        ),
        (404, String::new(), Unsupported, true),
        (404, oneapi(true), NotFound, true),
        (400, oneapi(true), Rejected, true),
        (401, String::new(), Unauthenticated, true),
        (403, oneapi(true), Forbidden, true),
        (413, String::new(), ErrorKind::SizeLimitExceeded, true),
        (429, oneapi(false), Throttled, false),
        (500, String::new(), OutcomeUnknown, false),
        (500, oneapi(true), Unavailable, true),
        (503, String::new(), Unavailable, false),
        (504, String::new(), OutcomeUnknown, false),
    ] {
        let error = answer(status, &body).read_submission(&call).unwrap_err();
        assert_eq!(
            (error.kind(), error.is_permanent()),
            (kind, permanent),
            "{status} {body}"
        );
        assert!(
            !format!("{} {error:?}", error.chain()).contains("SECRET"),
            "{error:?}"
        );
    }
}

#[test]
fn a_service_without_the_routes_is_told_by_its_code() {
    let call = QueuedCall::configuration(&ClientHeaders::default());
    assert_eq!(call.path_and_query(), "/v1/rest/ingestion/configuration");
    for body in ["", "<html>not here</html>", r#"{"error":{"code":"NotFound"}}"#] {
        let error = answer(404, body).read_configuration(&call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{body}");
        assert_eq!(error.code(), Some(IngestionConfiguration::NOT_SUPPORTED));
    }
    let call = operation("1", OperationDetail::Summary);
    let error = answer(404, "").read_operation(&call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "it may only be too new");
}
