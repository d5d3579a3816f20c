//! Parquet, through the public API: files written by Arrow's own writer.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, Int64Builder, ListBuilder, MapBuilder, StringBuilder};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array,
    Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, StructArray, Time64MicrosecondArray,
    TimestampMicrosecondArray, TimestampNanosecondArray, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};
use kusto_ingest_core::{ColumnMapping, DataFormat, IngestionMapping, MappingKind, Transform};
use kusto_ingest_decode::{DecodeOptions, Decoded, Header, Sample, decode, infer};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};

pub(crate) fn file_of(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("the test is right");
    writer.write(batch).expect("the test is right");
    writer.close().expect("the test is right");
    bytes
}

pub(crate) fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = ArrowSchema::new(fields.collect::<Vec<_>>());
    RecordBatch::try_new(
        Arc::new(schema),
        columns.into_iter().map(|(_, array)| array).collect(),
    )
    .expect("the test is right")
}

fn read(file: &[u8], columns: &str) -> Decoded {
    decode(
        file,
        &DecodeOptions::new(DataFormat::Parquet),
        &columns.parse().expect("the test is right"),
    )
    .expect("the test is right")
}

fn mapped(file: &[u8], columns: &str, mapping: Vec<ColumnMapping>) -> Decoded {
    let mapping = IngestionMapping::inline(MappingKind::Parquet, mapping).expect("the test is right");
    let options = DecodeOptions::new(DataFormat::Parquet).with_mapping(mapping);
    decode(file, &options, &columns.parse().expect("the test is right")).expect("the test is right")
}

fn shown(decoded: &Decoded) -> Vec<String> {
    let row = |row: &Vec<_>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    decoded.rows.iter().map(row).collect()
}

fn plain(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    file_of(&batch(columns), WriterProperties::builder().build())
}

#[test]
fn every_type_keeps_its_value_at_the_bounds() {
    let file = plain(vec![
        (
            "b",
            Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
        ),
        (
            "i",
            Arc::new(Int32Array::from(vec![Some(i32::MIN), Some(i32::MAX), None])),
        ),
        (
            "l",
            Arc::new(Int64Array::from(vec![Some(i64::MIN), Some(i64::MAX), None])),
        ),
        (
            "u",
            Arc::new(UInt64Array::from(vec![Some(0), Some(u64::MAX), None])),
        ),
        (
            "r",
            Arc::new(Float64Array::from(vec![
                Some(f64::NAN),
                Some(f64::NEG_INFINITY),
                None,
            ])),
        ),
        (
            "f",
            Arc::new(Float32Array::from(vec![Some(0.5), Some(f32::MAX), None])),
        ),
        (
            "m",
            Arc::new(
                Decimal128Array::from(vec![Some(-1), Some(10_i128.pow(34) - 1), None])
                    .with_precision_and_scale(38, 10)
                    .expect("the test is right"),
            ),
        ),
        (
            "d",
            Arc::new(Date32Array::from(vec![Some(-719_162), Some(2_932_896), None])),
        ),
        (
            "t",
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(-62_135_596_800_000_000),
                Some(253_402_300_799_999_999),
                None,
            ])),
        ),
        (
            "n",
            Arc::new(TimestampNanosecondArray::from(vec![
                Some(1_234_567_890_123_456_799),
                Some(-1),
                None,
            ])),
        ),
        (
            "s",
            Arc::new(Time64MicrosecondArray::from(vec![
                Some(0),
                Some(86_399_999_999),
                None,
            ])),
        ),
        (
            "x",
            Arc::new(StringArray::from(vec![Some(""), Some("a\u{1F600}\n\"|"), None])),
        ),
        (
            "y",
            Arc::new(BinaryArray::from(vec![
                Some(&b"text"[..]),
                Some(&[0xff, 0xfe][..]),
                None,
            ])),
        ),
    ]);
    let columns = "b:bool,i:int,l:long,u:decimal,r:real,f:real,m:decimal,d:datetime,t:datetime,n:datetime,s:timespan,x:string,y:string";
    let decoded = read(&file, columns);
    assert_eq!(decoded.warnings, []);
    assert_eq!(
        shown(&decoded),
        [
            "true|-2147483648|-9223372036854775808|0|NaN|0.5|-1E-10|0001-01-01T00:00:00.0000000Z|0001-01-01T00:00:00.0000000Z|2009-02-13T23:31:30.1234567Z|00:00:00|||text".replace("|||", "||"),
            "false|2147483647|9223372036854775807|18446744073709551615|-Infinity|3.4028234663852886e38|999999999999999999999999.9999999999|9999-12-31T00:00:00.0000000Z|9999-12-31T23:59:59.9999990Z|1969-12-31T23:59:59.9999999Z|23:59:59.9999990|a\u{1F600}\n\"||//4=".to_owned(),
            "||||||||||||".to_owned(),
        ]
    );
    let inference =
        infer(Sample::complete(&file), DataFormat::Parquet, Header::Detect).expect("the test is right");
    assert_eq!(inference.schema.to_string(), columns);
    assert_eq!(inference.mapping, None);
}

#[test]
fn lists_maps_and_structures_are_dynamic_values() {
    let mut lists = ListBuilder::new(Int64Builder::new());
    lists.append_value([Some(1), None, Some(3)]);
    lists.append_value([]);
    lists.append_null();
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for entries in [&[("k", 1), ("\"q\"", 2)][..], &[], &[("z", 3)]] {
        for (key, value) in entries {
            maps.keys().append_value(key);
            maps.values().append_value(*value);
        }
        maps.append(true).expect("the test is right");
    }
    let inner: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("c")]));
    let list: ArrayRef = Arc::new(lists.finish());
    let fields = vec![
        (Arc::new(Field::new("name", DataType::Utf8, true)), inner),
        (
            Arc::new(Field::new("list", list.data_type().clone(), true)),
            list.clone(),
        ),
    ];
    let structure: ArrayRef = Arc::new(StructArray::from(fields));
    let file = plain(vec![
        ("l", list),
        ("m", Arc::new(maps.finish())),
        ("s", structure),
    ]);
    let decoded = read(&file, "l:dynamic,m:dynamic,s:dynamic");
    assert_eq!(
        shown(&decoded),
        [
            r#"[1,null,3]|{"k":1,"\"q\"":2}|{"name":"a","list":[1,null,3]}"#,
            r#"[]|{}|{"name":null,"list":[]}"#,
            r#"|{"z":3}|{"name":"c","list":null}"#,
        ]
    );
    let inference =
        infer(Sample::complete(&file), DataFormat::Parquet, Header::Detect).expect("the test is right");
    assert_eq!(inference.schema.to_string(), "l:dynamic,m:dynamic,s:dynamic");

    let columns = "second:long,key:long,all:dynamic,rest:dynamic,note:string,place:string,number:long";
    let mapping = vec![
        ColumnMapping::new("second").with_path("$.l[2]"),
        ColumnMapping::new("key").with_path("$.m['k']"),
        ColumnMapping::new("all").with_path("$"),
        ColumnMapping::new("rest")
            .with_field("s")
            .with_transform(Transform::DropMappedFields),
        ColumnMapping::new("note").with_path("$.s.name"),
        ColumnMapping::new("place").with_transform(Transform::SourceLocation),
        ColumnMapping::new("number").with_transform(Transform::SourceLineNumber),
    ];
    let decoded = mapped(&file, columns, mapping);
    let all = r#"{"l":[1,null,3],"m":{"k":1,"\"q\"":2},"s":{"name":"a","list":[1,null,3]}}"#;
    let rest = r#"{"list":[1,null,3]}"#;
    assert_eq!(shown(&decoded)[0], format!("3|1|{all}|{rest}|a||1"));
}

#[test]
fn every_codec_and_both_versions_of_pages_are_read() {
    let words = (0..3000).map(|at| format!("word {}", at % 7));
    let numbers = Int64Array::from_iter_values(0..3000);
    let data = batch(vec![
        ("w", Arc::new(StringArray::from_iter_values(words)) as ArrayRef),
        ("n", Arc::new(numbers)),
    ]);
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for dictionary in [true, false] {
                let properties = WriterProperties::builder()
                    .set_compression(codec)
                    .set_writer_version(version)
                    .set_dictionary_enabled(dictionary)
                    .set_data_page_row_count_limit(500)
                    .build();
                let decoded = read(&file_of(&data, properties), "n:long,w:string");
                let case = format!("{codec:?} {version:?} {dictionary}");
                assert_eq!(decoded.rows.len(), 3000, "{case}");
                assert_eq!(shown(&decoded)[2999], "2999|word 3", "{case}");
            }
        }
    }
}

#[test]
fn dictionaries_unix_times_and_ids_are_what_they_mean() {
    let words: DictionaryArray<arrow_array::types::Int32Type> =
        vec![Some("a"), None, Some("a")].into_iter().collect();
    let mut ids = FixedSizeBinaryBuilder::new(16);
    for byte in [0, 1, 2] {
        ids.append_value([byte; 16]).expect("the test is right");
    }
    let id = Field::new("id", DataType::FixedSizeBinary(16), true)
        .with_extension_type(arrow_schema::extension::Uuid);
    let doc =
        Field::new("doc", DataType::Utf8, true).with_extension_type(arrow_schema::extension::Json::default());
    let schema = ArrowSchema::new(vec![
        Field::new("w", words.data_type().clone(), true),
        id,
        doc,
        Field::new("unix", DataType::Int64, true),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(words),
        Arc::new(ids.finish()),
        Arc::new(StringArray::from(vec![r#"{"a": [1]}"#, "plain", "null"])),
        Arc::new(Int64Array::from(vec![0, 1, 1_700_000_000])),
    ];
    let data = RecordBatch::try_new(Arc::new(schema), columns).expect("the test is right");
    let file = file_of(&data, WriterProperties::builder().build());
    let inference =
        infer(Sample::complete(&file), DataFormat::Parquet, Header::Detect).expect("the test is right");
    assert_eq!(
        inference.schema.to_string(),
        "w:string,id:guid,doc:dynamic,unix:long"
    );
    let decoded = read(&file, "w:string,id:guid,doc:dynamic");
    assert_eq!(
        shown(&decoded),
        [
            r#"a|00000000-0000-0000-0000-000000000000|{"a":[1]}"#,
            r#"|01010101-0101-0101-0101-010101010101|"plain""#,
            "a|02020202-0202-0202-0202-020202020202|",
        ]
    );
    let at = ColumnMapping::new("at")
        .with_path("$.unix")
        .with_transform(Transform::DateTimeFromUnixSeconds);
    let decoded = mapped(&file, "at:datetime", vec![at]);
    assert_eq!(shown(&decoded)[2], "2023-11-14T22:13:20.0000000Z");
}

#[test]
fn what_a_column_does_not_take_is_null_with_a_warning_that_counts_records() {
    let file = plain(vec![
        ("x", Arc::new(StringArray::from(vec!["2020-01-02"]))),
        ("n", Arc::new(Int64Array::from(vec![7]))),
    ]);
    let decoded = read(&file, "x:datetime,n:guid,none:string");
    assert_eq!(shown(&decoded), ["||"]);
    assert_eq!(
        decoded.warnings[0].to_string(),
        r#"record 1, column "x": not of type datetime, null is stored"#
    );
    assert_eq!(decoded.warning_count, 2);
}

#[test]
fn names_that_columns_cannot_have_get_a_mapping() {
    let file = plain(vec![("a/b", Arc::new(Int64Array::from(vec![7])))]);
    let inference =
        infer(Sample::complete(&file), DataFormat::Parquet, Header::Detect).expect("the test is right");
    assert_eq!(inference.schema.to_string(), "a_b:long");
    let options =
        DecodeOptions::new(DataFormat::Parquet).with_mapping(inference.mapping.expect("the test is right"));
    let decoded = decode(file.as_slice(), &options, &inference.schema).expect("the test is right");
    assert_eq!(shown(&decoded), ["7"]);
}
