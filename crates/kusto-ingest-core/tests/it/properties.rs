//! The rules of properties and mappings, as spec 02 numbers them.

use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{
    ColumnMapping, DataFormat, ErrorKind, IngestionMapping, IngestionProperties, MappingKind, Transform,
};

fn refusal(properties: &IngestionProperties, format: DataFormat) -> String {
    let error = properties.check(format).expect_err("the properties break a rule");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    error.to_string()
}

fn valid(kind: MappingKind, column: ColumnMapping) -> bool {
    IngestionMapping::inline(kind, vec![column]).is_ok()
}

#[test]
fn s02_c11_a_property_given_twice_is_named() {
    let twice = properties()
        .with_zip_pattern("a")
        .with_property("zipPattern", "a");
    assert!(refusal(&twice, DataFormat::Csv).contains("\"zipPattern\""));
}

#[test]
fn s02_c12_the_identity_token_is_never_the_callers() {
    let own = properties().with_property("AUTHORIZATIONCONTEXT", "x");
    assert!(refusal(&own, DataFormat::Csv).contains("AUTHORIZATIONCONTEXT"));
}

#[test]
fn s02_c28_a_mapping_names_the_format_before_the_file_does() {
    let by_reference = IngestionMapping::reference(MappingKind::Json, "m").expect("the name is good");
    assert_eq!(
        properties().with_mapping(by_reference).format_of(Some("x.csv")),
        Some(DataFormat::Json)
    );
    assert_eq!(properties().format_of(Some("x.csv")), Some(DataFormat::Csv));
    assert_eq!(properties().format_of(Some("data.bin")), None);
}

#[test]
fn s02_c29_a_mapping_of_another_kind_is_refused() {
    let csv = IngestionMapping::reference(MappingKind::Csv, "m").expect("the name is good");
    let text = refusal(&properties().with_mapping(csv), DataFormat::Json);
    assert!(
        text.contains("format json needs a mapping of kind Json, this one is of kind Csv"),
        "{text}"
    );
}

#[test]
fn s02_c31_a_column_without_properties_is_refused() {
    for kind in [MappingKind::Json, MappingKind::Avro, MappingKind::Csv] {
        assert!(
            !valid(kind, ColumnMapping::new("test").with_type("int")),
            "{kind}"
        );
    }
}

#[test]
fn s02_c30_a_mapping_is_columns_or_a_name() {
    for missing in [
        IngestionMapping::inline(MappingKind::Csv, Vec::new()),
        IngestionMapping::reference(MappingKind::Csv, ""),
        IngestionMapping::reference(MappingKind::Csv, " "),
        IngestionMapping::from_json(MappingKind::Csv, "[]"),
    ] {
        let error = missing.expect_err("a kind alone is no mapping");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}

#[test]
fn s02_c32_a_path_and_what_the_source_tells_are_one_too_many() {
    let at_path = ColumnMapping::new("a").with_path("$.a");
    assert!(valid(MappingKind::Json, at_path.clone()));
    assert!(!valid(
        MappingKind::Json,
        at_path.with_transform(Transform::SourceLocation)
    ));
}

#[test]
fn s02_c33_what_the_source_tells_needs_no_place_in_it() {
    let line = ColumnMapping::new("a").with_transform(Transform::SourceLineNumber);
    assert!(valid(MappingKind::Json, line));
    let location = ColumnMapping::new("a").with_transform(Transform::SourceLocation);
    let mapping = IngestionMapping::inline(MappingKind::Csv, vec![location]).expect("it is a mapping");
    for format in [DataFormat::Csv, DataFormat::Tsv, DataFormat::Scsv] {
        let mapped = properties().with_mapping(mapping.clone());
        assert!(mapped.check(format).is_ok(), "{format}");
    }
}

#[test]
fn s02_c34_what_transforms_a_value_needs_its_place() {
    let transformed = ColumnMapping::new("a").with_transform(Transform::DateTimeFromUnixSeconds);
    assert!(!valid(MappingKind::Json, transformed.clone()));
    assert!(valid(MappingKind::Json, transformed.with_path("$.a")));
}

/// The JSON of a mapping with these columns.
fn json(kind: MappingKind, columns: Vec<ColumnMapping>) -> String {
    let mapping = IngestionMapping::inline(kind, columns).expect("the columns are good");
    mapping.to_json().expect("it has columns")
}

#[test]
fn s02_c35_the_first_ordinal_is_written_as_text() {
    assert_eq!(
        json(MappingKind::Csv, vec![ColumnMapping::new("a").with_ordinal(0)]),
        r#"[{"Column":"a","Properties":{"Ordinal":"0"}}]"#
    );
}

#[test]
fn s02_c36_path_type_and_transform_are_written_as_kusto_reads_them() {
    let at = ColumnMapping::new("a")
        .with_type("datetime")
        .with_path("$.a")
        .with_transform(Transform::DateTimeFromUnixSeconds);
    assert_eq!(
        json(MappingKind::Json, vec![at]),
        r#"[{"Column":"a","DataType":"datetime","Properties":{"Path":"$.a","Transform":"DateTimeFromUnixSeconds"}}]"#
    );
}

#[test]
fn s02_c37_fields_and_constants_are_written_as_kusto_reads_them() {
    let constant = ColumnMapping::new("b")
        .with_type("int")
        .with_constant("const_value2");
    assert_eq!(
        json(
            MappingKind::W3cLogFile,
            vec![ColumnMapping::new("a").with_field("a"), constant]
        ),
        r#"[{"Column":"a","Properties":{"Field":"a"}},{"Column":"b","DataType":"int","Properties":{"ConstValue":"const_value2"}}]"#
    );
}

#[test]
fn s02_c38_c39_kinds_are_written_in_their_own_case() {
    assert_eq!(MappingKind::Orc.to_string(), "Orc");
    assert_eq!(DataFormat::ApacheAvro.to_string(), "apacheavro");
    assert_eq!(DataFormat::ApacheAvro.mapping_kind().to_string(), "ApacheAvro");
}

#[test]
fn s02_c40_a_path_and_a_field_are_one_too_many() {
    assert!(!valid(
        MappingKind::Avro,
        ColumnMapping::new("a").with_path("$.a").with_field("a")
    ));
}

#[test]
fn s02_c41_raw_has_one_field() {
    let second = IngestionMapping::inline(MappingKind::Csv, vec![ColumnMapping::new("a").with_ordinal(1)]);
    let raw = properties().with_mapping(second.expect("a csv mapping may say so"));
    assert!(raw.check(DataFormat::Csv).is_ok());
    assert!(refusal(&raw, DataFormat::Raw).contains("ordinal 0"));
}

#[test]
fn s02_c42_all_violations_are_told_at_once() {
    let columns = vec![
        ColumnMapping::new(" "),
        ColumnMapping::new("a").with_ordinal(0),
        ColumnMapping::new("a").with_ordinal(1),
    ];
    let text = IngestionMapping::inline(MappingKind::Csv, columns)
        .expect_err("two rules are broken")
        .to_string();
    assert!(
        text.contains("no name") && text.contains("mapped twice"),
        "{text}"
    );
    assert!(IngestionMapping::inline(MappingKind::Csv, Vec::new()).is_err());
}

#[test]
fn mappings_are_read_in_every_clients_spelling() {
    for json in [
        r#"[{"Column":"a","DataType":"int","Properties":{"Path":"$.a"}}]"#,
        r#"[{"column":"a","datatype":"int","Properties":{"path":"$.a"}}]"#,
        r#"[{"columnName":"a","columnType":"int","properties":{"Path":"$.a"}}]"#,
        r#"[{"column":"a","path":"$.a","datatype":"int"}]"#,
    ] {
        let read = IngestionMapping::from_json(MappingKind::Json, json).expect(json);
        assert_eq!(
            read.to_json().as_deref(),
            Some(r#"[{"Column":"a","DataType":"int","Properties":{"Path":"$.a"}}]"#),
            "{json}"
        );
    }
    for json in ["", "{}", "[1]", r#"[{"Properties":{"Path":"$.a"}}]"#] {
        assert!(
            IngestionMapping::from_json(MappingKind::Json, json).is_err(),
            "{json}"
        );
    }
}
