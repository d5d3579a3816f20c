//! Messages of any client, as the service reads them.

use kusto_ingest_core::{
    BlobSource, DataFormat, IngestionMapping, IngestionProperties, MappingKind, ReportLevel, ReportMethod,
    Timestamp, ValidationImplications, ValidationOptions,
};
use kusto_ingest_message::{DecodedMessage, IdentityToken, IngestionMessage, StatusLocation};
use serde_json::json;

const ID: &str = "11111111-1111-4111-8111-111111111111";

fn decode(json: &serde_json::Value) -> DecodedMessage {
    DecodedMessage::decode(&json.to_string()).expect("it is a JSON object")
}

/// A message that names what each must name, with such additional properties.
fn with(additional: &serde_json::Value) -> DecodedMessage {
    decode(&json!({
        "Id": ID, "BlobPath": "https://h/c/b?sig=S", "DatabaseName": "d", "TableName": "t", "AdditionalProperties": additional,
    }))
}

#[test]
fn what_is_written_is_read_back() {
    let properties = IngestionProperties::into_table("d", "t'x")
        .unwrap()
        .with_format(DataFormat::MultiJson)
        .with_mapping(IngestionMapping::reference(MappingKind::Json, "m").unwrap())
        .with_additional_tags(["a"])
        .with_drop_by_tags(["b"])
        .with_ingest_by_tags(["c"])
        .with_ingest_if_not_exists(["c"])
        .with_creation_time(Timestamp::parse("2026-01-01").unwrap())
        .with_ignore_first_record()
        .with_flush_immediately()
        .with_ignore_size_limit()
        .with_extend_schema(true)
        .with_recreate_schema(false)
        .with_zip_pattern("*.json")
        .with_property("folder", "f")
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let blob = BlobSource::parse("https://h/c/b.json?sig=S%3D")
        .unwrap()
        .with_raw_size(7);
    let token = IdentityToken::parse("T").unwrap();
    let row = StatusLocation::new("https://h/table?sig=S", "p", "r");
    let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
    let text = IngestionMessage::new(&blob, &properties, DataFormat::MultiJson, token.clone())
        .with_status(row.clone())
        .encode(now)
        .unwrap();

    let read = IngestionMessage::decode(&text).unwrap();
    assert_eq!(read.properties().unwrap(), properties);
    assert_eq!(read.token().unwrap(), token);
    assert_eq!(read.status, Some(row));
    assert_eq!(read.created, Some(now));
    assert!(read.reports_to_table());
    let seen = read.blob().unwrap();
    assert_eq!(
        (seen.id(), seen.uri(), seen.raw_size()),
        (blob.id(), blob.uri(), Some(7))
    );
    assert!(seen.is_retained());
}

#[test]
fn s03_f6_the_java_clients_keys_and_names_are_read() {
    let read = decode(&json!({
        "id": ID, "blobPath": "https://h/c/b.csv", "databaseName": "d", "tableName": "t", "rawDataSize": null,
        "retainBlobOnSuccess": true, "flushImmediately": "false", "ignoreSizeLimit": "True",
        "reportLevel": "FailuresAndSuccesses", "reportMethod": "QueueAndTable",
        "sourceMessageCreationTime": "2026-01-02T03:04:05.678901",
        "validationPolicy": {"validationOptions": "DoNotValidate", "validationPolicyType": "Fail"},
        "additionalProperties": {"authorizationContext": "T", "format": "CSV", "ignoreFirstRecord": "False"},
    }));
    assert_eq!(read.source_id.unwrap().to_string(), ID);
    assert_eq!(
        (read.database.as_str(), read.table.as_str(), read.raw_size),
        ("d", "t", None)
    );
    assert!(read.retain_blob && read.ignore_size_limit && !read.flush_immediately);
    assert_eq!(read.report_level, ReportLevel::FailuresAndSuccesses);
    assert_eq!(read.report_method, ReportMethod::QueueAndTable);
    assert_eq!(read.created.unwrap().to_string(), "2026-01-02T03:04:05.6789010Z");
    let properties = read.properties().unwrap();
    assert_eq!(properties.format, Some(DataFormat::Csv));
    assert_eq!(properties.ignore_first_record, Some(false));
    let policy = properties.validation_policy.unwrap();
    assert_eq!(policy.options, ValidationOptions::DoNotValidate);
    assert_eq!(policy.implications, ValidationImplications::Fail);
}

#[test]
fn s03_f6_the_python_and_node_clients_values_are_read() {
    let policies = [
        json!("{\"ValidationOptions\":0,\"ValidationImplications\":1}"),
        json!({"ValidationOptions": 0, "ValidationImplications": 1}),
    ];
    for policy in policies {
        let properties = with(&json!({
            "format": "json", "tags": "[\"drop-by:x\"]", "ingestIfNotExists": "one", "ignoreFirstRecord": true,
            "ingestionMapping": "[{\"column\":\"c\",\"properties\":{\"path\":\"$.c\"}}]", "ingestionMappingType": "json",
            "ValidationPolicy": policy, "ingestionMappingReference": null,
        }))
        .properties()
        .unwrap();
        assert_eq!(properties.drop_by_tags, ["x"]);
        assert_eq!(properties.ingest_if_not_exists, ["one"]);
        assert_eq!(properties.ignore_first_record, Some(true));
        assert_eq!(properties.mapping.unwrap().kind(), MappingKind::Json);
        let policy = properties.validation_policy.unwrap();
        assert_eq!(policy.options, ValidationOptions::DoNotValidate);
        assert_eq!(policy.implications, ValidationImplications::BestEffort);
    }
}

#[test]
fn s03_f6_the_status_row_is_read_in_both_cases_and_may_be_null_or_empty() {
    for (value, expect) in [
        (json!(null), None),
        (json!({}), None),
        (
            json!({"tableConnectionString": "https://h?sig=S", "partitionKey": "p", "rowKey": "r"}),
            Some("https://h"),
        ),
        (
            json!({"TableConnectionString": "https://h/t?sig=S", "PartitionKey": "p", "RowKey": "r"}),
            Some("https://h/t"),
        ),
    ] {
        let read = decode(&json!({ "Id": ID, "ReportMethod": 1, "IngestionStatusInTable": value }));
        assert_eq!(read.status.as_ref().map(StatusLocation::table), expect, "{value}");
        assert_eq!(read.reports_to_table(), expect.is_some());
    }
}

#[test]
fn s03_f6_levels_and_methods_are_read_as_number_name_or_text() {
    for (level, method, expect) in [
        (
            json!(0),
            json!(0),
            (ReportLevel::FailuresOnly, ReportMethod::Queue),
        ),
        (json!(1), json!(1), (ReportLevel::None, ReportMethod::Table)),
        (
            json!("2"),
            json!("2"),
            (ReportLevel::FailuresAndSuccesses, ReportMethod::QueueAndTable),
        ),
        (
            json!("DoNotReport"),
            json!("table"),
            (ReportLevel::None, ReportMethod::Table),
        ),
        (
            json!(null),
            json!(3),
            (ReportLevel::FailuresOnly, ReportMethod::Queue),
        ),
    ] {
        let read = decode(&json!({ "ReportLevel": level, "ReportMethod": method }));
        assert_eq!((read.report_level, read.report_method), expect);
    }
}

#[test]
fn a_blob_is_deleted_when_the_message_does_not_say_that_it_is_kept() {
    assert!(!with(&json!({})).blob().unwrap().is_retained());
}

#[test]
fn what_is_wrong_is_told_by_the_services_own_code() {
    let blob = |path: &str| decode(&json!({ "BlobPath": path })).blob().map(drop);
    let names = |database: &str, table: &str| {
        let read = decode(&json!({ "DatabaseName": database, "TableName": table }));
        read.properties().map(drop)
    };
    let additional = |value: serde_json::Value| with(&value).properties().map(drop);
    for (result, code) in [
        (
            DecodedMessage::decode("[1]").map(drop),
            "BadRequest_CorruptedMessage",
        ),
        (
            DecodedMessage::decode("bm8gSlNPTg==").map(drop),
            "BadRequest_CorruptedMessage",
        ),
        (blob(" "), "BadRequest_EmptyBlobUri"),
        (blob("ftp://h/b?sig=SECRET"), "BadRequest_InvalidBlobUri"),
        (names("", "t"), "BadRequest_EmptyDatabaseName"),
        (names("d", " "), "BadRequest_InvalidOrEmptyTableName"),
        (
            with(&json!({})).token().map(drop),
            "BadRequest_InvalidKustoIdentityToken",
        ),
        (
            additional(json!({"format": "xml"})),
            "BadRequest_FormatNotSupported",
        ),
        (
            additional(json!({"ingestionMapping": "[{"})),
            "BadRequest_InvalidMapping",
        ),
        (
            additional(json!({"ingestionMappingReference": "m", "ingestionMappingType": "x"})),
            "BadRequest_InvalidMapping",
        ),
        (
            additional(json!({"ingestionMapping": "[]", "ingestionMappingReference": "m"})),
            "BadRequest_DuplicateMapping",
        ),
        (
            additional(json!({"creationTime": "soon"})),
            "BadRequest_MalformedIngestionProperty",
        ),
        (
            additional(json!({"ignoreFirstRecord": "maybe"})),
            "BadRequest_MalformedIngestionProperty",
        ),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.code(), Some(code), "{error}");
        assert!(!format!("{error:?} {}", error.chain()).contains("SECRET"));
    }
}
