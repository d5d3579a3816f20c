//! The same values as batches, written by us in every format.

use std::path::Path;
use std::sync::Arc;

use futures::AsyncReadExt as _;
use kusto_ingest::rows::RowFormat;
use kusto_ingest::rows::arrow_array::builder::FixedSizeBinaryBuilder;
use kusto_ingest::rows::arrow_array::{
    Array as _, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray, TimestampNanosecondArray,
};
use kusto_ingest::rows::arrow_schema::extension::{Json, Uuid};
use kusto_ingest::rows::arrow_schema::{DataType, Field, Schema};
use kusto_ingest_core::Timestamp;

use super::expected::expected;

/// The values of a column that are no null.
fn values<T>(name: char, value: impl Fn(&str) -> T) -> Vec<Option<T>> {
    let is_null = |(row, text): (usize, &'static str)| {
        (row > 0 && (name == 'x' || !text.is_empty())).then(|| value(text))
    };
    expected(name).into_iter().enumerate().map(is_null).collect()
}

/// Nanoseconds since 1970.
fn nanoseconds(text: &str) -> i128 {
    Timestamp::parse(text)
        .expect("it is a moment")
        .as_datetime()
        .unix_timestamp_nanos()
}

fn batch() -> RecordBatch {
    let small = |number: i128| i64::try_from(number).expect("it fits");
    let decimal = |text: &str| match text {
        "0E-10" => 0,
        "1E-10" => 1,
        text => text.replace('.', "").parse::<i128>().expect("it is a number"),
    };
    let mut guids = FixedSizeBinaryBuilder::new(16);
    for guid in values('g', |text| uuid::Uuid::parse_str(text).expect("it is a guid")) {
        match guid {
            Some(guid) => guids.append_value(guid.as_bytes()).expect("it has 16 bytes"),
            None => guids.append_null(),
        }
    }
    let decimals = Decimal128Array::from(values('m', decimal)).with_precision_and_scale(34, 10);
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "b",
            Arc::new(BooleanArray::from(values('b', |text| text == "true"))),
        ),
        (
            "i",
            Arc::new(Int32Array::from(values('i', |text| {
                text.parse().expect("it is an int")
            }))),
        ),
        (
            "l",
            Arc::new(Int64Array::from(values('l', |text| {
                text.parse().expect("it is a long")
            }))),
        ),
        (
            "r",
            Arc::new(Float64Array::from(values('r', |text| {
                text.parse().expect("it is a real")
            }))),
        ),
        ("m", Arc::new(decimals.expect("they are decimals"))),
        (
            "t",
            Arc::new(TimestampMicrosecondArray::from(values('t', |text| {
                small(nanoseconds(text) / 1000)
            }))),
        ),
        (
            "n",
            Arc::new(TimestampNanosecondArray::from(values('n', |text| {
                small(nanoseconds(text))
            }))),
        ),
        ("x", Arc::new(StringArray::from(values('x', str::to_owned)))),
        ("g", Arc::new(guids.finish())),
        ("d", Arc::new(StringArray::from(values('d', str::to_owned)))),
    ];
    let fields = columns.iter().map(|(name, array)| {
        let field = Field::new(*name, array.data_type().clone(), true);
        match *name {
            "g" => Field::new("g", DataType::FixedSizeBinary(16), true).with_extension_type(Uuid),
            "d" => field.with_extension_type(Json::default()),
            _ => field,
        }
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(schema, arrays).expect("the columns have one length")
}

/// Writes a file of each format.
pub(super) async fn write(folder: &Path) {
    for (format, name) in [
        (RowFormat::Csv, "ours.csv"),
        (RowFormat::JsonLines, "ours.json"),
        (RowFormat::Avro, "ours.avro"),
        (RowFormat::Parquet, "ours.parquet"),
    ] {
        let source = format
            .source_of(vec![batch()])
            .await
            .expect("the format has these types");
        let mut bytes = Vec::new();
        let mut reader = source.payload().open(0).await.expect("it opens");
        reader.read_to_end(&mut bytes).await.expect("it is written");
        std::fs::write(folder.join(name), bytes).expect("there is room");
    }
}

/// Whether what another library has read is the value: numbers and dynamic values have several spellings.
pub(super) fn is_same(name: char, found: &str, wanted: &str) -> bool {
    match name {
        'r' if !wanted.is_empty() => match (found.parse::<f64>(), wanted.parse::<f64>()) {
            (Ok(found), Ok(wanted)) => {
                found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan()
            }
            _ => false,
        },
        'm' => decimal(found) == decimal(wanted),
        _ => found == wanted,
    }
}

fn decimal(text: &str) -> String {
    match text {
        "" => String::new(),
        text => kusto_ingest_decode::Decimal::parse(text)
            .map_or_else(|| format!("no decimal: {text}"), |number| number.to_string()),
    }
}
