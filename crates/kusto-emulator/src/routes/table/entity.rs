//! Entities as the table service writes and takes them.

use bytes::Bytes;
use kusto_fake::StoredEntity;
use kusto_ingest_core::{Error, Result};
use kusto_storage::EntityKey;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::{PARTITION, ROW, TIMESTAMP};
use crate::answer::refusal;
use crate::request_head::RequestHead;

const ANNOTATION: &str = "@odata.type";

/// Types that a value tells by itself: the service does not annotate them.
const TOLD_BY_VALUE: [&str; 3] = ["Edm.String", "Edm.Boolean", "Edm.Int32"];

/// The most properties of an entity, its key and time not counted.
const MOST_PROPERTIES: usize = 252;

/// The longest name of a property, in characters.
const LONGEST_NAME: usize = 255;

/// The largest value, and the largest part of a key, in bytes of UTF-16.
const LARGEST_VALUE: usize = 64 * 1024;
const LARGEST_KEY: usize = 1024;

/// The members of a document, in the order in which they are written: there are clients that take an annotation for that
/// of whatever comes next.
pub(super) struct JsonObject(Vec<(String, Value)>);

impl JsonObject {
    /// What a document says first of itself.
    pub(super) fn about(what: Option<String>) -> Self {
        let named = what.map(|what| ("odata.metadata".to_owned(), Value::from(what)));
        Self(named.into_iter().collect())
    }

    pub(super) fn with(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// An entity as the client wants it: all properties or some, with or without what the service says about them.
pub(super) fn shown(asked: &RequestHead, stored: &StoredEntity) -> JsonObject {
    let is_plain = is_plain(asked);
    let selected: Vec<&str> = asked
        .parameter("$select")
        .filter(|names| !names.trim().is_empty() && *names != "*")
        .map_or_else(Vec::new, |names| names.split(',').map(str::trim).collect());
    let is_wanted = |name: &str| selected.is_empty() || selected.contains(&name);
    let mut members = Vec::new();
    if !is_plain {
        members.push(("odata.etag".to_owned(), stored.etag.clone().into()));
    }
    let key = &stored.entity.key;
    let system = [
        (PARTITION, key.partition.clone()),
        (ROW, key.row.clone()),
        (TIMESTAMP, stored.timestamp.to_string()),
    ];
    let system = system.into_iter().filter(|(name, _)| is_wanted(name));
    members.extend(system.map(|(name, text)| (name.to_owned(), Value::from(text))));
    let properties = &stored.entity.properties;
    for (name, value) in properties
        .iter()
        .filter(|(name, _)| !name.contains('@') && is_wanted(name))
    {
        let annotated = format!("{name}{ANNOTATION}");
        let kind = properties.get(&annotated).filter(|_| !is_plain);
        let kind = kind.filter(|kind| kind.as_str().is_some_and(|kind| !TOLD_BY_VALUE.contains(&kind)));
        members.extend(kind.map(|kind| (annotated, kind.clone())));
        members.push((name.clone(), value.clone()));
    }
    JsonObject(members)
}

/// Whether the client wants values alone.
pub(super) fn is_plain(asked: &RequestHead) -> bool {
    asked
        .header("accept")
        .is_some_and(|accept| accept.contains("nometadata"))
}

/// Reads the properties in a body.
///
/// # Errors
/// `InvalidInput`, and those of [`check`].
pub(super) fn properties(body: &Bytes) -> Result<Map<String, Value>> {
    let properties: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|_| refusal(400, "InvalidInput", "the body is not an entity in JSON"))?;
    check(&properties)?;
    Ok(properties)
}

/// The properties that are the client's to set: the key stands in the address, and the service writes the time.
pub(super) fn own(mut properties: Map<String, Value>) -> Map<String, Value> {
    properties.retain(|name, _| {
        let property = name.strip_suffix(ANNOTATION).unwrap_or(name);
        !matches!(property, PARTITION | ROW | TIMESTAMP) && !name.starts_with("odata.")
    });
    properties
}

/// Checks that a table can hold these properties.
fn check(properties: &Map<String, Value>) -> Result<()> {
    let names = properties.keys().filter(|name| !name.contains("odata."));
    if names.clone().count() > MOST_PROPERTIES + 3 {
        return Err(refusal(
            400,
            "TooManyProperties",
            "an entity has 252 properties at most",
        ));
    }
    for name in names {
        if name.chars().count() > LONGEST_NAME {
            let why = "the name of a property has 255 characters at most";
            return Err(refusal(400, "PropertyNameTooLong", why));
        }
        if name
            .chars()
            .any(|letter| letter.is_control() || letter.is_whitespace() || "-@".contains(letter))
        {
            return Err(refusal(
                400,
                "PropertyNameInvalid",
                "the name of a property is not an identifier",
            ));
        }
    }
    for value in properties.values() {
        match value {
            Value::String(text) if utf16(text) > LARGEST_VALUE => {
                return Err(refusal(
                    400,
                    "PropertyValueTooLarge",
                    "a value has 64 KiB at most",
                ));
            }
            Value::Array(_) | Value::Object(_) => {
                return Err(refusal(
                    400,
                    "InvalidInput",
                    "a value is not a string, number or boolean",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks that a table can hold an entity of this key.
///
/// # Errors
/// `KeyValueTooLarge`; `OutOfRangeInput` for what keys must not hold.
pub(super) fn check_key(key: &EntityKey) -> Result<()> {
    let parts = [&key.partition, &key.row];
    if parts.iter().any(|part| utf16(part) > LARGEST_KEY) {
        return Err(refusal(
            400,
            "KeyValueTooLarge",
            "a part of a key has 1 KiB at most",
        ));
    }
    let is_refused = |letter: char| letter.is_control() || "/\\#?".contains(letter);
    match parts.iter().any(|part| part.contains(is_refused)) {
        true => Err(out_of_range()),
        false => Ok(()),
    }
}

fn out_of_range() -> Error {
    let why = "a key holds a slash, backslash, number sign, question mark or control character";
    refusal(400, "OutOfRangeInput", why)
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count() * 2
}
