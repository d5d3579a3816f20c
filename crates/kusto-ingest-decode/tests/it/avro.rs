//! Avro, through the public API: files written by Apache's own writer.

use apache_avro::types::Value as Avro;
use apache_avro::{Codec, Decimal, Schema as AvroSchema, Writer};
use kusto_ingest_core::{ColumnMapping, DataFormat, IngestionMapping, Transform};
use kusto_ingest_decode::{DecodeOptions, Decoded, Header, Sample, decode, infer};

pub(crate) fn file_of(schema: &str, records: Vec<Avro>, codec: Codec) -> Vec<u8> {
    let schema = AvroSchema::parse_str(schema).expect("the test is right");
    let mut writer = Writer::with_codec(&schema, Vec::new(), codec).expect("the test is right");
    for record in records {
        writer.append_value(record).expect("the test is right");
    }
    writer.into_inner().expect("the test is right")
}

pub(crate) fn record(members: Vec<(&str, Avro)>) -> Avro {
    Avro::Record(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn read(file: &[u8], format: DataFormat, columns: &str) -> Decoded {
    decode(
        file,
        &DecodeOptions::new(format),
        &columns.parse().expect("the test is right"),
    )
    .expect("the test is right")
}

fn mapped(file: &[u8], columns: &str, mapping: Vec<ColumnMapping>) -> Decoded {
    let format = DataFormat::ApacheAvro;
    let mapping = IngestionMapping::inline(format.mapping_kind(), mapping).expect("the test is right");
    decode(
        file,
        &DecodeOptions::new(format).with_mapping(mapping),
        &columns.parse().expect("the test is right"),
    )
    .expect("the test is right")
}

fn shown(decoded: &Decoded) -> Vec<String> {
    let row = |row: &Vec<_>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    decoded.rows.iter().map(row).collect()
}

fn columns(file: &[u8], format: DataFormat) -> String {
    infer(Sample::complete(file), format, Header::Detect)
        .expect("the test is right")
        .schema
        .to_string()
}

fn union(place: u32, value: Avro) -> Avro {
    Avro::Union(place, Box::new(value))
}

#[test]
fn every_type_keeps_its_value_at_the_bounds() {
    let schema = r#"{"type":"record","name":"r","fields":[
        {"name":"b","type":"boolean"},{"name":"i","type":"int"},{"name":"l","type":"long"},
        {"name":"f","type":"float"},{"name":"d","type":"double"},{"name":"y","type":"bytes"},
        {"name":"x","type":["null","string"]},{"name":"e","type":{"type":"enum","name":"e","symbols":["P","Q"]}},
        {"name":"q","type":{"type":"fixed","name":"q","size":2}}]}"#;
    let row = |b, i, l, f, d, y: &[u8], x, e: (u32, &str), q: [u8; 2]| {
        record(vec![
            ("b", Avro::Boolean(b)),
            ("i", Avro::Int(i)),
            ("l", Avro::Long(l)),
            ("f", Avro::Float(f)),
            ("d", Avro::Double(d)),
            ("y", Avro::Bytes(y.to_vec())),
            ("x", x),
            ("e", Avro::Enum(e.0, e.1.to_owned())),
            ("q", Avro::Fixed(2, q.to_vec())),
        ])
    };
    let text = |text: &str| union(1, Avro::String(text.to_owned()));
    let rows = vec![
        row(
            true,
            i32::MIN,
            i64::MIN,
            0.5,
            f64::NAN,
            b"text",
            text("a\u{1F600}"),
            (0, "P"),
            [0xff, 0],
        ),
        row(
            false,
            i32::MAX,
            i64::MAX,
            f32::MAX,
            f64::NEG_INFINITY,
            b"",
            union(0, Avro::Null),
            (1, "Q"),
            *b"ab",
        ),
    ];
    let file = file_of(schema, rows, Codec::Null);
    let wanted = "b:bool,i:int,l:long,f:real,d:real,y:string,x:string,e:string,q:string";
    for format in [DataFormat::Avro, DataFormat::ApacheAvro] {
        assert_eq!(columns(&file, format), wanted);
        let decoded = read(&file, format, wanted);
        assert_eq!(decoded.warnings, []);
        assert_eq!(
            shown(&decoded),
            [
                "true|-2147483648|-9223372036854775808|0.5|NaN|text|a\u{1F600}|P|/wA=",
                "false|2147483647|9223372036854775807|3.4028234663852886e38|-Infinity|||Q|ab",
            ]
        );
    }
}

const LOGICAL: &str = r#"{"type":"record","name":"r","namespace":"n.s","fields":[
    {"name":"date","type":{"type":"int","logicalType":"date"}},
    {"name":"ms","type":{"type":"long","logicalType":"timestamp-millis"}},
    {"name":"us","type":{"type":"long","logicalType":"timestamp-micros"}},
    {"name":"ns","type":{"type":"long","logicalType":"timestamp-nanos"}},
    {"name":"tm","type":{"type":"int","logicalType":"time-millis"}},
    {"name":"tu","type":{"type":"long","logicalType":"time-micros"}},
    {"name":"id","type":{"type":"string","logicalType":"uuid"}},
    {"name":"m","type":{"type":"bytes","logicalType":"decimal","precision":34,"scale":10}},
    {"name":"k","type":{"type":"fixed","name":"k","size":4,"logicalType":"decimal","precision":9,"scale":2}},
    {"name":"p","type":{"type":"fixed","name":"p","size":12,"logicalType":"duration"}}]}"#;

fn logical_file() -> Vec<u8> {
    let id = "74be27de-1e4e-49d9-b579-fe0b331d3642"
        .parse()
        .expect("the test is right");
    let duration = apache_avro::Duration::new(
        apache_avro::Months::new(0),
        apache_avro::Days::new(1),
        apache_avro::Millis::new(1500),
    );
    let row = record(vec![
        ("date", Avro::Date(-719_162)),
        ("ms", Avro::TimestampMillis(253_402_300_799_999)),
        ("us", Avro::TimestampMicros(-1)),
        ("ns", Avro::TimestampNanos(1_234_567_890_123_456_799)),
        ("tm", Avro::TimeMillis(86_399_999)),
        ("tu", Avro::TimeMicros(1)),
        ("id", Avro::Uuid(id)),
        (
            "m",
            Avro::Decimal(Decimal::from((10_i128.pow(34) - 1).to_be_bytes())),
        ),
        ("k", Avro::Decimal(Decimal::from((-150_i32).to_be_bytes()))),
        ("p", Avro::Duration(duration)),
    ]);
    file_of(LOGICAL, vec![row], Codec::Null)
}

#[test]
fn logical_types_are_what_they_mean_to_the_newer_reader() {
    let file = logical_file();
    let wanted = "date:datetime,ms:datetime,us:datetime,ns:datetime,tm:timespan,tu:timespan,id:guid,m:decimal,k:decimal,p:timespan";
    assert_eq!(columns(&file, DataFormat::ApacheAvro), wanted);
    let decoded = read(&file, DataFormat::ApacheAvro, wanted);
    assert_eq!(decoded.warnings, []);
    assert_eq!(
        shown(&decoded),
        [
            "0001-01-01T00:00:00.0000000Z|9999-12-31T23:59:59.9990000Z|1969-12-31T23:59:59.9999990Z|\
          2009-02-13T23:31:30.1234567Z|23:59:59.9990000|00:00:00.0000010|74be27de-1e4e-49d9-b579-fe0b331d3642|\
          999999999999999999999999.9999999999|-1.50|1.00:00:01.5000000"
        ]
    );
}

#[test]
fn logical_types_are_what_is_written_to_the_older_reader() {
    let file = logical_file();
    let wanted = "date:int,ms:long,us:long,ns:long,tm:int,tu:long,id:string,m:string,k:string,p:string";
    assert_eq!(columns(&file, DataFormat::Avro), wanted);
    let decoded = read(&file, DataFormat::Avro, "date:long,us:long,id:guid,ms:datetime");
    assert_eq!(
        shown(&decoded),
        ["-719162|-1|74be27de-1e4e-49d9-b579-fe0b331d3642|"]
    );
    assert_eq!(decoded.warning_count, 1);
}

#[test]
fn nested_values_are_taken_by_path_whatever_version_of_the_schema_wrote_them() {
    let first = r#"{"type":"record","name":"r","fields":[
        {"name":"tree","type":{"type":"record","name":"node","fields":[
            {"name":"v","type":["null","long","string",{"type":"array","items":"int"}]},
            {"name":"next","type":["null","node"]}]}},
        {"name":"tags","type":{"type":"map","values":["null","double"]}}]}"#;
    let node = |v: Avro, next: Avro| record(vec![("v", v), ("next", next)]);
    let end = || union(0, Avro::Null);
    let tree = node(
        union(1, Avro::Long(7)),
        union(
            1,
            node(union(3, Avro::Array(vec![Avro::Int(1), Avro::Int(2)])), end()),
        ),
    );
    let tags = Avro::Map([("k".to_owned(), union(1, Avro::Double(1.5)))].into());
    let old = file_of(
        first,
        vec![record(vec![("tree", tree), ("tags", tags)])],
        Codec::Null,
    );
    let second = r#"{"type":"record","name":"r","fields":[{"name":"tree","type":"string"},{"name":"more","type":"bytes"}]}"#;
    let row = record(vec![
        ("tree", Avro::String("{\"v\":9}".to_owned())),
        ("more", Avro::Bytes(vec![0, 255])),
    ]);
    let new = file_of(second, vec![row], Codec::Null);

    assert_eq!(columns(&old, DataFormat::ApacheAvro), "tree:dynamic,tags:dynamic");
    let mapping = || {
        vec![
            ColumnMapping::new("v").with_path("$.tree.v"),
            ColumnMapping::new("second").with_path("$.tree.next.v[1]"),
            ColumnMapping::new("tags").with_field("tags"),
            ColumnMapping::new("tree").with_field("tree"),
            ColumnMapping::new("more")
                .with_field("more")
                .with_transform(Transform::BytesAsBase64),
            ColumnMapping::new("all").with_path("$"),
        ]
    };
    let wanted = "v:string,second:int,tags:dynamic,tree:dynamic,more:string,all:dynamic";
    let tree = r#"{"v":7,"next":{"v":[1,2],"next":null}}"#;
    assert_eq!(
        shown(&mapped(&old, wanted, mapping())),
        [format!(
            "7|2|{{\"k\":1.5}}|{tree}||{{\"tree\":{tree},\"tags\":{{\"k\":1.5}}}}"
        )]
    );
    let decoded = mapped(&new, wanted, mapping());
    assert_eq!(decoded.warnings, []);
    assert_eq!(
        shown(&decoded)[0].split('|').collect::<Vec<_>>()[..5],
        ["", "", "", "{\"v\":9}", "AP8="]
    );
}

#[test]
fn the_older_reader_reads_no_snappy() {
    let schema = r#"{"type":"record","name":"r","fields":[{"name":"n","type":"long"}]}"#;
    let rows = || {
        (0..5000)
            .map(|n| record(vec![("n", Avro::Long(n % 10))]))
            .collect::<Vec<_>>()
    };
    for (codec, older, newer) in [
        (Codec::Null, None, None),
        (
            Codec::Deflate(apache_avro::DeflateSettings::default()),
            None,
            None,
        ),
        (Codec::Snappy, Some("BadRequest_FormatNotSupported"), None),
    ] {
        let file = file_of(schema, rows(), codec);
        for (format, refused) in [(DataFormat::Avro, older), (DataFormat::ApacheAvro, newer)] {
            let decoded = decode(
                file.as_slice(),
                &DecodeOptions::new(format),
                &"n:long".parse().expect("the test is right"),
            );
            match refused {
                None => assert_eq!(
                    decoded.expect("the test is right").rows.len(),
                    5000,
                    "{codec:?} {format}"
                ),
                Some(code) => assert_eq!(
                    decoded.expect_err("it is refused").code(),
                    Some(code),
                    "{codec:?} {format}"
                ),
            }
        }
    }
}
