//! The part of the message that is a map from text to text: how the data is to be read.

use kusto_ingest_core::{IngestionMapping, IngestionProperties, ValidationPolicy};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::keys::{additional as keys, validation};
use super::{DataFormat, IdentityToken, MessageBody};

/// The prefix of tags that serve to drop what was ingested together.
pub(super) const DROP_BY: &str = "drop-by:";

/// The prefix of tags that serve to ingest only once.
pub(super) const INGEST_BY: &str = "ingest-by:";

/// The part of the message that is a map from text to text. It is made anew for each message, and changes nothing in
/// the caller's properties.
pub(super) struct AdditionalProperties<'a> {
    token: &'a IdentityToken,
    format: DataFormat,
    properties: &'a IngestionProperties,
}

impl<'a> AdditionalProperties<'a> {
    pub(super) fn of(message: &MessageBody<'a>) -> Self {
        Self {
            token: message.token,
            format: message.format,
            properties: message.properties,
        }
    }
}

impl Serialize for AdditionalProperties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let properties = self.properties;
        let flag = |value: Option<bool>| value.map(|value| value.to_string());
        let typed = [
            (keys::TAGS, json_array(&all_tags(properties))),
            (
                keys::INGEST_IF_NOT_EXISTS,
                json_array(&properties.ingest_if_not_exists),
            ),
            (
                keys::MAPPING,
                properties.mapping.as_ref().and_then(IngestionMapping::to_json),
            ),
            (
                keys::MAPPING_REFERENCE,
                properties.mapping.as_ref().and_then(name_of),
            ),
            (
                keys::MAPPING_TYPE,
                properties
                    .mapping
                    .as_ref()
                    .map(|mapping| mapping.kind().to_string()),
            ),
            (keys::VALIDATION_POLICY, properties.validation_policy.map(policy)),
            (keys::IGNORE_FIRST_RECORD, flag(properties.ignore_first_record)),
            (
                keys::CREATION_TIME,
                properties.creation_time.map(|at| at.to_string()),
            ),
            (keys::ZIP_PATTERN, properties.zip_pattern.clone()),
            (keys::EXTEND_SCHEMA, flag(properties.extend_schema)),
            (keys::RECREATE_SCHEMA, flag(properties.recreate_schema)),
        ];
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(keys::TOKEN, self.token.expose())?;
        map.serialize_entry(keys::FORMAT, self.format.wire_name())?;
        for (name, value) in typed {
            if let Some(value) = value {
                map.serialize_entry(name, &value)?;
            }
        }
        for (name, value) in &properties.additional_properties {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The three lists of tags as one, prefixes added.
fn all_tags(properties: &IngestionProperties) -> Vec<String> {
    let drop_by = properties.drop_by_tags.iter().map(|tag| prefixed(DROP_BY, tag));
    let ingest_by = properties
        .ingest_by_tags
        .iter()
        .map(|tag| prefixed(INGEST_BY, tag));
    properties
        .additional_tags
        .iter()
        .cloned()
        .chain(drop_by)
        .chain(ingest_by)
        .collect()
}

/// A tag with its prefix; one that has it already keeps the one it has.
fn prefixed(prefix: &str, tag: &str) -> String {
    if tag.starts_with(prefix) {
        tag.to_owned()
    } else {
        format!("{prefix}{tag}")
    }
}

/// A JSON array as text, as this part of the message holds nothing but text.
fn json_array(items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| Value::from(items).to_string())
}

fn name_of(mapping: &IngestionMapping) -> Option<String> {
    match mapping {
        IngestionMapping::Reference { name, .. } => Some(name.clone()),
        _ => None,
    }
}

fn policy(policy: ValidationPolicy) -> String {
    format!(
        "{{\"{}\":{},\"{}\":{}}}",
        validation::OPTIONS,
        policy.options.number(),
        validation::IMPLICATIONS,
        policy.implications.number()
    )
}
