//! One column of a mapping: where its value comes from, and what is done to it.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::{Error, ErrorKind, MappingKind, Result};

/// What is done to a value before it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Transform {
    /// An array of property bags becomes one bag with the members of all.
    PropertyBagArrayToDictionary,
    /// The path of the source, without its SAS.
    SourceLocation,
    /// The number of the line or record in the source.
    SourceLineNumber,
    /// A number of seconds since 1970 becomes a datetime.
    DateTimeFromUnixSeconds,
    /// A number of milliseconds since 1970 becomes a datetime.
    DateTimeFromUnixMilliseconds,
    /// A number of microseconds since 1970 becomes a datetime.
    DateTimeFromUnixMicroseconds,
    /// A number of nanoseconds since 1970 becomes a datetime.
    DateTimeFromUnixNanoseconds,
    /// An object without the fields that other columns take.
    DropMappedFields,
    /// Bytes as base64 text.
    BytesAsBase64,
    /// A transformation that this version does not know, passed through by name.
    Other(String),
}

impl Transform {
    const KNOWN: &'static [(Self, &'static str)] = &[
        (Self::PropertyBagArrayToDictionary, "PropertyBagArrayToDictionary"),
        (Self::SourceLocation, "SourceLocation"),
        (Self::SourceLineNumber, "SourceLineNumber"),
        (Self::DateTimeFromUnixSeconds, "DateTimeFromUnixSeconds"),
        (Self::DateTimeFromUnixMilliseconds, "DateTimeFromUnixMilliseconds"),
        (Self::DateTimeFromUnixMicroseconds, "DateTimeFromUnixMicroseconds"),
        (Self::DateTimeFromUnixNanoseconds, "DateTimeFromUnixNanoseconds"),
        (Self::DropMappedFields, "DropMappedFields"),
        (Self::BytesAsBase64, "BytesAsBase64"),
    ];

    /// Every transformation that this version knows.
    #[must_use]
    pub fn known() -> impl ExactSizeIterator<Item = Self> {
        Self::KNOWN.iter().map(|(transform, _)| transform.clone())
    }

    /// Reads a name in any case; an unknown one is kept as it is.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::KNOWN
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name))
            .map_or_else(
                || Self::Other(name.to_owned()),
                |(transform, _)| transform.clone(),
            )
    }

    /// The name that goes over the wire.
    #[must_use]
    pub fn wire_name(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => Self::KNOWN
                .iter()
                .find(|(transform, _)| transform == known)
                .map_or("", |(_, name)| name),
        }
    }

    /// Whether its value does not depend on the record's fields, so that it must stand without a location.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        matches!(self, Self::SourceLocation | Self::SourceLineNumber)
    }
}

/// One column of a mapping.
///
/// ```
/// use kusto_ingest_core::{ColumnMapping, Transform};
///
/// let at = ColumnMapping::new("at").with_type("datetime").with_path("$.ts").with_transform(Transform::DateTimeFromUnixSeconds);
/// let host = ColumnMapping::new("host").with_ordinal(3);
/// let batch = ColumnMapping::new("batch").with_constant("b-7");
/// # let _ = (at, host, batch);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnMapping {
    /// The column of the table.
    pub column: String,
    /// Its Kusto type, needed where the column may have to be created.
    pub data_type: Option<String>,
    /// JSONPath of the value, in formats of objects.
    pub path: Option<String>,
    /// Name of the field, in formats of named fields.
    pub field: Option<String>,
    /// Place of the field from zero, in delimited formats.
    pub ordinal: Option<u32>,
    /// The same value for every record.
    pub const_value: Option<String>,
    /// What is done to the value.
    pub transform: Option<Transform>,
}

impl ColumnMapping {
    /// A column that still needs to be told where its value comes from.
    #[must_use]
    pub fn new(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            data_type: None,
            path: None,
            field: None,
            ordinal: None,
            const_value: None,
            transform: None,
        }
    }

    /// Names the column's Kusto type, such as `datetime`.
    #[must_use]
    pub fn with_type(self, data_type: impl Into<String>) -> Self {
        Self {
            data_type: Some(data_type.into()),
            ..self
        }
    }

    /// Takes the value at a JSONPath.
    #[must_use]
    pub fn with_path(self, path: impl Into<String>) -> Self {
        Self {
            path: Some(path.into()),
            ..self
        }
    }

    /// Takes the value of a named field.
    #[must_use]
    pub fn with_field(self, field: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            ..self
        }
    }

    /// Takes the value at a place, counted from zero.
    #[must_use]
    pub fn with_ordinal(self, ordinal: u32) -> Self {
        Self {
            ordinal: Some(ordinal),
            ..self
        }
    }

    /// Takes the same value for every record.
    #[must_use]
    pub fn with_constant(self, value: impl Into<String>) -> Self {
        Self {
            const_value: Some(value.into()),
            ..self
        }
    }

    /// Transforms the value.
    #[must_use]
    pub fn with_transform(self, transform: Transform) -> Self {
        Self {
            transform: Some(transform),
            ..self
        }
    }

    /// The first rule of its kind that this column breaks.
    pub(super) fn violation(&self, kind: MappingKind) -> Option<String> {
        let column = &self.column;
        let says = |why: &str| Some(format!("column {column:?} {why}"));
        if column.trim().is_empty() {
            return Some("a column has no name".to_owned());
        }
        let (path, field, ordinal) = (self.path.is_some(), self.field.is_some(), self.ordinal.is_some());
        let (allows_path, allows_field, allows_ordinal) = match kind {
            MappingKind::Csv => (false, false, true),
            MappingKind::Json => (true, false, false),
            MappingKind::W3cLogFile => (false, true, false),
            MappingKind::Avro
            | MappingKind::ApacheAvro
            | MappingKind::Parquet
            | MappingKind::Orc
            | MappingKind::SStream => (true, true, false),
        };
        if (path && !allows_path) || (field && !allows_field) || (ordinal && !allows_ordinal) {
            return says(&format!(
                "has a location that a mapping of kind {kind} does not know"
            ));
        }
        if path && field {
            return says("has both a path and a field");
        }
        let located = path || field || ordinal;
        let constant = self.const_value.is_some();
        match &self.transform {
            Some(transform) if transform.is_constant() && (located || constant) => says(&format!(
                "must have no location beside the transformation {}",
                transform.wire_name()
            )),
            Some(transform) if !transform.is_constant() && !located => says(&format!(
                "needs a location for the transformation {}",
                transform.wire_name()
            )),
            None if !located && !constant => says("is told no location, constant or transformation"),
            _ if located && constant => says("has both a location and a constant"),
            _ => None,
        }
    }

    /// Its JSON object, compact, absent keys left out, in a fixed order.
    pub(super) fn to_json(&self) -> String {
        let mut text = format!("{{\"Column\":{}", Value::from(self.column.as_str()));
        if let Some(data_type) = &self.data_type {
            let _ = write!(text, ",\"DataType\":{}", Value::from(data_type.as_str()));
        }
        let properties = [
            ("Path", self.path.clone()),
            ("Field", self.field.clone()),
            ("Ordinal", self.ordinal.map(|place| place.to_string())),
            ("ConstValue", self.const_value.clone()),
            (
                "Transform",
                self.transform
                    .as_ref()
                    .map(|transform| transform.wire_name().to_owned()),
            ),
        ];
        let properties: Vec<String> = properties
            .into_iter()
            .filter_map(|(name, value)| Some(format!("\"{name}\":{}", Value::from(value?))))
            .collect();
        let _ = write!(text, ",\"Properties\":{{{}}}}}", properties.join(","));
        text
    }

    /// Reads a column in any client's spelling.
    pub(super) fn from_json(value: &Value) -> Result<Self> {
        let refuse = |why: &'static str| {
            Error::new(ErrorKind::InvalidInput, "read a column of the mapping").because(why)
        };
        let Value::Object(object) = value else {
            return Err(refuse("it is not a JSON object"));
        };
        let nested = find(object, &["properties"]).and_then(Value::as_object);
        let property = |names: &[&str]| {
            let value = nested
                .and_then(|inner| find(inner, names))
                .or_else(|| find(object, names))?;
            text_of(value).filter(|text| !text.is_empty())
        };
        let mut column = Self::new(
            find(object, &["column", "columnname", "name"])
                .and_then(text_of)
                .ok_or_else(|| refuse("it has no column name"))?,
        );
        column.data_type = find(object, &["datatype", "columntype", "csvdatatype", "csldatatype"])
            .and_then(text_of)
            .filter(|t| !t.is_empty());
        column.path = property(&["path", "jsonpath"]);
        column.field = property(&["field", "fieldname"]);
        column.const_value = property(&["constvalue"]);
        column.transform = property(&["transform"])
            .filter(|name| name != "None")
            .map(|name| Transform::from_name(&name));
        column.ordinal = property(&["ordinal"])
            .map(|text| {
                text.parse()
                    .map_err(|_| refuse("its ordinal is not a number from zero"))
            })
            .transpose()?;
        Ok(column)
    }
}

/// The value under one of the names, compared without case.
fn find<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    object
        .iter()
        .find(|(key, _)| names.iter().any(|name| name.eq_ignore_ascii_case(key)))
        .map(|(_, value)| value)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
