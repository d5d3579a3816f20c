//! The part of the message that is a map from text to text: how the data is to be read.

use kusto_ingest_core::{IngestionMapping, IngestionProperties, ValidationPolicy};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::keys::additional as keys;
use super::{DataFormat, IdentityToken, MessageBody};

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
            (keys::TAGS, json_array(&properties.tags())),
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
            (
                keys::VALIDATION_POLICY,
                properties.validation_policy.map(ValidationPolicy::to_json),
            ),
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
