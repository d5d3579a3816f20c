//! How the data of a message is to be read: the typed form of its map from text to text.

use kusto_ingest_core::internal::{DROP_BY, INGEST_BY};
use kusto_ingest_core::{
    DataFormat, Error, IngestionMapping, IngestionProperties, MappingKind, Result, ValidationImplications,
    ValidationOptions, ValidationPolicy,
};
use serde_json::{Map, Value};

use super::{DecodedMessage, refused};
use crate::IngestionErrorCode;
use crate::fields::{Fields, text_of};
use crate::message::keys::{additional as keys, validation};

impl DecodedMessage {
    /// Where the data goes and how it is to be read.
    ///
    /// Tags are sorted into their three lists, without prefix; what this version does not know is kept under its own
    /// name. The format is absent when the message does not name one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) with the service's code for a missing
    /// name, an unknown format, a broken or doubled mapping, or a property whose value cannot be read.
    pub fn properties(&self) -> Result<IngestionProperties> {
        let fields = Fields(&self.additional);
        let mut properties = IngestionProperties::new(self.database_name()?, self.table_name()?);
        properties.format = format(fields)?;
        properties.mapping = mapping(fields, properties.format)?;
        for tag in texts(fields, keys::TAGS) {
            if let Some(tag) = tag.strip_prefix(DROP_BY) {
                properties.drop_by_tags.push(tag.to_owned());
            } else if let Some(tag) = tag.strip_prefix(INGEST_BY) {
                properties.ingest_by_tags.push(tag.to_owned());
            } else {
                properties.additional_tags.push(tag);
            }
        }
        properties.ingest_if_not_exists = texts(fields, keys::INGEST_IF_NOT_EXISTS);
        properties.validation_policy = fields
            .object(keys::VALIDATION_POLICY)
            .or_else(|| self.validation_policy.clone())
            .map(|policy| validation_policy(&policy));
        properties.ignore_first_record = flag(fields, keys::IGNORE_FIRST_RECORD)?;
        properties.extend_schema = flag(fields, keys::EXTEND_SCHEMA)?;
        properties.recreate_schema = flag(fields, keys::RECREATE_SCHEMA)?;
        properties.zip_pattern = fields.some_text(keys::ZIP_PATTERN);
        properties.creation_time = match fields.some_text(keys::CREATION_TIME) {
            Some(_) => Some(
                fields
                    .time(keys::CREATION_TIME)
                    .ok_or_else(|| malformed(keys::CREATION_TIME))?,
            ),
            None => None,
        };
        properties.flush_immediately = self.flush_immediately;
        properties.ignore_size_limit = self.ignore_size_limit;
        properties.report_level = self.report_level;
        properties.report_method = self.report_method;
        properties.additional_properties = self.unknown();
        Ok(properties)
    }

    /// What this version knows no typed form for.
    fn unknown(&self) -> Vec<(String, String)> {
        self.additional
            .iter()
            .filter(|(name, value)| {
                !value.is_null() && !keys::ALL.iter().any(|known| known.eq_ignore_ascii_case(name))
            })
            .map(|(name, value)| (name.clone(), text_of(value)))
            .collect()
    }
}

fn format(fields: Fields<'_>) -> Result<Option<DataFormat>> {
    fields
        .some_text(keys::FORMAT)
        .map(|name| name.parse())
        .transpose()
        .map_err(|error: Error| refused(&IngestionErrorCode::BadRequestFormatNotSupported).caused_by(error))
}

/// The mapping, written out or by reference. Its kind is what the message says, else what the format needs.
fn mapping(fields: Fields<'_>, format: Option<DataFormat>) -> Result<Option<IngestionMapping>> {
    let broken = |error: Error| refused(&IngestionErrorCode::BadRequestInvalidMapping).caused_by(error);
    let kind = match fields.some_text(keys::MAPPING_TYPE) {
        Some(name) => name.parse().map_err(broken)?,
        None => format.map_or(MappingKind::Csv, DataFormat::mapping_kind),
    };
    match (
        fields.some_text(keys::MAPPING),
        fields.some_text(keys::MAPPING_REFERENCE),
    ) {
        (Some(_), Some(_)) => Err(refused(&IngestionErrorCode::BadRequestDuplicateMapping)
            .because("it holds a mapping and names another")),
        (Some(json), None) => IngestionMapping::from_json(kind, &json).map(Some).map_err(broken),
        (None, Some(name)) => IngestionMapping::reference(kind, name).map(Some).map_err(broken),
        (None, None) => Ok(None),
    }
}

/// A list of texts: a JSON array, the text of one, or a single text.
fn texts(fields: Fields<'_>, name: &str) -> Vec<String> {
    let list = match fields.value(name) {
        None => return Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(Value::String(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| vec![Value::from(text.as_str())])
        }
        Some(other) => vec![other.clone()],
    };
    list.iter()
        .map(text_of)
        .filter(|text| !text.trim().is_empty())
        .collect()
}

fn flag(fields: Fields<'_>, name: &'static str) -> Result<Option<bool>> {
    match fields.some_text(name) {
        Some(_) => fields.flag(name).map(Some).ok_or_else(|| malformed(name)),
        None => Ok(None),
    }
}

fn malformed(name: &'static str) -> Error {
    refused(&IngestionErrorCode::BadRequestMalformedIngestionProperty)
        .because("a property has a value that cannot be read")
        .with("property", name)
}

/// Numbers or names; what is not said is as the service has it by default.
fn validation_policy(policy: &Map<String, Value>) -> ValidationPolicy {
    let fields = Fields(policy);
    let text = |name| fields.text(name).unwrap_or_default().to_ascii_lowercase();
    let implications = match text(validation::IMPLICATIONS) {
        said if said.is_empty() => text(validation::POLICY_TYPE),
        said => said,
    };
    ValidationPolicy {
        options: match text(validation::OPTIONS).as_str() {
            "0" | "donotvalidate" => ValidationOptions::DoNotValidate,
            "2" | "validatecsvinputcolumnlevelonly" => ValidationOptions::ValidateCsvInputColumnLevelOnly,
            _ => ValidationOptions::ValidateCsvInputConstantColumns,
        },
        implications: match implications.as_str() {
            "0" | "fail" => ValidationImplications::Fail,
            _ => ValidationImplications::BestEffort,
        },
    }
}
