//! Names, tags and values of any letters survive rendering and come back from Kusto.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_endpoint::{ManagementEndpoint, RequestProperties};
use kusto_fake::testing::kusto;
use kusto_ingest_core::{
    ColumnMapping, DataFormat, IngestClient, IngestionMapping, IngestionProperties, LocalSource, MappingKind,
    TableName,
};
use kusto_ingest_direct::DirectIngestClient;
use proptest::prelude::*;

/// A name in brackets, as another client would write it.
fn bracketed(name: &str) -> String {
    format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Names without control characters that are taken, letters that mean something often among them. Blank ones are
/// refused, and those that look like a secret.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[^\\p{Cc}]{1,24}", "[\\\\'\"\\[\\](){}<>|@h;,/ a]{1,16}"]
        .prop_filter("a name that is taken", |name| TableName::parse(name).is_ok())
}

/// Any text at all but NUL.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\\\'\"\\[\\](){}<>|@h;,/ \r\n\ta\u{2028}\u{85}]{1,16}"
    ]
    .prop_map(|text| text.replace('\0', ""))
    .prop_filter("a tag is not blank", |text| !text.trim().is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_name_and_tag_comes_back(
        database in name(),
        table in name(),
        column in name(),
        mapping in name(),
        tag in text(),
        constant in text(),
    ) {
        let (kusto, clock) = kusto();
        let client = DirectIngestClient::new(Arc::new(kusto.clone()), Arc::new(clock));
        let properties = IngestionProperties::into_table(database.as_str(), table.as_str())
            .expect("names")
            .with_format(DataFormat::Csv)
            .with_additional_tags([tag.as_str()])
            .with_ingest_by_tags([tag.as_str()]);
        kusto.create_database(&properties.database);
        let other = format!("{column}_");
        let columns = format!("{}:string, {}:string", bracketed(&column), bracketed(&other));
        let inline = IngestionMapping::inline(
            MappingKind::Csv,
            vec![ColumnMapping::new(column.as_str()).with_ordinal(0), ColumnMapping::new(&other).with_constant(&constant)],
        )
        .expect("a mapping");
        let json = inline.to_json().expect("it is written out");
        for command in [
            format!(".create table {} ({columns})", bracketed(&table)),
            format!(
                ".create table {} ingestion csv mapping {} {}",
                bracketed(&table),
                bracketed(&mapping),
                bracketed(&json).trim_matches(['[', ']'])
            ),
        ] {
            block_on(kusto.execute(&properties.database, &command, &RequestProperties::new())).expect("created");
        }
        let reference = IngestionMapping::reference(MappingKind::Csv, mapping.as_str()).expect("a name");
        for mapping in [inline, reference] {
            let mapped = properties.clone().with_mapping(mapping);
            block_on(client.ingest_source(LocalSource::from_bytes("value\n").into(), &mapped)).expect("loaded");
        }
        let rows = kusto.rows(&properties.database, &properties.table);
        prop_assert_eq!(rows.len(), 2);
        for row in rows {
            let row: Vec<_> = row.iter().map(|value| value.to_json()).collect();
            prop_assert_eq!(row, [serde_json::json!("value"), serde_json::json!(constant.clone())]);
        }
        let tags = [tag.clone(), format!("ingest-by:{tag}")];
        for extent in kusto.extents(&properties.database, &properties.table) {
            // A tag that begins as the other kinds do is one of them.
            prop_assert!(extent.tags.iter().all(|found| tags.contains(found)), "{:?}", extent.tags);
            prop_assert_eq!(extent.tags.len(), 2);
        }
    }
}
