//! Avro files of values within lists, structures and maps.

use std::sync::Arc;

use apache_avro::types::Value;
use arrow_array::builder::{
    DurationSecondBuilder, FixedSizeBinaryBuilder, ListBuilder, MapBuilder, StringBuilder,
    Time64NanosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, StructArray, TimestampMicrosecondArray, TimestampNanosecondArray};
use arrow_schema::extension::Uuid;
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use kusto_ingest_rows::{avro_of_batches, batch_of_rows, schema_of_rows};

use crate::avro::{bytes_of, records};

fn written(array: ArrayRef) -> Vec<Value> {
    let batch = RecordBatch::try_from_iter_with_nullable([("n", array, true)]).expect("it is a batch");
    let file = bytes_of(&avro_of_batches(vec![batch]).expect("Avro has these types"));
    records(&file)
        .into_iter()
        .map(|mut members| plain(members.remove(0).1))
        .collect()
}

/// A value without the unions of what may be null.
fn plain(value: Value) -> Value {
    match value {
        Value::Union(_, inner) => plain(*inner),
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Value::Record(members) => Value::Record(
            members
                .into_iter()
                .map(|(name, value)| (name, plain(value)))
                .collect(),
        ),
        Value::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(name, value)| (name, plain(value)))
                .collect(),
        ),
        other => other,
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

#[test]
fn lengths_within_lists_are_the_text_of_a_timespan() {
    let mut lists = ListBuilder::new(DurationSecondBuilder::new());
    lists.append_value([Some(90), None]);
    lists.append_null();
    lists.append_value([Some(-1)]);
    let found = written(Arc::new(lists.finish().slice(0, 3)));
    assert_eq!(
        found,
        [
            Value::Array(vec![text("00:01:30"), Value::Null]),
            Value::Null,
            Value::Array(vec![text("-00:00:01")]),
        ]
    );
}

#[test]
fn times_within_maps_keep_all_their_digits() {
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Time64NanosecondBuilder::new());
    maps.keys().append_value("noon");
    maps.values().append_value(43_200_000_000_100);
    maps.append(true).expect("it has one entry");
    let entries = [("noon".to_owned(), text("12:00:00.0000001"))];
    assert_eq!(written(Arc::new(maps.finish())), [Value::Map(entries.into())]);
}

#[test]
fn guids_and_moments_within_structures_stay_what_they_are() {
    let mut ids = FixedSizeBinaryBuilder::new(16);
    ids.append_value([1; 16]).expect("it has 16 bytes");
    let fields = Fields::from(vec![
        Field::new("id", DataType::FixedSizeBinary(16), true).with_extension_type(Uuid),
        Field::new("us", DataType::Timestamp(TimeUnit::Microsecond, None), true),
        Field::new("ns", DataType::Timestamp(TimeUnit::Nanosecond, None), true),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(ids.finish()),
        Arc::new(TimestampMicrosecondArray::from(vec![1])),
        Arc::new(TimestampNanosecondArray::from(vec![100])),
    ];
    let found = written(Arc::new(StructArray::new(fields, columns, None)));
    let expected = vec![
        ("id".to_owned(), text("01010101-0101-0101-0101-010101010101")),
        ("us".to_owned(), Value::TimestampMicros(1)),
        ("ns".to_owned(), text("1970-01-01T00:00:00.0000001Z")),
    ];
    assert_eq!(found, [Value::Record(expected)]);
}

#[derive(serde::Serialize)]
struct Visit {
    at: &'static str,
}

#[derive(serde::Serialize)]
struct Visits {
    visits: Vec<Visit>,
}

#[test]
fn moments_within_ones_own_types_keep_their_microseconds() {
    let at = "2012-01-01T00:00:00.123456Z";
    let rows = [Visits {
        visits: vec![Visit { at }],
    }];
    let schema = schema_of_rows(&rows).expect("they have columns");
    let batch = batch_of_rows(&rows, &schema).expect("they fit");
    let visit = Value::Record(vec![(
        "at".to_owned(),
        Value::TimestampMicros(1_325_376_000_123_456),
    )]);
    assert_eq!(written(batch.column(0).clone()), [Value::Array(vec![visit])]);
}
