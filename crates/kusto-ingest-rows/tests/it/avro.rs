//! Avro files, read back by the reader of the `apache-avro` crate.

use std::sync::Arc;

use apache_avro::types::Value;
use arrow_array::builder::{FixedSizeBinaryBuilder, Int64Builder, ListBuilder};
use arrow_array::{
    Array as _, ArrayRef, DurationMillisecondArray, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, TimestampNanosecondArray, UInt64Array,
};
use arrow_schema::extension::Uuid;
use arrow_schema::{DataType, Field, Schema};
use futures::executor::block_on;
use futures::stream;
use kusto_ingest_core::testing::read;
use kusto_ingest_core::{ErrorKind, LocalSource, Result};
use kusto_ingest_rows::{avro_of_batch_stream, avro_of_batches, batch_of_rows, schema_of_rows};

pub(crate) fn bytes_of(source: &LocalSource) -> Vec<u8> {
    block_on(read(source.payload(), 0)).expect("it can be read")
}

/// The records of a file, each as its members.
pub(crate) fn records(file: &[u8]) -> Vec<Vec<(String, Value)>> {
    let reader = apache_avro::Reader::new(file).expect("it is an Avro file");
    let members = |record| match record {
        Ok(Value::Record(members)) => members,
        other => panic!("{other:?}"),
    };
    reader.map(members).collect()
}

fn batch() -> RecordBatch {
    let mut ids = FixedSizeBinaryBuilder::new(16);
    ids.append_value([1; 16]).expect("it has 16 bytes");
    ids.append_null();
    let mut lists = ListBuilder::new(Int64Builder::new());
    lists.append_value([Some(1), None]);
    lists.append_value([]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("n", Arc::new(Int64Array::from(vec![Some(i64::MIN), None]))),
        (
            "text",
            Arc::new(StringArray::from(vec![Some("a\u{1F600}"), None])),
        ),
        (
            "us",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), None])),
        ),
        (
            "ns",
            Arc::new(TimestampNanosecondArray::from(vec![Some(123_456_700), None])),
        ),
        (
            "took",
            Arc::new(DurationMillisecondArray::from(vec![Some(-1500), None])),
        ),
        ("big", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None]))),
        ("list", Arc::new(lists.finish())),
    ];
    let mut fields: Vec<_> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    fields.push(Field::new("id", DataType::FixedSizeBinary(16), true).with_extension_type(Uuid));
    let mut arrays: Vec<_> = columns.into_iter().map(|(_, array)| array).collect();
    arrays.push(Arc::new(ids.finish()));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns are equally long")
}

#[test]
fn values_are_of_the_types_that_kusto_reads() {
    let file = bytes_of(&avro_of_batches(vec![batch()]).expect("Avro has these types"));
    let read = records(&file);
    let inner = |value: &Value| match value {
        Value::Union(_, inner) => inner.as_ref().clone(),
        other => other.clone(),
    };
    let first: Vec<_> = read[0].iter().map(|(_, value)| inner(value)).collect();
    let id = "01010101-0101-0101-0101-010101010101"
        .parse()
        .expect("it is a guid");
    assert_eq!(
        first[..6],
        [
            Value::Long(i64::MIN),
            Value::String("a\u{1F600}".to_owned()),
            Value::TimestampMicros(-1),
            Value::String("1970-01-01T00:00:00.1234567Z".to_owned()),
            Value::String("-00:00:01.5000000".to_owned()),
            Value::String("18446744073709551615".to_owned()),
        ]
    );
    assert_eq!(first[7], Value::Uuid(id));
    let nulls = read[1].iter().filter(|(_, value)| inner(value) == Value::Null);
    assert_eq!(nulls.count(), 7, "all but the empty list: {:?}", read[1]);
}

#[test]
fn a_file_is_the_same_every_time_and_from_any_offset() {
    let source = avro_of_batches(vec![batch(), batch()]).expect("Avro has these types");
    assert_eq!(source.name(), Some("rows.avro"));
    let file = bytes_of(&source);
    assert_eq!(records(&file).len(), 4);
    for offset in [0, 5, 700, file.len() as u64] {
        let rest = block_on(read(source.payload(), offset)).expect("it can be read again");
        assert_eq!(
            rest,
            file[usize::try_from(offset).expect("it is small")..],
            "{offset}"
        );
    }
}

#[test]
fn ten_thousand_rows_are_several_blocks_and_a_stream_comes_once() {
    let numbers = Int64Array::from_iter_values(0..10_000);
    let batch = RecordBatch::try_from_iter([("n", Arc::new(numbers) as ArrayRef)]).expect("it is a batch");
    let batches = stream::iter([Ok::<_, std::io::Error>(batch.clone())]);
    let source = avro_of_batch_stream(&batch.schema(), batches).expect("Avro has longs");
    let file = bytes_of(&source);
    assert_eq!(records(&file).len(), 10_000);
    assert!(file.len() < 30_000, "deflated: {}", file.len());
}

#[test]
fn what_avro_cannot_hold_is_refused_before_anything_is_sent() -> Result<()> {
    let named = |name: &str| {
        let column = Arc::new(Int64Array::from(vec![1])) as ArrayRef;
        RecordBatch::try_from_iter([(name, column)]).expect("it is a batch")
    };
    let error = avro_of_batches(vec![named("max temp")]).expect_err("it has a blank");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("\"max temp\""), "{error}");
    let error = avro_of_batches(vec![named("a"), named("b")]).expect_err("they differ");
    assert!(error.to_string().contains("different schemas"), "{error}");
    let error = avro_of_batches(vec![named("a").slice(0, 0)]).expect_err("it is empty");
    assert_eq!(error.kind(), ErrorKind::EmptySource);
    avro_of_batches(vec![named("a")]).map(drop)
}

#[derive(serde::Serialize)]
struct Reading {
    at: &'static str,
    wind: Option<f64>,
    station: uuid::Uuid,
    tags: Vec<&'static str>,
    price: &'static str,
}

#[test]
fn rows_of_ones_own_types_become_batches_of_a_schema_that_is_told_or_seen() {
    let rows = [
        Reading {
            at: "2012-01-01T00:00:00.1234567Z",
            wind: Some(4.7),
            station: uuid::Uuid::nil(),
            tags: vec!["wet"],
            price: "1.50",
        },
        Reading {
            at: "0001-01-01T00:00:00Z",
            wind: None,
            station: uuid::Uuid::max(),
            tags: vec![],
            price: "-0.01",
        },
    ];
    let seen = schema_of_rows(&rows).expect("they have columns");
    let types: Vec<_> = seen
        .fields()
        .iter()
        .map(|field| field.data_type().to_string())
        .collect();
    assert_eq!(types[0], "Timestamp(µs, \"UTC\")");
    assert_eq!(types[1], "Float64");

    let mut fields: Vec<Field> = seen.fields().iter().map(|field| field.as_ref().clone()).collect();
    fields[2] = Field::new("station", DataType::FixedSizeBinary(16), false).with_extension_type(Uuid);
    fields[4] = Field::new("price", DataType::Decimal128(20, 2), false);
    let batch = batch_of_rows(&rows, &Arc::new(Schema::new(fields))).expect("the values fit");
    assert_eq!((batch.num_rows(), batch.column(1).null_count()), (2, 1));
    let file = bytes_of(&avro_of_batches(vec![batch]).expect("Avro has these types"));
    let read = records(&file);
    assert_eq!(read[0][2].1, Value::Uuid(uuid::Uuid::nil()));
    let Value::Union(_, at) = &read[1][0].1 else {
        panic!("{:?}", read[1]);
    };
    assert_eq!(**at, Value::TimestampMicros(-62_135_596_800_000_000));

    let error = batch_of_rows(&[("x", 1)], &seen).expect_err("it is another row");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[derive(serde::Serialize)]
struct Note {
    at: &'static str,
}

#[test]
fn moments_without_a_zone_are_written_with_the_schema_that_their_rows_have() {
    for (text, zone) in [
        ("2012-01-01T00:00:00.123456", "Timestamp(µs)"),
        ("2012-01-01T00:00:00.123456Z", "Timestamp(µs, \"UTC\")"),
    ] {
        let rows = [Note { at: text }];
        let seen = schema_of_rows(&rows).expect("they have columns");
        assert_eq!(seen.field(0).data_type().to_string(), zone);
        let batch = batch_of_rows(&rows, &seen).expect("the values fit");
        let file = bytes_of(&avro_of_batches(vec![batch]).expect("Avro has moments"));
        let Value::Union(_, at) = &records(&file)[0][0].1 else {
            panic!("it may be null");
        };
        assert_eq!(**at, Value::TimestampMicros(1_325_376_000_123_456), "{text}");
    }
}
#[test]
fn a_stream_whose_batches_have_other_columns_than_the_schema_fails_with_their_names() {
    let longs = |names: &[&str]| {
        let column = |name: &&str| (name.to_string(), Arc::new(Int64Array::from(vec![1])) as ArrayRef);
        RecordBatch::try_from_iter(names.iter().map(column)).expect("columns are equally long")
    };
    let texts = |text: &str| Arc::new(StringArray::from(vec![text])) as ArrayRef;
    let wanted = longs(&["a", "b"]);
    for (other, why) in [
        (
            longs(&["b", "a"]),
            r#"a column "b" of Int64 where the schema has "a" of Int64"#,
        ),
        (longs(&["a", "b", "c"]), "3 columns, and the schema 2"),
        (longs(&["a"]), "1 columns, and the schema 2"),
        (
            RecordBatch::try_from_iter([("a", texts("x")), ("b", texts("y"))]).expect("it is a batch"),
            r#"a column "a" of Utf8 where the schema has "a" of Int64"#,
        ),
    ] {
        let batches = [Ok::<_, std::io::Error>(wanted.clone()), Ok(other)];
        let source = avro_of_batch_stream(&wanted.schema(), stream::iter(batches)).expect("Avro has longs");
        let error = block_on(read(source.payload(), 0)).expect_err("the second batch is another");
        let error = error.to_string();
        assert!(
            error.contains("(batch 2)") && error.contains(why),
            "{why}: {error}"
        );
    }
}
