//! Reads a JSON object as Kusto's services and clients write it: keys in any case, numbers and booleans also as text.

use kusto_ingest_core::{SourceId, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The fields of a JSON object, found without regard to case. A `null` counts as absent.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The value of a field. The exact spelling wins over others.
    pub(crate) fn value(self, name: &str) -> Option<&'a Value> {
        self.0
            .get(name)
            .or_else(|| {
                let mut others = self.0.iter();
                others
                    .find(|(key, _)| key.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value)
            })
            .filter(|value| !value.is_null())
    }

    /// A text; other values as their JSON.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        self.value(name).map(text_of)
    }

    /// A text that is not blank.
    pub(crate) fn some_text(self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.trim().is_empty())
    }

    /// A whole number, also as text.
    pub(crate) fn number(self, name: &str) -> Option<i64> {
        whole_number(self.value(name)?)
    }

    /// A boolean, also as text in any case or as number.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        flag(self.value(name)?)
    }

    /// A GUID that is not nil.
    pub(crate) fn guid(self, name: &str) -> Option<Uuid> {
        let id = Uuid::parse_str(self.text(name)?.trim()).ok()?;
        Some(id).filter(|id| !id.is_nil())
    }

    /// The identity of a source.
    pub(crate) fn source_id(self, name: &str) -> Option<SourceId> {
        SourceId::from_uuid(self.guid(name)?).ok()
    }

    /// A moment, in any of the spellings that services and clients use.
    pub(crate) fn time(self, name: &str) -> Option<Timestamp> {
        Timestamp::parse(&self.text(name)?).ok()
    }

    /// An object, also as text that holds its JSON.
    pub(crate) fn object(self, name: &str) -> Option<Map<String, Value>> {
        match self.value(name)? {
            Value::Object(object) => Some(object.clone()),
            Value::String(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }
}

/// A JSON value as text: strings without quotes, everything else as JSON.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A whole number, also as text.
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => Some(number.as_i64()? != 0),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
