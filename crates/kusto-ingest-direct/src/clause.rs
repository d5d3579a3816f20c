//! The properties of an ingestion as the clause `with ( … )` of a command.

use kusto_ingest_core::{
    DataFormat, Error, ErrorKind, IngestionMapping, IngestionProperties, Result, ValidationPolicy,
};

use crate::quote;

/// The clause: the format always, everything else where it is set.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when a property breaks a rule, or means nothing to these commands.
pub(crate) fn clause(properties: &IngestionProperties, format: DataFormat) -> Result<String> {
    properties.check(format)?;
    refuse_foreign(properties)?;
    let mut pairs = vec![format!("format={}", quote::text(format.wire_name()))];
    for (name, value) in typed(properties) {
        if let Some(value) = value {
            pairs.push(format!("{name}={value}"));
        }
    }
    for (name, value) in &properties.additional_properties {
        pairs.push(format!("{}={}", quote::property_name(name)?, quote::text(value)));
    }
    Ok(format!("with ({})", pairs.join(",")))
}

/// The typed properties by their names in commands, each already written as a literal.
fn typed(properties: &IngestionProperties) -> [(&'static str, Option<String>); 8] {
    let (reference, inline) = match &properties.mapping {
        Some(IngestionMapping::Reference { name, .. }) => (Some(quote::text(name)), None),
        Some(mapping) => (None, mapping.to_json().map(|json| quote::text(&json))),
        None => (None, None),
    };
    let tags = tags(properties);
    let unless = &properties.ingest_if_not_exists;
    let flag = |value| quote::boolean(value).to_owned();
    [
        ("tags", (!tags.is_empty()).then(|| quote::texts(tags))),
        (
            "ingestIfNotExists",
            (!unless.is_empty()).then(|| quote::texts(unless)),
        ),
        ("ingestionMappingReference", reference),
        ("ingestionMapping", inline),
        ("creationTime", properties.creation_time.map(quote::datetime)),
        ("ignoreFirstRecord", properties.ignore_first_record.map(flag)),
        ("validationPolicy", properties.validation_policy.map(policy)),
        ("zipPattern", properties.zip_pattern.as_deref().map(quote::text)),
    ]
}

fn tags(properties: &IngestionProperties) -> Vec<String> {
    let drop_by = properties.drop_by_tags.iter().map(|tag| format!("drop-by:{tag}"));
    let ingest_by = properties
        .ingest_by_tags
        .iter()
        .map(|tag| format!("ingest-by:{tag}"));
    properties
        .additional_tags
        .iter()
        .cloned()
        .chain(drop_by)
        .chain(ingest_by)
        .collect()
}

fn policy(policy: ValidationPolicy) -> String {
    quote::text(&format!(
        "{{\"ValidationOptions\":{},\"ValidationImplications\":{}}}",
        policy.options.number(),
        policy.implications.number()
    ))
}

/// The engine knows these in other commands only, and would leave them unread here.
fn refuse_foreign(properties: &IngestionProperties) -> Result<()> {
    for (name, value) in [
        ("extend_schema", properties.extend_schema),
        ("recreate_schema", properties.recreate_schema),
    ] {
        if value == Some(true) {
            return Err(Error::new(ErrorKind::InvalidInput, "write the ingest command")
                .with("property", name)
                .because("the engine knows it only where a query gives the data"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kusto_ingest_core::{
        ColumnMapping, MappingKind, Timestamp, ValidationImplications, ValidationOptions,
    };

    fn properties() -> IngestionProperties {
        IngestionProperties::into_table("D", "T").unwrap()
    }

    fn check(properties: &IngestionProperties, format: DataFormat, expect: &str) {
        assert_eq!(clause(properties, format).unwrap(), expect);
    }

    #[test]
    fn s03_g3_an_inline_mapping_is_one_literal() {
        let column = ColumnMapping::new("a").with_type("string").with_path("$['x y']");
        let mapping = IngestionMapping::inline(MappingKind::Json, vec![column]).unwrap();
        check(
            &properties().with_mapping(mapping),
            DataFormat::Json,
            r#"with (format=@'json',ingestionMapping=@'[{"Column":"a","DataType":"string","Properties":{"Path":"$[''x y'']"}}]')"#,
        );
    }

    #[test]
    fn s03_g4_a_tag_with_quotes_stays_one_tag() {
        let tagged = properties().with_additional_tags([r#"x","y"#]);
        check(
            &tagged,
            DataFormat::Csv,
            r#"with (format=@'csv',tags=@'["x\",\"y"]')"#,
        );
    }

    #[test]
    fn s03_g5_g7_free_properties_are_escaped_and_their_names_checked() {
        let free = properties().with_property("name", "a\nb");
        check(&free, DataFormat::Csv, r#"with (format=@'csv',name="a\nb")"#);
        let hostile = properties().with_property("a) <| x", "1");
        assert_eq!(
            clause(&hostile, DataFormat::Csv).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }

    #[test]
    fn every_typed_property_is_written() {
        let all = properties()
            .with_additional_tags(["plain"])
            .with_drop_by_tags(["b"])
            .with_ingest_by_tags(["a"])
            .with_ingest_if_not_exists(["a"])
            .with_mapping(IngestionMapping::reference(MappingKind::Csv, "it's").unwrap())
            .with_creation_time(Timestamp::parse("2017-02-13").unwrap())
            .with_keep_first_record()
            .with_validation_policy(ValidationPolicy {
                options: ValidationOptions::ValidateCsvInputConstantColumns,
                implications: ValidationImplications::BestEffort,
            })
            .with_zip_pattern(".*\\.csv");
        check(
            &all,
            DataFormat::Csv,
            concat!(
                r#"with (format=@'csv',tags=@'["plain","drop-by:b","ingest-by:a"]',ingestIfNotExists=@'["a"]',"#,
                r#"ingestionMappingReference=@'it''s',creationTime=@'2017-02-13T00:00:00.0000000Z',"#,
                r#"ignoreFirstRecord=false,validationPolicy=@'{"ValidationOptions":1,"ValidationImplications":1}',"#,
                r#"zipPattern=@'.*\.csv')"#
            ),
        );
    }

    #[test]
    fn what_the_engine_would_leave_unread_is_refused_by_name() {
        let error = clause(&properties().with_extend_schema(true), DataFormat::Csv).unwrap_err();
        assert!(error.to_string().contains("extend_schema"), "{error}");
    }
}
