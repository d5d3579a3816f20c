//! Arrow record batches, through the public API.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use arrow_array::builder::{
    FixedSizeBinaryBuilder, Int32Builder, LargeListViewBuilder, ListBuilder, ListViewBuilder, MapBuilder,
    StringBuilder, UInt8Builder,
};
use arrow_array::types::{Int8Type, Int16Type, Int32Type};
use arrow_array::{
    Array as _, ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array,
    DictionaryArray, DurationMicrosecondArray, FixedSizeBinaryArray, Float64Array, Int32Array, Int64Array,
    LargeStringArray, NullArray, PrimitiveArray, RecordBatch, RunArray, StringArray, StringViewArray,
    StructArray, Time32SecondArray, Time64NanosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;
use arrow_schema::{DataType, Field, IntervalUnit, Schema, UnionFields, UnionMode};
use futures::executor::block_on;
use futures::stream;
use kusto_ingest_core::ErrorKind;
use kusto_ingest_core::testing::read_text;
use kusto_ingest_rows::{RowWriter, Rows};

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .expect("columns are equally long")
}

fn text(mut rows: Rows) -> String {
    block_on(async {
        let chunk = rows
            .next_chunk()
            .await
            .expect("no error")
            .expect("there are rows");
        read_text(chunk.payload(), 0).await.expect("the rows are good")
    })
}

fn csv(array: impl arrow_array::Array + 'static) -> String {
    let batch = batch([
        ("n", Arc::new(Int32Array::from(vec![1; array.len()]))),
        ("value", Arc::new(array)),
    ]);
    text(Rows::from_batches(vec![batch], RowWriter::csv()).expect("the names differ"))
}

#[test]
fn every_type_is_written_as_kusto_reads_it() {
    assert_eq!(csv(BooleanArray::from(vec![Some(true), None])), "1,true\n1,\n");
    assert_eq!(csv(Int64Array::from(vec![i64::MIN])), "1,-9223372036854775808\n");
    assert_eq!(csv(UInt64Array::from(vec![u64::MAX])), "1,18446744073709551615\n");
    assert_eq!(csv(Float64Array::from(vec![0.1, f64::NAN])), "1,0.1\n1,NaN\n");
    assert_eq!(csv(StringArray::from(vec!["", "a,b"])), "1,\"\"\n1,\"a,b\"\n");
    assert_eq!(csv(LargeStringArray::from(vec!["x"])), "1,x\n");
    assert_eq!(csv(StringViewArray::from(vec![Some("x"), None])), "1,x\n1,\n");
    assert_eq!(
        csv(BinaryArray::from(vec![b"kusto?>".as_slice()])),
        "1,a3VzdG8/Pg==\n"
    );
    assert_eq!(csv(NullArray::new(1)), "1,\n");
    let mut fixed = FixedSizeBinaryBuilder::new(2);
    fixed.append_value([255, 254]).expect("it is two bytes long");
    assert_eq!(csv(fixed.finish()), "1,//4=\n");
    let decimals = Decimal128Array::from(vec![i128::MAX / 10, -5]).with_precision_and_scale(38, 3);
    assert_eq!(
        csv(decimals.expect("it fits")),
        "1,17014118346046923173168730371588410.572\n1,-0.005\n"
    );
}

#[test]
fn moments_are_utc_and_lengths_are_timespans() {
    assert_eq!(
        csv(Date32Array::from(vec![-1])),
        "1,1969-12-31T00:00:00.0000000Z\n"
    );
    assert_eq!(
        csv(Date64Array::from(vec![86_400_000])),
        "1,1970-01-02T00:00:00.0000000Z\n"
    );
    let shown_elsewhere = TimestampMillisecondArray::from(vec![-1]).with_timezone("+05:00");
    assert_eq!(csv(shown_elsewhere), "1,1969-12-31T23:59:59.9990000Z\n");
    assert_eq!(
        csv(TimestampNanosecondArray::from(vec![199])),
        "1,1970-01-01T00:00:00.0000001Z\n"
    );
    assert_eq!(csv(Time32SecondArray::from(vec![3661])), "1,01:01:01\n");
    assert_eq!(
        csv(Time64NanosecondArray::from(vec![100])),
        "1,00:00:00.0000001\n"
    );
    assert_eq!(
        csv(DurationMicrosecondArray::from(vec![-1])),
        "1,-00:00:00.0000010\n"
    );
}

#[test]
fn what_has_parts_becomes_dynamic() {
    let mut lists = ListBuilder::new(UInt8Builder::new());
    lists.append_value([Some(1), None]);
    lists.append_null();
    assert_eq!(csv(lists.finish()), "1,\"[1,null]\"\n1,\n");

    let mut maps = MapBuilder::new(None, StringBuilder::new(), UInt8Builder::new());
    maps.keys().append_value("k");
    maps.values().append_value(7);
    maps.append(true).expect("keys and values match");
    assert_eq!(csv(maps.finish()), "1,\"{\"\"k\"\":7}\"\n");

    let parts = StructArray::from(batch([
        ("at", Arc::new(TimestampSecondArray::from(vec![0])) as ArrayRef),
        ("none", Arc::new(NullArray::new(1))),
    ]));
    assert_eq!(
        csv(parts),
        "1,\"{\"\"at\"\":\"\"1970-01-01T00:00:00.0000000Z\"\",\"\"none\"\":null}\"\n"
    );

    let words: DictionaryArray<Int8Type> = [Some("b"), None, Some("b")].into_iter().collect();
    assert_eq!(csv(words), "1,b\n1,\n1,b\n");
}

fn numbered(from: i32, to: i32) -> RecordBatch {
    batch([
        (
            "name",
            Arc::new(StringArray::from(vec!["abc"; (to - from) as usize])) as ArrayRef,
        ),
        ("a", Arc::new(Int32Array::from_iter_values(from..to))),
    ])
}

#[test]
fn s02_c90_batches_are_cut_into_chunks_between_rows_and_can_be_read_again() {
    let batches = vec![numbered(0, 3), numbered(3, 3), numbered(3, 8)];
    let mut rows = Rows::from_batches(batches, RowWriter::csv())
        .expect("the names differ")
        .with_max_raw_bytes(4 * 6);
    block_on(async {
        let first = rows
            .next_chunk()
            .await
            .expect("no error")
            .expect("there are rows");
        assert_eq!(
            read_text(first.payload(), 0).await.expect("no error"),
            "abc,0\nabc,1\nabc,2\nabc,3\n"
        );
        let second = rows
            .next_chunk()
            .await
            .expect("no error")
            .expect("there are rows");
        for _ in 0..2 {
            assert_eq!(
                read_text(second.payload(), 0).await.expect("no error"),
                "abc,4\nabc,5\nabc,6\nabc,7\n"
            );
        }
        assert!(rows.next_chunk().await.expect("no error").is_none());
    });
}

#[test]
fn columns_go_by_name_from_batch_to_batch() {
    let turned = batch([
        ("a", Arc::new(Int32Array::from(vec![9])) as ArrayRef),
        ("name", Arc::new(StringArray::from(vec!["x"]))),
    ]);
    let batches = vec![numbered(1, 2), turned];
    let rows = Rows::from_batches(batches.clone(), RowWriter::csv()).expect("the names differ");
    assert_eq!(text(rows), "abc,1\nx,9\n");
    let lines = Rows::from_batches(batches, RowWriter::json_lines()).expect("the names differ");
    assert_eq!(
        text(lines),
        "{\"name\":\"abc\",\"a\":1}\n{\"a\":9,\"name\":\"x\"}\n"
    );

    let listed = RowWriter::csv_with_columns(["a", "b", "name"]).expect("the columns are good");
    let rows = Rows::from_batches(vec![numbered(1, 2)], listed).expect("the names differ");
    assert_eq!(text(rows), "1,,abc\n");
}

#[test]
fn a_stream_of_batches_may_fail_and_says_where() {
    let batch = numbered(0, 2);
    let batches = stream::iter([Ok(batch.clone()), Err(io::Error::other("the cursor is gone"))]);
    let mut rows =
        Rows::from_batch_stream(&batch.schema(), batches, RowWriter::csv()).expect("the names differ");
    block_on(async {
        let chunk = rows
            .next_chunk()
            .await
            .expect("no error")
            .expect("there are rows");
        let error = read_text(chunk.payload(), 0)
            .await
            .expect_err("the second batch fails");
        assert_eq!(error.to_string(), "take the next row (row 3)");
    });
}

/// The rows of one column of a field, as JSON lines.
fn json(field: Field, array: impl arrow_array::Array + 'static) -> String {
    let schema = Arc::new(Schema::new(vec![field]));
    let batch = RecordBatch::try_new(schema, vec![Arc::new(array)]).expect("it is of the field's type");
    text(Rows::from_batches(vec![batch], RowWriter::json_lines()).expect("it can be written"))
}

#[test]
fn runs_and_views_of_lists_are_written_like_any_other_value() {
    let names = StringArray::from(vec![Some("a"), None, Some("b")]);
    let runs = RunArray::<Int32Type>::try_new(&Int32Array::from(vec![2, 3, 5]), &names).expect("runs grow");
    assert_eq!(csv(runs.clone()), "1,a\n1,a\n1,\n1,b\n1,b\n");
    assert_eq!(csv(runs.slice(1, 3)), "1,a\n1,\n1,b\n");
    let short =
        RunArray::<Int16Type>::try_new(&PrimitiveArray::from(vec![1_i16]), &Int64Array::from(vec![7]));
    assert_eq!(csv(short.expect("it is one run")), "1,7\n");

    let mut lists = ListViewBuilder::new(Int32Builder::new());
    lists.append_value([Some(1), None]);
    lists.append_null();
    assert_eq!(csv(lists.finish()), "1,\"[1,null]\"\n1,\n");
    let mut large = LargeListViewBuilder::new(Int32Builder::new());
    large.append_value([Some(2)]);
    assert_eq!(csv(large.finish()), "1,[2]\n");
}

#[test]
fn binary_that_is_a_uuid_becomes_a_guid_wherever_it_stands() {
    const TEXT: &str = "00112233-4455-6677-8899-aabbccddeeff";
    let bytes: [u8; 16] = std::array::from_fn(|place| place as u8 * 0x11);
    let array = || FixedSizeBinaryArray::try_from_iter([bytes].into_iter()).expect("all have one length");
    let named = |name: &str| HashMap::from([(EXTENSION_TYPE_NAME_KEY.to_owned(), name.to_owned())]);
    let plain = Field::new("id", DataType::FixedSizeBinary(16), true);
    let guid = plain.clone().with_metadata(named("arrow.uuid"));

    let line = format!("{{\"id\":\"{TEXT}\"}}\n");
    assert_eq!(json(guid.clone(), array()), line);
    for other in [plain.clone(), plain.with_metadata(named("somebody.else"))] {
        assert_eq!(json(other, array()), "{\"id\":\"ABEiM0RVZneImaq7zN3u/w==\"}\n");
    }

    let member = StructArray::new(vec![guid.clone()].into(), vec![Arc::new(array())], None);
    let field = Field::new("s", member.data_type().clone(), true);
    assert_eq!(json(field, member), format!("{{\"s\":{{\"id\":\"{TEXT}\"}}}}\n"));
    let item = Arc::new(guid);
    let mut list = ListBuilder::new(FixedSizeBinaryBuilder::new(16)).with_field(item.clone());
    list.values().append_value(bytes).expect("it has the length");
    list.append(true);
    assert_eq!(
        json(Field::new("l", DataType::List(item), true), list.finish()),
        format!("{{\"l\":[\"{TEXT}\"]}}\n")
    );
}

/// Why a schema of one column of a type is refused, by both ways to hand over batches and before there is a row.
fn refusal(kind: DataType) -> String {
    let schema = Arc::new(Schema::new(vec![Field::new("wait", kind, true)]));
    let nothing = RecordBatch::new_empty(schema.clone());
    let good = batch([("a", Arc::new(NullArray::new(0)) as ArrayRef)]);
    let batches = vec![good, nothing];
    let at_once = Rows::from_batches(batches, RowWriter::json_lines()).expect_err("it cannot be written");
    let never = stream::pending::<io::Result<RecordBatch>>();
    let streamed =
        Rows::from_batch_stream(&schema, never, RowWriter::csv()).expect_err("it cannot be written");
    assert_eq!(at_once.kind(), ErrorKind::InvalidInput);
    assert_eq!(at_once.to_string(), streamed.to_string());
    streamed.to_string()
}

#[test]
fn a_type_that_cannot_be_written_is_refused_before_the_first_row() {
    let interval = DataType::Interval(IntervalUnit::DayTime);
    let field = |name: &str, kind: &DataType| Arc::new(Field::new(name, kind.clone(), true));
    let map = |key: &DataType, value: &DataType| {
        let entries = DataType::Struct(vec![field("keys", key), field("values", value)].into());
        DataType::Map(field("entries", &entries), false)
    };
    let text = DataType::Utf8;
    for (kind, column) in [
        (interval.clone(), "wait"),
        (DataType::Union(UnionFields::empty(), UnionMode::Sparse), "wait"),
        (DataType::List(field("item", &interval)), "wait.item"),
        (DataType::LargeListView(field("item", &interval)), "wait.item"),
        (DataType::Struct(vec![field("m", &interval)].into()), "wait.m"),
        (
            DataType::Dictionary(Box::new(DataType::Int8), Box::new(interval.clone())),
            "wait",
        ),
        (
            DataType::RunEndEncoded(field("ends", &DataType::Int32), field("values", &interval)),
            "wait",
        ),
        (map(&text, &interval), "wait.values"),
        (map(&DataType::Float64, &text), "wait.keys"),
        (map(&DataType::Binary, &text), "wait.keys"),
    ] {
        let told = refusal(kind.clone());
        assert!(told.contains("cannot be written"), "{told}");
        assert!(told.ends_with(&format!("(column {column})")), "{kind}: {told}");
    }
    let told = refusal(interval);
    assert!(
        told.contains("Interval(DayTime)") && told.contains("cast it to a duration"),
        "{told}"
    );
}

#[test]
fn a_value_beyond_kustos_calendar_is_an_error_of_its_row() {
    let far = batch([(
        "at",
        Arc::new(TimestampSecondArray::from(vec![i64::MAX])) as ArrayRef,
    )]);
    let mut rows = Rows::from_batches(vec![far], RowWriter::csv()).expect("the names differ");
    assert!(
        block_on(rows.next_chunk()).is_err(),
        "Kusto's calendar ends with 9999"
    );

    assert!(
        block_on(
            Rows::from_batches(Vec::new(), RowWriter::csv())
                .expect("there are no names")
                .next_chunk()
        )
        .expect("no error")
        .is_none()
    );
}
