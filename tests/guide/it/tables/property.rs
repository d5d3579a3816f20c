//! The ingestion properties: what sets them, where the message has them, and whether a stream can carry them.

use std::collections::BTreeMap;
use std::time::Duration;

use kusto_ingest::clock::{Deadline, Timestamp};
use kusto_ingest::mapping::{ColumnMapping, IngestionMapping, MappingKind};
use kusto_ingest::properties::{
    ReportLevel, ReportMethod, ValidationImplications, ValidationOptions, ValidationPolicy,
};
use kusto_ingest::queued::{IdentityToken, IngestionMessage};
use kusto_ingest::testing::ManualClock;
use kusto_ingest::{BlobSource, DataFormat, IngestionProperties, Source};
use serde_json::Value;

use super::Table;

type Set = fn(IngestionProperties) -> IngestionProperties;

/// The fields, each with what sets it.
const SETTERS: &[(&str, &str, Set)] = &[
    ("format", "with_format", |it| it.with_format(DataFormat::Tsv)),
    ("mapping", "with_mapping", |it| {
        let columns = vec![ColumnMapping::new("at").with_ordinal(0)];
        it.with_mapping(IngestionMapping::inline(MappingKind::Csv, columns).expect("it is a mapping"))
    }),
    ("additional_tags", "with_additional_tags", |it| {
        it.with_additional_tags(["a"])
    }),
    ("drop_by_tags", "with_drop_by_tags", |it| {
        it.with_drop_by_tags(["a"])
    }),
    ("ingest_by_tags", "with_ingest_by_tags", |it| {
        it.with_ingest_by_tags(["a"])
    }),
    ("ingest_if_not_exists", "with_ingest_if_not_exists", |it| {
        it.with_ingest_if_not_exists(["a"])
    }),
    ("validation_policy", "with_validation_policy", |it| {
        let (options, implications) = (ValidationOptions::DoNotValidate, ValidationImplications::Fail);
        it.with_validation_policy(ValidationPolicy {
            options,
            implications,
        })
    }),
    (
        "flush_immediately",
        "with_flush_immediately",
        IngestionProperties::with_flush_immediately,
    ),
    (
        "ignore_first_record",
        "with_ignore_first_record",
        IngestionProperties::with_ignore_first_record,
    ),
    (
        "ignore_size_limit",
        "with_ignore_size_limit",
        IngestionProperties::with_ignore_size_limit,
    ),
    ("report_level", "with_reporting", |it| {
        it.with_reporting(ReportLevel::None, ReportMethod::Queue)
    }),
    ("report_method", "with_reporting", |it| {
        it.with_reporting(ReportLevel::FailuresOnly, ReportMethod::QueueAndTable)
    }),
    ("creation_time", "with_creation_time", |it| {
        it.with_creation_time(Timestamp::UNIX_EPOCH)
    }),
    ("zip_pattern", "with_zip_pattern", |it| {
        it.with_zip_pattern("*.csv")
    }),
    ("extend_schema", "with_extend_schema", |it| {
        it.with_extend_schema(true)
    }),
    ("recreate_schema", "with_recreate_schema", |it| {
        it.with_recreate_schema(true)
    }),
    ("additional_properties", "with_property", |it| {
        it.with_property("folder", "a")
    }),
    ("client_request_id", "with_client_request_id", |it| {
        it.with_client_request_id("a")
    }),
    ("deadline", "with_deadline", |it| {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        it.with_deadline(Some(Deadline::after(&clock, Duration::from_secs(1))))
    }),
];

/// The options of the command that set a field; the tests of the command line look whether there are such.
const OPTIONS: &[(&str, &[&str])] = &[
    ("database", &["database"]),
    ("table", &["table"]),
    ("format", &["format"]),
    ("mapping", &["mapping-ref", "mapping-file"]),
    ("additional_tags", &["tag"]),
    ("drop_by_tags", &["drop-by"]),
    ("ingest_by_tags", &["ingest-by"]),
    ("ingest_if_not_exists", &["if-not-exists"]),
    ("validation_policy", &["validation", "validation-implication"]),
    ("flush_immediately", &["flush-immediately"]),
    ("ignore_first_record", &["ignore-first-record"]),
    ("ignore_size_limit", &["no-size-limit"]),
    ("report_method", &["track", "wait"]),
    ("creation_time", &["creation-time", "creation-time-pattern"]),
    ("zip_pattern", &["zip-pattern"]),
    ("additional_properties", &["property"]),
    ("deadline", &["timeout"]),
];

fn options(field: &str) -> String {
    let found = OPTIONS.iter().find(|(name, _)| *name == field);
    let options = found.map(|(_, options)| *options).unwrap_or_default();
    let written: Vec<String> = options.iter().map(|option| format!("`--{option}`")).collect();
    written.join(" ")
}

fn blob() -> BlobSource {
    let blob = BlobSource::parse("https://account.blob.core.windows.net/c/day.csv?sig=x");
    let id = "11111111-2222-4333-8444-555555555555"
        .parse()
        .expect("it is an id");
    blob.expect("it is an address").with_id(id)
}

fn empty() -> IngestionProperties {
    IngestionProperties::into_table("D", "T").expect("they are names")
}

/// The members of the message that a client would queue, and those of its inner map.
fn message(properties: &IngestionProperties) -> BTreeMap<String, Value> {
    let token = IdentityToken::parse("token").expect("it is a token");
    let format = properties.format.unwrap_or(DataFormat::Csv);
    let message = IngestionMessage::new(&blob(), properties, format, token);
    let json = message.to_json(Timestamp::UNIX_EPOCH).expect("it is short");
    let Ok(Value::Object(mut members)) = serde_json::from_str(&json) else {
        panic!("it is an object: {json}");
    };
    let inner = members.remove("AdditionalProperties");
    let inner = inner
        .as_ref()
        .and_then(Value::as_object)
        .expect("it has a map")
        .clone();
    let all = members.into_iter().chain(inner);
    all.map(|(name, value)| (format!("`{name}`"), value)).collect()
}

pub(super) fn table() -> Table {
    let (nothing, source) = (message(&empty()), Source::from(blob()));
    let row = |(field, setter, set): &(&str, &str, Set)| {
        let set = set(empty());
        let changed = message(&set)
            .into_iter()
            .filter(|(name, value)| nothing.get(name) != Some(value));
        let names: Vec<String> = changed.map(|(name, _)| name).collect();
        let streams = if set.not_streamable(&source).is_empty() {
            ""
        } else {
            "refused"
        };
        vec![
            format!("`{field}`"),
            format!("`{setter}`"),
            options(field),
            names.join(" "),
            streams.to_owned(),
        ]
    };
    let into = |field: &str, name: &str| {
        vec![
            format!("`{field}`"),
            "`into_table`".to_owned(),
            options(field),
            format!("`{name}`"),
            String::new(),
        ]
    };
    let first = [into("database", "DatabaseName"), into("table", "TableName")];
    Table {
        page: "properties.md",
        name: "properties",
        head: &[
            "property",
            "set by",
            "by command",
            "in the message",
            "streaming",
            "what it does",
        ],
        rows: first.into_iter().chain(SETTERS.iter().map(row)).collect(),
        has_prose: true,
    }
}

#[test]
fn every_property_has_a_row() {
    let source = crate::source::text("kusto-ingest-core/src/properties.rs");
    let (_, body) = source
        .split_once("pub struct IngestionProperties {\n")
        .expect("it is defined there");
    let (body, _) = body.split_once("\n}\n").expect("it ends");
    let fields = body
        .lines()
        .filter_map(|line| line.strip_prefix("    pub ")?.split_once(": "));
    let fields: Vec<&str> = fields.map(|(name, _)| name).collect();
    let known: Vec<&str> = SETTERS.iter().map(|(field, ..)| *field).collect();
    assert_eq!(fields, [&["database", "table"], &known[..]].concat());
    for (field, _) in OPTIONS {
        assert!(fields.contains(field), "{field}");
    }
}
