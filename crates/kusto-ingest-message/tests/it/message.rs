//! The message that is written, letter by letter.

use kusto_ingest_core::ClientDetails;
use kusto_ingest_core::{
    BlobSource, ColumnMapping, DataFormat, ErrorKind, IngestionMapping, IngestionProperties, MappingKind,
    ReportLevel, ReportMethod, SourceId, Timestamp, Transform, ValidationImplications, ValidationOptions,
    ValidationPolicy,
};
use kusto_ingest_message::{IdentityToken, IngestionMessage, StatusLocation};
use serde_json::Value;

const ONE: &str = "11111111-1111-4111-8111-111111111111";
const TWO: &str = "22222222-2222-4222-8222-222222222222";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("the test's time is well-formed")
}

fn blob(id: &str, address: &str) -> BlobSource {
    let id: SourceId = id.parse().expect("the test's id is a GUID");
    BlobSource::parse(address)
        .expect("the test's address is one")
        .with_id(id)
}

fn some_blob() -> BlobSource {
    blob(ONE, "https://a.blob.core.windows.net/c/b.csv?sig=S")
}

fn into(database: &str, table: &str) -> IngestionProperties {
    IngestionProperties::into_table(database, table).expect("the test's names are not blank")
}

fn message(blob: &BlobSource, properties: &IngestionProperties, format: DataFormat) -> IngestionMessage {
    let token = IdentityToken::parse("IDENTITY-TOKEN").expect("it is not blank");
    IngestionMessage::new(blob, properties, format, token)
        .with_tracing(ClientDetails::new("Kusto.Rust.Client", "0.1.0").with_application("my-app"))
}

/// The JSON of a message with such properties.
fn json(properties: &IngestionProperties) -> Value {
    let text = message(&some_blob(), properties, DataFormat::Csv)
        .to_json(at("2026-01-02T03:04:05Z"))
        .expect("the properties are valid");
    serde_json::from_str(&text).expect("it is JSON")
}

fn additional(properties: &IngestionProperties, name: &str) -> Option<String> {
    json(properties)["AdditionalProperties"]
        .get(name)
        .map(|value| value.as_str().expect("all are text").to_owned())
}

#[test]
fn s02_c1_everything_by_default() {
    let uploaded = blob(
        ONE,
        "https://acct1.blob.core.windows.net/tmp-0/MyDb__MyTable__11111111-1111-4111-8111-111111111111__dataset.csv.gz\
         ?sv=2022-11-02&sig=REDACTED%3D",
    )
    .with_raw_size(1_578);
    let message = message(&uploaded, &into("MyDb", "MyTable"), DataFormat::Csv);
    let now = at("2026-01-02T03:04:05.678901Z");

    let golden = include_str!("../golden/m1.json").trim_end();
    assert_eq!(message.to_json(now).unwrap(), golden);
    let encoded = message.encode(now).unwrap();
    assert_eq!(encoded.len(), 796);
    assert!(
        encoded.starts_with("eyJJZCI6") && encoded.ends_with('='),
        "{encoded}"
    );
}

#[test]
fn s02_c2_everything_set() {
    let mapping = IngestionMapping::inline(
        MappingKind::Json,
        vec![
            ColumnMapping::new("ts")
                .with_type("datetime")
                .with_path("$.ts")
                .with_transform(Transform::DateTimeFromUnixMilliseconds),
            ColumnMapping::new("msg")
                .with_type("string")
                .with_path("$.message"),
            ColumnMapping::new("src")
                .with_type("string")
                .with_transform(Transform::SourceLocation),
            ColumnMapping::new("batch")
                .with_type("string")
                .with_constant("b-7"),
        ],
    )
    .unwrap();
    let properties = into("Logs", "Events")
        .with_mapping(mapping)
        .with_additional_tags(["env:prod"])
        .with_drop_by_tags(["2026-01-02"])
        .with_ingest_by_tags(["part-0001"])
        .with_ingest_if_not_exists(["part-0001"])
        .with_flush_immediately()
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::QueueAndTable)
        .with_creation_time(at("2026-01-01"))
        .with_extend_schema(true);
    let uploaded = blob(
        TWO,
        "https://acct2.blob.core.windows.net/tmp-3/Logs__Events__22222222-2222-4222-8222-222222222222__stream.multijson.gz\
         ?sv=2022-11-02&sig=REDACTED%3D",
    )
    .with_raw_size(4_096);
    let row = StatusLocation::new(
        "https://acct9.table.core.windows.net/ingestionsstatus20260102\
         ?sv=2022-11-02&tn=ingestionsstatus20260102&sig=REDACTED%3D",
        TWO,
        TWO,
    );

    let message = message(&uploaded, &properties, DataFormat::MultiJson).with_status(row);
    let golden = include_str!("../golden/m2.json").trim_end();
    assert_eq!(message.to_json(at("2026-01-02T03:04:05Z")).unwrap(), golden);
}

#[test]
fn s02_c3_a_blob_of_the_users_own() {
    let properties = into("Db", "T able")
        .with_mapping(IngestionMapping::reference(MappingKind::Csv, "CsvMap1").unwrap())
        .with_validation_policy(ValidationPolicy {
            options: ValidationOptions::ValidateCsvInputConstantColumns,
            implications: ValidationImplications::BestEffort,
        })
        .with_ignore_first_record()
        .with_ignore_size_limit()
        .with_zip_pattern(".*\\.csv$")
        .with_reporting(ReportLevel::None, ReportMethod::Queue);
    let theirs = blob(
        "33333333-3333-4333-8333-333333333333",
        "https://mydata.blob.core.windows.net/raw/2026/export.csv.zip;managed_identity=system",
    )
    .with_delete_after_ingestion();

    let message = message(&theirs, &properties, DataFormat::Csv);
    let golden = include_str!("../golden/m3.json").trim_end();
    assert_eq!(message.to_json(at("2026-01-02T03:04:05Z")).unwrap(), golden);
}

#[test]
fn s02_c4_no_row_is_named_when_nothing_is_reported() {
    let row = || StatusLocation::new("https://a.table.core.windows.net/t?sig=S", ONE, ONE);
    for (level, method, named) in [
        (ReportLevel::None, ReportMethod::Table, false),
        (ReportLevel::FailuresAndSuccesses, ReportMethod::Queue, false),
        (ReportLevel::FailuresOnly, ReportMethod::QueueAndTable, true),
    ] {
        let properties = into("d", "t").with_reporting(level, method);
        let text = message(&some_blob(), &properties, DataFormat::Csv)
            .with_status(row())
            .to_json(at("2026-01-02"))
            .unwrap();
        assert_eq!(
            text.contains("IngestionStatusInTable"),
            named,
            "{level:?} {method:?}"
        );
    }
    let json = json(&into("d", "t").with_reporting(ReportLevel::None, ReportMethod::Table));
    assert_eq!(
        (&json["ReportLevel"], &json["ReportMethod"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn s02_c5_failures_only_may_be_reported_to_queue_and_table() {
    let json = json(&into("d", "t").with_reporting(ReportLevel::FailuresOnly, ReportMethod::QueueAndTable));
    assert_eq!(
        (&json["ReportLevel"], &json["ReportMethod"]),
        (&0.into(), &2.into())
    );
}

#[test]
fn s02_c6_tags_are_one_list_with_prefixes() {
    let properties = into("d", "t")
        .with_additional_tags(["tag"])
        .with_drop_by_tags(["dropByTags"])
        .with_ingest_by_tags(["ingestByTags", "ingest-by:once"]);
    assert_eq!(
        additional(&properties, "tags").unwrap(),
        r#"["tag","drop-by:dropByTags","ingest-by:ingestByTags","ingest-by:once"]"#
    );
}

#[test]
fn s02_c7_a_tag_survives_both_quotings() {
    let properties = into("d", "t").with_additional_tags([r#"a"b\\é"#]);
    let list: Vec<String> = serde_json::from_str(&additional(&properties, "tags").unwrap()).unwrap();
    assert_eq!(list, [r#"a"b\\é"#]);
}

#[test]
fn s02_c8_tags_that_must_not_exist_have_no_prefix() {
    let properties = into("d", "t").with_ingest_if_not_exists(["p1", "p2"]);
    assert_eq!(
        additional(&properties, "ingestIfNotExists").unwrap(),
        r#"["p1","p2"]"#
    );
}

#[test]
fn s02_c9_the_validation_policy_is_text_with_numbers() {
    let properties = into("d", "t").with_validation_policy(ValidationPolicy {
        options: ValidationOptions::ValidateCsvInputConstantColumns,
        implications: ValidationImplications::BestEffort,
    });
    assert_eq!(
        additional(&properties, "validationPolicy").unwrap(),
        r#"{"ValidationOptions":1,"ValidationImplications":1}"#
    );
}

#[test]
fn s02_c10_the_first_record_is_mentioned_when_the_caller_does() {
    let name = "ignoreFirstRecord";
    let plain = into("d", "t");
    assert_eq!(additional(&plain, name), None);
    assert_eq!(
        additional(&plain.clone().with_ignore_first_record(), name).unwrap(),
        "true"
    );
    assert_eq!(
        additional(&plain.with_keep_first_record(), name).unwrap(),
        "false"
    );
}

#[test]
fn s02_c11_c12_nothing_is_said_twice() {
    for properties in [
        into("d", "t")
            .with_zip_pattern("b")
            .with_property("zipPattern", "a"),
        into("d", "t").with_property("AUTHORIZATIONCONTEXT", "x"),
        into("d", "t").with_property("x", "1").with_property("X", "2"),
    ] {
        let error = message(&some_blob(), &properties, DataFormat::Csv)
            .encode(at("2026-01-02"))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}

#[test]
fn s02_c13_a_message_leaves_nothing_in_the_callers_properties() {
    let properties = into("d", "t")
        .with_property("folder", "f")
        .with_ingest_by_tags(["a"]);
    let before = properties.clone();
    let first = json(&properties);
    assert_eq!(properties, before);
    assert_eq!(json(&properties), first);
    assert_eq!(additional(&properties, "folder").unwrap(), "f");
}

#[test]
fn s02_c14_names_are_raw() {
    assert_eq!(json(&into("d", "T able's"))["TableName"], "T able's");
}

#[test]
fn s02_c15_a_size_of_zero_is_unknown() {
    let blob = some_blob().with_raw_size(0);
    let text = message(&blob, &into("d", "t"), DataFormat::Csv)
        .to_json(at("2026-01-02"))
        .unwrap();
    assert!(!text.contains("RawDataSize"), "{text}");
}

#[test]
fn s02_c16_two_sources_differ_in_identity_address_and_time_only() {
    let parse = |id, address, time| -> Value {
        let text = message(&blob(id, address), &into("d", "t"), DataFormat::Csv)
            .to_json(at(time))
            .unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let one = parse(ONE, "https://h/c/1.csv", "2026-01-01");
    let two = parse(TWO, "https://h/c/2.csv", "2026-01-02");
    let differing: Vec<&String> = one
        .as_object()
        .unwrap()
        .iter()
        .filter(|(key, value)| two[key.as_str()] != **value)
        .map(|(key, _)| key)
        .collect();
    assert_eq!(differing, ["BlobPath", "Id", "SourceMessageCreationTime"]);
}

#[test]
fn s02_c17_c18_times_have_seven_digits_and_a_zone() {
    let properties = into("d", "t").with_creation_time(at("2017-02-13"));
    assert_eq!(
        additional(&properties, "creationTime").unwrap(),
        "2017-02-13T00:00:00.0000000Z"
    );
    assert_eq!(
        json(&properties)["SourceMessageCreationTime"],
        "2026-01-02T03:04:05.0000000Z"
    );
}

#[test]
fn s02_c19_the_longest_message_fits_and_one_letter_more_does_not() {
    let of_length = |length: usize| {
        let bare = message(
            &some_blob(),
            &into("d", "t").with_property("pad", ""),
            DataFormat::Csv,
        );
        let room = length - bare.to_json(at("2026-01-02")).unwrap().len();
        let padded = into("d", "t").with_property("pad", "x".repeat(room));
        let message = message(&some_blob(), &padded, DataFormat::Csv);
        assert_eq!(message.to_json(at("2026-01-02")).unwrap().len(), length);
        message.encode(at("2026-01-02"))
    };
    assert_eq!(of_length(49_152).unwrap().len(), IngestionMessage::MAX_LENGTH);
    let error = of_length(49_153).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MessageTooLarge);
    assert!(error.is_permanent());
    let context: Vec<_> = error.context().collect();
    assert!(context.contains(&("length", "65540")), "{context:?}");
    assert!(context.contains(&("limit", "65536")), "{context:?}");
}

#[test]
fn s02_c19_what_will_not_fit_is_known_before_the_upload() {
    let token = IdentityToken::parse("IDENTITY-TOKEN").unwrap();
    let check = |letters: usize| {
        let properties = into("d", "t").with_property("pad", "x".repeat(letters));
        IngestionMessage::check_before_upload(&properties, DataFormat::Csv, &token)
    };
    assert!(check(45_000).is_ok());
    assert_eq!(check(48_000).unwrap_err().kind(), ErrorKind::MessageTooLarge);
}

#[test]
fn s02_c20_c21_the_message_always_says_whether_the_blob_is_kept() {
    let kept = |blob: &BlobSource| {
        let text = message(blob, &into("d", "t"), DataFormat::Csv)
            .to_json(at("2026-01-02"))
            .unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["RetainBlobOnSuccess"].clone()
    };
    assert_eq!(kept(&some_blob()), true);
    assert_eq!(kept(&some_blob().with_delete_after_ingestion()), false);
}
