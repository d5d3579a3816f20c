//! Mappings: which column takes what, and what becomes of it.

use kusto_ingest_core::{ColumnMapping, DataFormat, ErrorKind, IngestionMapping, MappingKind, Transform};
use kusto_ingest_decode::{DecodeOptions, Decoded, Schema, decode};

fn schema(text: &str) -> Schema {
    text.parse().expect("the schema of a test is right")
}

fn inline(kind: MappingKind, columns: Vec<ColumnMapping>) -> IngestionMapping {
    IngestionMapping::inline(kind, columns).expect("the mapping of a test is right")
}

fn shown(decoded: &Decoded) -> Vec<String> {
    let row = |row: &Vec<_>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    decoded.rows.iter().map(row).collect()
}

/// The only row under a Json mapping.
fn json_row(data: &str, columns: &str, mapped: Vec<ColumnMapping>) -> String {
    let options = DecodeOptions::new(DataFormat::MultiJson).with_mapping(inline(MappingKind::Json, mapped));
    let decoded =
        decode(data.as_bytes(), &options, &schema(columns)).expect("the data of this test is right");
    shown(&decoded).join("\n")
}

#[test]
fn csv_columns_take_places_constants_and_what_is_known_about_the_source() {
    let mapping = inline(
        MappingKind::Csv,
        vec![
            ColumnMapping::new("c").with_ordinal(2),
            ColumnMapping::new("a").with_ordinal(0),
            ColumnMapping::new("batch").with_constant("7"),
            ColumnMapping::new("from").with_transform(Transform::SourceLocation),
            ColumnMapping::new("line").with_transform(Transform::SourceLineNumber),
            ColumnMapping::new("beyond").with_ordinal(9),
        ],
    );
    let options = DecodeOptions::new(DataFormat::Csv)
        .with_mapping(mapping)
        .with_ignore_first_record()
        .with_source("https://h/c/b.csv");
    let columns = "a:long,b:string,c:string,batch:int,from:string,line:long,beyond:long";
    let decoded = decode("x,y,z\n1,2,3\n4,5,6\n".as_bytes(), &options, &schema(columns)).expect("it is csv");
    assert_eq!(
        shown(&decoded),
        ["1||3|7|https://h/c/b.csv|2|", "4||6|7|https://h/c/b.csv|3|"]
    );
}

#[test]
fn moments_are_read_from_numbers_since_1970() {
    let mapped = [
        ("s", Transform::DateTimeFromUnixSeconds),
        ("ms", Transform::DateTimeFromUnixMilliseconds),
        ("us", Transform::DateTimeFromUnixMicroseconds),
        ("ns", Transform::DateTimeFromUnixNanoseconds),
    ];
    let csv = mapped.iter().zip(0..).map(|((name, transform), place)| {
        ColumnMapping::new(*name)
            .with_ordinal(place)
            .with_transform(transform.clone())
    });
    let options = DecodeOptions::new(DataFormat::Csv).with_mapping(inline(MappingKind::Csv, csv.collect()));
    let data =
        "1700000000,1700000000123,1700000000123456,1700000000123456789\n-1,1.5,x,99999999999999999999\n";
    let columns = schema("s:datetime,ms:datetime,us:datetime,ns:string");
    let decoded = decode(data.as_bytes(), &options, &columns).expect("it is csv");
    assert_eq!(
        shown(&decoded),
        [
            "2023-11-14T22:13:20.0000000Z|2023-11-14T22:13:20.1230000Z|2023-11-14T22:13:20.1234560Z|2023-11-14T22:13:20.1234567Z",
            "1969-12-31T23:59:59.0000000Z|1970-01-01T00:00:00.0015000Z||5138-11-16T09:46:40.0000000Z",
        ]
    );
    let json = ColumnMapping::new("s")
        .with_path("$.t")
        .with_transform(Transform::DateTimeFromUnixSeconds);
    let text = json_row(
        "[{\"t\":\"1700000000\"},{\"t\":1e300},{}]",
        "s:datetime",
        vec![json],
    );
    assert_eq!(text, "2023-11-14T22:13:20.0000000Z\n\n");
}

#[test]
fn json_columns_take_paths_wholes_and_constants() {
    let data = r#"{"a":{"b c":[10,{"d":"x"}]},"e":1}"#;
    let mapped = vec![
        ColumnMapping::new("first").with_path("$.a['b c'][0]"),
        ColumnMapping::new("deep").with_path("$.a.['b c'][1].d"),
        ColumnMapping::new("whole").with_path("$"),
        ColumnMapping::new("absent").with_path("$.a.x.y"),
        ColumnMapping::new("fixed").with_path("no root"),
        ColumnMapping::new("constant").with_constant("2012-01-01"),
        ColumnMapping::new("number").with_transform(Transform::SourceLineNumber),
    ];
    let columns = "first:long,deep:string,whole:dynamic,absent:long,fixed:string,constant:datetime,number:long,rest:string";
    assert_eq!(
        json_row(data, columns, mapped),
        format!("10|x|{data}||no root|2012-01-01T00:00:00.0000000Z|1|")
    );
}

#[test]
fn records_that_are_no_objects_have_a_whole_and_places() {
    let mapped = vec![
        ColumnMapping::new("all").with_path("$"),
        ColumnMapping::new("second").with_path("$[1]"),
    ];
    let options = DecodeOptions::new(DataFormat::Json).with_mapping(inline(MappingKind::Json, mapped));
    let decoded = decode(
        "[1,2]\n3\n".as_bytes(),
        &options,
        &schema("all:dynamic,second:long"),
    )
    .expect("it is json");
    assert_eq!(shown(&decoded), ["[1,2]|2", "3|"]);
}

#[test]
fn bags_of_an_array_become_one() {
    let bags = || {
        ColumnMapping::new("bag")
            .with_path("$.e")
            .with_transform(Transform::PropertyBagArrayToDictionary)
    };
    let data = r#"{"e":[{"n1":"v1"},{"n2":2,"n3":null}]}"#;
    assert_eq!(
        json_row(data, "bag:dynamic", vec![bags()]),
        r#"{"n1":"v1","n2":2,"n3":null}"#
    );
    assert_eq!(
        json_row(data, "bag:string", vec![bags()]),
        r#"{"n1":"v1","n2":2,"n3":null}"#
    );
    assert_eq!(
        json_row(r#"{"e":[1]} {"e":{}} {}"#, "bag:dynamic", vec![bags()]),
        "\n\n"
    );
}

#[test]
fn fields_that_other_columns_take_are_dropped_from_the_rest() {
    let mapped = vec![
        ColumnMapping::new("id").with_path("$.id"),
        ColumnMapping::new("deep").with_path("$.a.b"),
        ColumnMapping::new("constant").with_constant("x"),
        ColumnMapping::new("rest")
            .with_path("$")
            .with_transform(Transform::DropMappedFields),
        ColumnMapping::new("inner")
            .with_path("$.a")
            .with_transform(Transform::DropMappedFields),
    ];
    let data = r#"{"id":1,"a":{"b":2,"c":3},"z":4}"#;
    let columns = "id:long,deep:long,constant:string,rest:dynamic,inner:dynamic";
    // `inner` takes all of `a`, so that nothing of it is left for `rest`.
    assert_eq!(json_row(data, columns, mapped), r#"1|2|x|{"z":4}|{"c":3}"#);
}

#[test]
fn mappings_that_do_not_fit_are_refused_before_anything_is_read() {
    let column = |name: &str| ColumnMapping::new(name).with_ordinal(0);
    let csv = |column| inline(MappingKind::Csv, vec![column]);
    let json = |column| inline(MappingKind::Json, vec![column]);
    let named = IngestionMapping::reference(MappingKind::Csv, "m").expect("it has a name");
    for (format, mapping, code, kind) in [
        (
            DataFormat::Csv,
            csv(column("absent")),
            "BadRequest_InconsistentMapping",
            ErrorKind::InvalidInput,
        ),
        (
            DataFormat::Json,
            csv(column("a")),
            "BadRequest_InvalidMapping",
            ErrorKind::InvalidInput,
        ),
        (
            DataFormat::Csv,
            named,
            "BadRequest_MappingReferenceWasNotFound",
            ErrorKind::NotFound,
        ),
        (
            DataFormat::Json,
            json(ColumnMapping::new("a").with_path("$..x")),
            "BadRequest_InvalidMapping",
            ErrorKind::InvalidInput,
        ),
        (
            DataFormat::Csv,
            csv(column("a").with_transform(Transform::Other("Reverse".to_owned()))),
            "BadRequest_InvalidMapping",
            ErrorKind::InvalidInput,
        ),
    ] {
        let options = DecodeOptions::new(format).with_mapping(mapping);
        let error = decode("1\n".as_bytes(), &options, &schema("a:long")).expect_err(code);
        assert_eq!((error.code(), error.kind()), (Some(code), kind), "{format}");
    }
}
