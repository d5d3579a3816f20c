//! The properties of a request that names blobs.

use kusto_ingest_core::internal::{DROP_BY, INGEST_BY};
use kusto_ingest_core::{
    DataFormat, DatabaseName, IngestionMapping, IngestionProperties, Result, TableName, Timestamp,
    ValidationImplications, ValidationOptions, ValidationPolicy,
};
use serde_json::{Map, Value};

use super::refused;

/// The properties of a request that names blobs.
pub(super) struct WireProperties {
    pub(super) properties: IngestionProperties,
    pub(super) format: DataFormat,
    pub(super) tracking: bool,
    pub(super) deletes: bool,
}

impl WireProperties {
    /// Reads them; what this version does not know is kept under its own name, where it is text.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`](kusto_ingest_core::ErrorKind::Rejected) without a format, or with a property that cannot be
    /// read.
    pub(super) fn read(
        database: &DatabaseName,
        table: &TableName,
        mut written: Map<String, Value>,
    ) -> Result<Self> {
        let mut take = |name: &str| {
            let key = written.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
            key.and_then(|key| written.remove(&key))
                .filter(|value| !value.is_null())
        };
        let format = take("format").ok_or_else(|| refused("BadRequest_NoFormat", "the format is missing"))?;
        let format: DataFormat = text(&format)?.parse()?;
        let mut properties = IngestionProperties::new(database.clone(), table.clone()).with_format(format);
        let kind = format.mapping_kind();
        properties.mapping = match (take("ingestionMapping"), take("ingestionMappingReference")) {
            (Some(_), Some(_)) => {
                return Err(refused(
                    "BadRequest_TwoMappings",
                    "it has two mappings; one is allowed",
                ));
            }
            (Some(inline), None) => Some(IngestionMapping::from_json(kind, text(&inline)?)?),
            (None, Some(name)) => Some(IngestionMapping::reference(kind, text(&name)?)?),
            (None, None) => None,
        };
        texts(take("tags").as_ref())
            .into_iter()
            .for_each(|tag| sort(tag, &mut properties));
        properties.ingest_if_not_exists = texts(take("ingestIfNotExists").as_ref());
        properties.validation_policy = match take("validationPolicy") {
            Some(policy) => Some(validation_policy(&policy)?),
            None => None,
        };
        let flag = |value: Option<Value>| value.and_then(|value| value.as_bool());
        properties.flush_immediately = flag(take("skipBatching")).unwrap_or(false);
        properties.ignore_size_limit = flag(take("ignoreSizeLimit")).unwrap_or(false);
        properties.ignore_first_record = flag(take("ignoreFirstRecord"));
        properties.extend_schema = flag(take("extend_schema"));
        properties.recreate_schema = flag(take("recreate_schema"));
        properties.creation_time = match take("creationTime") {
            Some(at) => Some(Timestamp::parse(text(&at)?)?),
            None => None,
        };
        properties.zip_pattern = take("zipPattern").and_then(|value| value.as_str().map(str::to_owned));
        let (tracking, deletes) = (take("enableTracking"), take("deleteAfterDownload"));
        for (name, value) in written {
            if let Value::String(value) = value {
                properties.additional_properties.push((name, value));
            }
        }
        Ok(Self {
            properties,
            format,
            tracking: flag(tracking).unwrap_or(false),
            deletes: flag(deletes).unwrap_or(false),
        })
    }
}

/// Puts a tag into its list, without the prefix of the list.
fn sort(tag: String, properties: &mut IngestionProperties) {
    match (tag.strip_prefix(DROP_BY), tag.strip_prefix(INGEST_BY)) {
        (Some(tag), _) => properties.drop_by_tags.push(tag.to_owned()),
        (_, Some(tag)) => properties.ingest_by_tags.push(tag.to_owned()),
        (None, None) => properties.additional_tags.push(tag),
    }
}

fn text(value: &Value) -> Result<&str> {
    value
        .as_str()
        .ok_or_else(|| refused("BadRequest_InvalidProperty", "a property is not text"))
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// It is JSON in a text.
fn validation_policy(value: &Value) -> Result<ValidationPolicy> {
    let unread = || {
        refused(
            "BadRequest_InvalidProperty",
            "the validation policy cannot be read",
        )
    };
    let policy: Value = serde_json::from_str(text(value)?).map_err(|_| unread())?;
    let number = |name: &str| policy.get(name).and_then(Value::as_u64);
    Ok(ValidationPolicy {
        options: match number("ValidationOptions") {
            Some(0) => ValidationOptions::DoNotValidate,
            Some(1) => ValidationOptions::ValidateCsvInputConstantColumns,
            Some(2) => ValidationOptions::ValidateCsvInputColumnLevelOnly,
            _ => return Err(unread()),
        },
        implications: match number("ValidationImplications") {
            Some(1) => ValidationImplications::BestEffort,
            _ => ValidationImplications::Fail,
        },
    })
}
