//! What holds for any data.

use kusto_ingest_core::{ColumnMapping, DataFormat, IngestionMapping, MappingKind, Timespan, Transform};
use kusto_ingest_decode::{DecodeOptions, Header, Sample, ScalarType, Schema, Value, decode, infer};
use proptest::collection::vec;
use proptest::prelude::*;

fn every_type() -> Schema {
    let columns: Vec<String> = ScalarType::all().map(|it| format!("{it}_column:{it}")).collect();
    columns.join(",").parse().expect("names are unique")
}

fn formats() -> impl Strategy<Value = DataFormat> {
    prop::sample::select(DataFormat::all().collect::<Vec<_>>())
}

/// Bytes, or letters that mean something to one of the formats.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let letters = "[\\[\\]{}\",:;|\t\r\n\\\\\u{1}$#\u{FEFF}\u{e9}.eE+0-9a-u -]{0,200}";
    prop_oneof![
        vec(any::<u8>(), 0..200),
        letters.prop_map(String::into_bytes),
        "(\\{\"(a|b|long_column)\":(-?[0-9]{1,25}(\\.[0-9]+)?|\"[^\"]{0,9}\"|\\[1,\\{\\}\\]|null)\\}\n?){0,5}"
            .prop_map(String::into_bytes),
        ("#Fields: (a|b|-|\" )+\n", letters).prop_map(|(head, rest)| (head + &rest).into_bytes()),
    ]
}

fn mapping(kind: MappingKind) -> Option<IngestionMapping> {
    let columns = match kind {
        MappingKind::Csv => vec![
            ColumnMapping::new("datetime_column")
                .with_ordinal(0)
                .with_transform(Transform::DateTimeFromUnixSeconds),
            ColumnMapping::new("long_column").with_transform(Transform::SourceLineNumber),
        ],
        MappingKind::Json => vec![
            ColumnMapping::new("dynamic_column")
                .with_path("$")
                .with_transform(Transform::DropMappedFields),
            ColumnMapping::new("string_column").with_path("$.a[1]"),
            ColumnMapping::new("real_column")
                .with_path("$.b")
                .with_transform(Transform::PropertyBagArrayToDictionary),
        ],
        _ => return None,
    };
    IngestionMapping::inline(kind, columns).ok()
}

proptest! {
    #[test]
    fn no_bytes_make_decoding_panic(data in data(), format in formats(), mapped: bool, header: bool) {
        let mut options = DecodeOptions::new(format);
        options.ignore_first_record = header;
        options.mapping = mapping(format.mapping_kind()).filter(|_| mapped);
        match decode(data.as_slice(), &options, &every_type()) {
            Ok(decoded) => {
                prop_assert!(!decoded.rows.is_empty());
                prop_assert!(decoded.rows.iter().all(|row| row.len() == 10));
                prop_assert!(decoded.rows.iter().all(|row| !row[7].is_null()), "a string is never null");
            }
            Err(error) => prop_assert!(error.code().is_some(), "{error}"),
        }
    }

    #[test]
    fn what_is_inferred_from_all_data_is_read_without_a_note(data in data(), format in formats(), header: bool) {
        let known = if header { Header::Given } else { Header::None };
        if let Ok(inference) = infer(Sample::complete(&data), format, known) {
            let mut options = DecodeOptions::new(format);
            options.ignore_first_record = header && format.mapping_kind() == MappingKind::Csv;
            options.mapping = inference.mapping;
            let warnings = decode(data.as_slice(), &options, &inference.schema).map(|decoded| decoded.warnings);
            let untyped = warnings.iter().flatten().find(|warning| !warning.kind.drops_record());
            prop_assert!(untyped.is_none(), "{} {untyped:?}", inference.schema);
        }
    }

    #[test]
    fn the_start_of_any_data_can_be_looked_at(data in data(), format in formats()) {
        let _ = infer(Sample::truncated(&data), format, Header::Detect);
    }

    #[test]
    fn rows_written_as_csv_come_back(
        rows in vec((any::<i64>(), "\\PC{0,9}[\"',\r\n]{0,3}\\PC{0,9}", any::<f64>(), any::<i64>(), any::<Option<bool>>()), 1..20)
    ) {
        let schema: Schema = "a:long,b:string,c:real,d:timespan,e:bool".parse().expect("it is a schema");
        let rows: Vec<Vec<Value>> = rows
            .into_iter()
            .map(|(long, text, real, ticks, flag)| {
                let span = Value::Timespan(Timespan::from_ticks(ticks));
                let real = if real.is_nan() { Value::Null } else { Value::Real(real) };
                vec![Value::Long(long), Value::String(text), real, span, flag.map_or(Value::Null, Value::Bool)]
            })
            .collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row.iter().map(ToString::to_string)).expect("memory does not fail");
        }
        let data = writer.into_inner().expect("memory does not fail");
        let decoded = decode(data.as_slice(), &DecodeOptions::new(DataFormat::Csv), &schema).expect("it is csv");
        prop_assert_eq!(decoded.rows, rows);
    }

    #[test]
    fn csv_is_taken_apart_as_others_do(text in "[ab\",\n]{0,60}") {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let theirs: Vec<Vec<String>> =
            reader.records().map(|record| record.expect("it is text").iter().map(str::to_owned).collect()).collect();
        let width = theirs.iter().map(Vec::len).max().unwrap_or(1);
        let columns: Vec<String> = (0..width).map(|at| format!("c{at}:string")).collect();
        let schema: Schema = columns.join(",").parse().expect("it is a schema");
        let policy = kusto_ingest_core::ValidationPolicy {
            options: kusto_ingest_core::ValidationOptions::DoNotValidate,
            implications: kusto_ingest_core::ValidationImplications::BestEffort,
        };
        let options = DecodeOptions::new(DataFormat::Csv).with_validation_policy(policy);
        match decode(text.as_bytes(), &options, &schema) {
            Ok(decoded) => {
                let ours = decoded.rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>());
                let padded = theirs.iter().map(|row| {
                    let mut row = row.clone();
                    row.resize(width, String::new());
                    row
                });
                prop_assert_eq!(ours.collect::<Vec<_>>(), padded.collect::<Vec<_>>());
            }
            // A quote that is never closed, or nothing at all: others do not mind.
            Err(error) => prop_assert!(error.code().is_some()),
        }
    }

    #[test]
    fn schemas_come_back(names in vec("\\PC{1,9}", 1..6)) {
        let columns = names.iter().enumerate().map(|(at, name)| {
            kusto_ingest_decode::Column::new(format!("{name}{at}"), ScalarType::Guid)
        });
        if let Ok(schema) = Schema::new(columns.collect()) {
            prop_assert_eq!(schema.to_string().parse::<Schema>().expect("it was written by us"), schema);
        }
    }
}
