//! From a sample to a schema, through the public API.

use kusto_ingest_core::{DataFormat, ErrorKind};
use kusto_ingest_decode::{DecodeOptions, Header, HeaderDetection, Inference, Sample, decode, infer};

fn detect(format: DataFormat, sample: &str) -> Inference {
    infer(Sample::complete(sample.as_bytes()), format, Header::Detect)
        .expect("the sample of this test is right")
}

fn columns(inference: &Inference) -> String {
    inference.schema.to_string()
}

/// The first lines of Seattle's weather, as the sample of this project has them.
const WEATHER: &str = "date,precipitation,temp_max,temp_min,wind,weather
2012/01/01,0.0,12.8,5.0,4.7,drizzle
2012/01/02,10.9,10.6,2.8,4.5,rain
2012/01/03,0.8,11.7,7.2,2.3,rain
2012/01/14,4.1,4.4,0.6,5.3,snow
";

#[test]
fn seattle_weather_has_a_header_a_date_four_reals_and_a_text() {
    let inference = detect(DataFormat::Csv, WEATHER);
    assert_eq!(inference.header, HeaderDetection::Present);
    assert_eq!(
        columns(&inference),
        "date:datetime,precipitation:real,temp_max:real,temp_min:real,wind:real,weather:string"
    );
    let options = DecodeOptions::new(DataFormat::Csv).with_ignore_first_record();
    let decoded = decode(WEATHER.as_bytes(), &options, &inference.schema).expect("what was inferred is read");
    assert_eq!((decoded.rows.len(), decoded.warning_count), (4, 0));
    let last: Vec<String> = decoded.rows[3]
        .iter()
        .map(|value| value.to_json().to_string())
        .collect();
    assert_eq!(
        last,
        [
            "\"2012-01-14T00:00:00.0000000Z\"",
            "4.1",
            "4.4",
            "0.6",
            "5.3",
            "\"snow\""
        ]
    );
}

#[test]
fn a_header_is_evident_absent_or_unknown() {
    for (sample, expect, names) in [
        ("id,name\n1,x\n", HeaderDetection::Present, "id:long,name:string"),
        (
            "first name,city\nx,y\n",
            HeaderDetection::Unknown,
            "Column1:string,Column2:string",
        ),
        (
            "1,x\n2,y\n",
            HeaderDetection::Absent,
            "Column1:long,Column2:string",
        ),
        (
            "id,id\n1,2\n",
            HeaderDetection::Absent,
            "Column1:string,Column2:string",
        ),
        (
            "id,\n1,2\n",
            HeaderDetection::Absent,
            "Column1:string,Column2:long",
        ),
        (
            "id,true\n1,false\n",
            HeaderDetection::Absent,
            "Column1:string,Column2:bool",
        ),
        (
            "id,name\n",
            HeaderDetection::Unknown,
            "Column1:string,Column2:string",
        ),
        (
            "id,name\n1,x,2\n",
            HeaderDetection::Unknown,
            "Column1:string,Column2:string,Column3:long",
        ),
        (
            "id,name\n,\n",
            HeaderDetection::Unknown,
            "Column1:string,Column2:string",
        ),
    ] {
        let inference = detect(DataFormat::Csv, sample);
        assert_eq!(
            (inference.header, columns(&inference).as_str()),
            (expect, names),
            "{sample:?}"
        );
    }
}

#[test]
fn the_caller_may_know_better() {
    let sample = Sample::complete(b"first name,1,1\nx,y,\n");
    let given = infer(sample, DataFormat::Csv, Header::Given).expect("it is csv");
    assert_eq!(given.header, HeaderDetection::Present);
    assert_eq!(
        columns(&given),
        "['first name']:string,['1']:string,['1_2']:string"
    );
    let none = infer(sample, DataFormat::Csv, Header::None).expect("it is csv");
    assert_eq!(none.header, HeaderDetection::Absent);
    assert_eq!(columns(&none), "Column1:string,Column2:string,Column3:long");
}

#[test]
fn the_record_that_the_end_of_the_sample_cuts_does_not_count() {
    let start = |bytes: &'static [u8]| {
        columns(&infer(Sample::truncated(bytes), DataFormat::Csv, Header::Detect).expect("it is csv"))
    };
    assert_eq!(start(b"a,b\n1,2012-01-01\n2,2012-0"), "a:long,b:datetime");
    assert_eq!(start(b"a,b\n1,x\n2,\"open"), "a:long,b:string");
    assert_eq!(start(b"a,b\n1,2012-01-01\n2,2012-01-02\n"), "a:long,b:datetime");
    assert_eq!(start(b"1,2"), "Column1:long,Column2:long");
}

#[test]
fn names_of_json_come_in_their_order_with_their_types() {
    let sample =
        "{\"z\":1,\"a\":\"x\",\"at\":\"2012-01-01T00:00:00Z\"}\n{\"new\":{\"k\":1},\"z\":2.5,\"a\":null}\n";
    assert_eq!(
        columns(&detect(DataFormat::Json, sample)),
        "z:real,a:string,at:datetime,new:dynamic"
    );
    assert_eq!(
        columns(&detect(DataFormat::MultiJson, "[{\"b\":true},{\"a\":7}]")),
        "b:bool,a:long"
    );
    assert_eq!(
        columns(&detect(DataFormat::SingleJson, "{\n\"b\":[1]}")),
        "b:dynamic"
    );
    let cut = infer(
        Sample::truncated(b"[{\"b\":true},{\"a\":"),
        DataFormat::MultiJson,
        Header::Detect,
    );
    assert_eq!(columns(&cut.expect("the first record is whole")), "b:bool");
}

#[test]
fn names_that_no_column_may_have_come_with_a_mapping() {
    let data = "{\"user$id\":7,\"it's\":\"x\",\"\":true}\n";
    let inference = detect(DataFormat::Json, data);
    assert_eq!(columns(&inference), "user_id:long,it_s:string,Column3:bool");
    let mapping = inference.mapping.expect("names were changed");
    let options = DecodeOptions::new(DataFormat::Json).with_mapping(mapping);
    let decoded = decode(data.as_bytes(), &options, &inference.schema).expect("it is json");
    let row: Vec<String> = decoded.rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(row, ["7", "x", "true"]);
    assert_eq!(detect(DataFormat::Json, "{\"plain\":1}").mapping, None);
}

#[test]
fn web_logs_name_their_fields() {
    let data = "#Fields: date cs(Referer) sc-status\n2012-01-01 - 200\n";
    let inference = detect(DataFormat::W3cLogFile, data);
    assert_eq!(
        columns(&inference),
        "date:datetime,cs_Referer_:string,['sc-status']:long"
    );
    let options = DecodeOptions::new(DataFormat::W3cLogFile)
        .with_mapping(inference.mapping.expect("a name was changed"));
    let decoded = decode(data.as_bytes(), &options, &inference.schema).expect("it is a web log");
    assert_eq!(decoded.warning_count, 0);
    let cut = infer(
        Sample::truncated(b"#Fields: at\n2012-01-01\n2012-0"),
        DataFormat::W3cLogFile,
        Header::Detect,
    );
    assert_eq!(columns(&cut.expect("it is a web log")), "at:datetime");
}

#[test]
fn text_without_fields_has_one_column() {
    assert_eq!(columns(&detect(DataFormat::Txt, "a\nb\n")), "line:string");
    assert_eq!(columns(&detect(DataFormat::Raw, "a\nb\n")), "text:string");
}

#[test]
fn samples_without_columns_are_refused() {
    for (format, sample, kind) in [
        (DataFormat::Csv, "", ErrorKind::Data),
        (DataFormat::Csv, "\"open", ErrorKind::Data),
        (DataFormat::Json, "[1,2]", ErrorKind::Data),
        (DataFormat::MultiJson, "{", ErrorKind::Data),
        (DataFormat::SingleJson, "x", ErrorKind::Data),
        (DataFormat::SStream, "S", ErrorKind::Unsupported),
    ] {
        let error = infer(Sample::complete(sample.as_bytes()), format, Header::Detect).expect_err(sample);
        assert_eq!(error.kind(), kind, "{format} {sample:?}");
        assert!(error.code().is_some(), "{format} {sample:?}");
    }
}
