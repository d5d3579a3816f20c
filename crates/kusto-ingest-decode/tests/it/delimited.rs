//! Delimited formats, lines and whole texts, through the public API.

use kusto_ingest_core::{DataFormat, ErrorKind, ValidationImplications, ValidationOptions, ValidationPolicy};
use kusto_ingest_decode::{DecodeOptions, Decoded, Schema, WarningKind, decode};

fn schema(text: &str) -> Schema {
    text.parse().expect("the schema of a test is right")
}

/// The rows, each shown as its values with bars between.
fn shown(decoded: &Decoded) -> Vec<String> {
    let row = |row: &Vec<_>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    decoded.rows.iter().map(row).collect()
}

fn rows(format: DataFormat, data: &str, columns: &str) -> Vec<String> {
    let decoded = decode(data.as_bytes(), &DecodeOptions::new(format), &schema(columns));
    shown(&decoded.expect("the data of this test is right"))
}

fn code(format: DataFormat, data: &str, columns: &str) -> String {
    let error = decode(data.as_bytes(), &DecodeOptions::new(format), &schema(columns)).expect_err(data);
    error
        .code()
        .expect("every failure of decoding has a code")
        .to_owned()
}

#[test]
fn every_separator_is_read() {
    for (format, data) in [
        (DataFormat::Csv, "1,a b,2.5\r\n2,\"c,\"\"d\"\"\",\n"),
        (DataFormat::Tsv, "1\ta b\t2.5\n2\t\"c,\"\"d\"\"\"\t"),
        (DataFormat::Psv, "1|a b|2.5\n2|c,\"d\"|\n"),
        (DataFormat::Scsv, "1;a b;2.5\n2;c,\"d\";\n"),
        (DataFormat::Sohsv, "1\u{1}a b\u{1}2.5\n2\u{1}c,\"d\"\u{1}\n"),
        (DataFormat::Tsve, "1\ta b\t2.5\n2\tc,\"d\"\t\n"),
    ] {
        assert_eq!(
            rows(format, data, "n:long,t:string,r:real"),
            ["1|a b|2.5", "2|c,\"d\"|"],
            "{format}"
        );
    }
}

#[test]
fn quoted_fields_hold_separators_and_line_ends() {
    let data = "\"a\nb\r\n\",\"\"\r\n\"\",x\"y\"\n\"q\"tail,\" z\"";
    assert_eq!(
        rows(DataFormat::Csv, data, "a:string,b:string"),
        ["a\nb\r\n|", "|x\"y\"", "qtail| z"]
    );
}

#[test]
fn backslashes_escape_in_tsve_alone() {
    let data = "a\\tb\\\\\tc\\\nd\ne\\\tf\tg\\";
    assert_eq!(
        rows(DataFormat::Tsve, data, "a:string,b:string"),
        ["a\tb\\|c\nd", "e\tf|g\\"]
    );
    assert_eq!(
        rows(DataFormat::Tsv, "a\\tb\t\\", "a:string,b:string"),
        ["a\\tb|\\"]
    );
}

#[test]
fn columns_without_a_field_are_null_and_fields_without_a_column_left_out() {
    assert_eq!(
        rows(DataFormat::Csv, "1\n2\n", "a:long,b:long,c:string"),
        ["1||", "2||"]
    );
    let options = DecodeOptions::new(DataFormat::Csv);
    let decoded = decode("1,2\n3,4\n".as_bytes(), &options, &schema("a:long")).expect("it is csv");
    assert_eq!(shown(&decoded), ["1", "3"]);
    let told: Vec<String> = decoded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["line 1: 2 fields and only 1 columns, the fields beyond are left out"],
        "once for all records"
    );
}

#[test]
fn empty_lines_are_no_records_but_an_empty_quoted_field_is_one() {
    assert_eq!(
        rows(DataFormat::Csv, "\n\r\na\n\n\"\"\nb", "a:string"),
        ["a", "", "b"]
    );
}

#[test]
fn a_header_is_left_out_when_told() {
    let options = DecodeOptions::new(DataFormat::Csv).with_ignore_first_record();
    let decoded = decode(
        "\u{FEFF}a,b\n1,2\n".as_bytes(),
        &options,
        &schema("a:long,b:long"),
    );
    assert_eq!(shown(&decoded.expect("the data is right")), ["1|2"]);
    let error =
        decode("a,b\n".as_bytes(), &options, &schema("a:long,b:long")).expect_err("there is only a header");
    assert_eq!(error.code(), Some("BadRequest_NoRecordsOrWrongFormat"));
}

#[test]
fn txt_has_one_column_and_no_empty_lines() {
    assert_eq!(
        rows(DataFormat::Txt, "a,\"b\r\n\n c \nd", "line:string,other:long"),
        ["a,\"b|", " c |", "d|"]
    );
}

#[test]
fn raw_is_one_value() {
    assert_eq!(rows(DataFormat::Raw, "a,\nb\n", "all:string"), ["a,\nb\n"]);
}

#[test]
fn what_cannot_be_ingested_says_so_in_the_words_of_the_service() {
    for (format, data, expect) in [
        (DataFormat::Csv, "", "BadRequest_NoRecordsOrWrongFormat"),
        (DataFormat::Csv, "\n\n", "BadRequest_NoRecordsOrWrongFormat"),
        (DataFormat::Csv, "a,\"b\nc\n", "Stream_ClosingQuoteMissing"),
        (DataFormat::Txt, "\n", "BadRequest_NoRecordsOrWrongFormat"),
        (DataFormat::Raw, "", "BadRequest_NoRecordsOrWrongFormat"),
        (DataFormat::SStream, "S", "BadRequest_FormatNotSupported"),
    ] {
        assert_eq!(
            code(format, data, "a:string,b:string"),
            expect,
            "{format} {data:?}"
        );
    }
}

#[test]
fn the_policy_decides_about_records_of_another_length() {
    use ValidationImplications::{BestEffort, Fail};
    use ValidationOptions::{DoNotValidate, ValidateCsvInputConstantColumns};
    let decoded = |options, implications| {
        let policy = ValidationPolicy {
            options,
            implications,
        };
        let options = DecodeOptions::new(DataFormat::Csv).with_validation_policy(policy);
        decode("1,2\n3\n4,5\n".as_bytes(), &options, &schema("a:long,b:long"))
    };
    let by_default = decode(
        "1,2\n3\n4,5\n".as_bytes(),
        &DecodeOptions::new(DataFormat::Csv),
        &schema("a:long,b:long"),
    );
    assert_eq!(
        shown(&by_default.expect("the documented default leaves bad records out")),
        ["1|2", "4|5"]
    );
    let kept = decoded(DoNotValidate, Fail).expect("nothing is checked");
    assert_eq!(shown(&kept), ["1|2", "3|", "4|5"]);
    let left_out = decoded(ValidateCsvInputConstantColumns, BestEffort).expect("bad records are left out");
    assert_eq!(shown(&left_out), ["1|2", "4|5"]);
    assert_eq!(
        left_out.warnings[0].kind.code(),
        Some("Stream_WrongNumberOfFields")
    );
    assert_eq!(left_out.warnings[0].record, 2);
    let error = decoded(ValidateCsvInputConstantColumns, Fail).expect_err("one bad record fails all");
    assert_eq!(error.code(), Some("Stream_WrongNumberOfFields"));
    assert_eq!(error.kind(), ErrorKind::Data);
    assert!(error.is_permanent());
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[test]
fn values_of_another_type_are_null_with_a_note() {
    let options = DecodeOptions::new(DataFormat::Csv);
    let data = "x,2147483648,yes,nan\n1,2147483647,1,\n";
    let decoded =
        decode(data.as_bytes(), &options, &schema("a:long,b:int,c:bool,d:real")).expect("it is csv");
    assert_eq!(shown(&decoded), ["|||NaN", "1|2147483647|true|"]);
    let warnings: Vec<String> = decoded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "line 1, column \"a\": not of type long, null is stored",
            "line 1, column \"b\": not of type int, null is stored",
            "line 1, column \"c\": not of type bool, null is stored",
        ]
    );
    assert_eq!(decoded.warning_count, 3);
}

#[test]
fn a_number_with_a_fraction_is_null_in_a_column_of_integers() {
    let options = DecodeOptions::new(DataFormat::Csv);
    let decoded = decode(
        "1.5,2.0,3,4\n".as_bytes(),
        &options,
        &schema("a:int,b:long,c:int,d:real"),
    )
    .expect("it is csv");
    assert_eq!(shown(&decoded), ["||3|4.0"]);
    assert_eq!(decoded.warning_count, 2);
}

#[test]
fn digits_beyond_a_double_are_null_and_no_infinity() {
    let options = DecodeOptions::new(DataFormat::Csv);
    let decoded = decode("1e400,-inf\n".as_bytes(), &options, &schema("a:real,b:real")).expect("it is csv");
    assert_eq!(shown(&decoded), ["|-Infinity"]);
    assert_eq!(decoded.warnings[0].column.as_deref(), Some("a"));
}

#[test]
fn case_20_a_header_alone_is_called_that() {
    let options = DecodeOptions::new(DataFormat::Csv).with_ignore_first_record();
    let error =
        decode("id,v\n".as_bytes(), &options, &schema("a:string,b:string")).expect_err("there is no record");
    assert_eq!(error.code(), Some("BadRequest_NoRecordsOrWrongFormat"));
    assert!(
        error.to_string().contains("a header and nothing behind it"),
        "{error}"
    );
}

#[test]
fn what_is_remarked_on_is_told_by_its_line() {
    let options = DecodeOptions::new(DataFormat::Csv).with_ignore_first_record();
    let data = "n,t\n\n1,\"a\nb\"\n\nx,c\n2\n";
    let decoded = decode(data.as_bytes(), &options, &schema("n:long,t:string")).expect("it is csv");
    let places: Vec<_> = decoded
        .warnings
        .iter()
        .map(|warning| (warning.record, warning.line))
        .collect();
    assert_eq!(places, [(3, 6), (4, 7)]);
}

#[test]
fn long_text_is_cut_off_at_a_letter() {
    let data = format!("{}\u{e9}x", "a".repeat((1 << 20) - 1));
    let decoded = decode(
        data.as_bytes(),
        &DecodeOptions::new(DataFormat::Txt),
        &schema("a:string"),
    );
    let decoded = decoded.expect("it is text");
    assert_eq!(decoded.rows[0][0].to_string().len(), (1 << 20) - 1);
    assert_eq!(decoded.warnings[0].kind, WarningKind::StringTruncated);
}

#[test]
fn bytes_that_are_no_text_become_replacement_letters() {
    let decoded = decode(
        &b"a\xFFb,1\n"[..],
        &DecodeOptions::new(DataFormat::Csv),
        &schema("a:string,b:long"),
    );
    assert_eq!(shown(&decoded.expect("it is csv")), ["a\u{FFFD}b|1"]);
}

#[test]
fn web_logs_are_read_by_the_names_of_their_fields() {
    let data = "#Version: 1.0\n#Fields: date time cs(User-Agent) sc-status\n\
        2012-01-01 00:00:01 \"Mo zilla\" 200\n2012-01-01 00:00:02 - -\nbroken line\n";
    let decoded = decode(
        data.as_bytes(),
        &DecodeOptions::new(DataFormat::W3cLogFile),
        &schema("date:datetime,['sc-status']:int,['cs(User-Agent)']:string,absent:long"),
    )
    .expect("it is a web log");
    assert_eq!(
        shown(&decoded),
        [
            "2012-01-01T00:00:00.0000000Z|200|Mo zilla|",
            "2012-01-01T00:00:00.0000000Z|||"
        ]
    );
    assert_eq!(decoded.warnings[0].kind, WarningKind::RecordUnreadable);
}

#[test]
fn a_record_without_end_is_refused_before_it_fills_the_memory() {
    for byte in [b'a', b',', b'"'] {
        let endless = std::io::repeat(byte);
        let error = decode(endless, &DecodeOptions::new(DataFormat::Csv), &schema("a:string"));
        let error = error.expect_err("it never ends");
        assert_eq!(error.code(), Some("Stream_InputStreamTooLarge"));
        assert_eq!(error.kind(), ErrorKind::SizeLimitExceeded);
    }
}

#[test]
fn a_reader_that_fails_is_an_unreadable_source() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the gzip stream is broken"))
        }
    }
    for format in [
        DataFormat::Csv,
        DataFormat::Raw,
        DataFormat::Txt,
        DataFormat::Json,
        DataFormat::MultiJson,
    ] {
        let input = std::io::Read::chain("[{\"a\":1}\n".as_bytes(), Broken);
        let error = decode(input, &DecodeOptions::new(format), &schema("a:string")).expect_err("it breaks");
        assert_eq!(error.kind(), ErrorKind::SourceNotReadable, "{format}");
        assert_eq!(error.code(), Some("BadRequest_InvalidBlob"), "{format}");
    }
}

#[test]
fn dynamic_fields_are_json_or_text() {
    let data = "\"{\"\"a\"\":[1]}\"\nplain\n\nnull\n";
    assert_eq!(
        rows(DataFormat::Csv, data, "d:dynamic"),
        ["{\"a\":[1]}", "\"plain\"", ""]
    );
    let large = format!("[{}1]", "1,".repeat(1 << 19));
    let options = DecodeOptions::new(DataFormat::Psv);
    let decoded = decode(large.as_bytes(), &options, &schema("d:dynamic")).expect("it is one field");
    assert!(decoded.rows[0][0].is_null());
    assert_eq!(decoded.warnings[0].kind, WarningKind::DynamicTooLarge);
}
