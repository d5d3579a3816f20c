//! One value of a format whose values have types of their own, such as Parquet.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kusto_ingest_core::{Timespan, Timestamp};
use uuid::Uuid;

use crate::json::{JsonPath, Step, escape_into};
use crate::{Decimal, Value};

/// One value, with everything in it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    not(any(feature = "avro", feature = "parquet")),
    expect(dead_code, reason = "no format has any")
)]
pub(crate) enum Typed<'a> {
    Null,
    Bool(bool),
    /// Integers of every width, with and without a sign.
    Integer(i128),
    Real(f64),
    Decimal(Decimal),
    DateTime(Timestamp),
    Timespan(Timespan),
    Guid(Uuid),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    List(Vec<Self>),
    /// Members in their order; of several of one name, the last counts.
    Object(Vec<(Cow<'a, str>, Self)>),
    /// What is beyond every type of Kusto, such as the year 12000.
    Unrepresentable,
}

impl Typed<'_> {
    /// The value at the end of a path.
    pub(crate) fn at(&self, path: &JsonPath) -> Option<&Self> {
        path.0.iter().try_fold(self, |here, step| match (here, step) {
            (_, Step::Name(name)) => here.member(name),
            (Self::List(items), Step::Place(place)) => items.get(*place),
            _ => None,
        })
    }

    /// The member of an object.
    pub(crate) fn member(&self, wanted: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let mut from_the_end = members.iter().rev();
        from_the_end
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    }

    pub(crate) fn is_nested(&self) -> bool {
        matches!(self, Self::List(_) | Self::Object(_))
    }

    /// A value that is not nested, as text of a delimited format would be; nothing for null.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Bytes(bytes) => text_of(bytes),
            Self::Bool(value) => value.to_string().into(),
            Self::Integer(value) => value.to_string().into(),
            Self::Real(value) => Value::Real(*value).to_string().into(),
            Self::Decimal(value) => value.to_string().into(),
            Self::DateTime(value) => value.to_string().into(),
            Self::Timespan(value) => value.to_string().into(),
            Self::Guid(value) => value.to_string().into(),
            Self::List(_) | Self::Object(_) => self.json().into(),
            Self::Null | Self::Unrepresentable => Cow::Borrowed(""),
        }
    }

    /// The JSON text of the value. What JSON has no number for is text.
    pub(crate) fn json(&self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }

    fn write_json(&self, json: &mut String) {
        match self {
            Self::Null | Self::Unrepresentable => json.push_str("null"),
            Self::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
            // Writing to memory does not fail.
            Self::Integer(value) => drop(write!(json, "{value}")),
            Self::Real(value) if value.is_finite() => drop(write!(json, "{value:?}")),
            Self::Decimal(value) => json.push_str(value.as_str()),
            Self::List(items) => {
                json.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        json.push(',');
                    }
                    item.write_json(json);
                }
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        json.push(',');
                    }
                    escape_into(json, name);
                    json.push(':');
                    value.write_json(json);
                }
                json.push('}');
            }
            Self::Real(_)
            | Self::DateTime(_)
            | Self::Timespan(_)
            | Self::Guid(_)
            | Self::Text(_)
            | Self::Bytes(_) => escape_into(json, &self.text()),
        }
    }

    /// The base64 of bytes, or of a list of numbers that can be bytes.
    pub(crate) fn base64(&self) -> Option<String> {
        match self {
            Self::Bytes(bytes) => Some(STANDARD.encode(bytes)),
            Self::List(items) => {
                let byte = |item: &Self| match item {
                    Self::Integer(number) => u8::try_from(*number).ok(),
                    _ => None,
                };
                let bytes: Option<Vec<u8>> = items.iter().map(byte).collect();
                Some(STANDARD.encode(bytes?))
            }
            _ => None,
        }
    }
}

/// Bytes as text: UTF-8 as it is, and base64 of anything else.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => STANDARD.encode(bytes).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_are_written_as_json_and_found_by_path() {
        let point = |x: i128| Typed::Object(vec![("x".into(), Typed::Integer(x))]);
        let value = Typed::Object(vec![
            ("l".into(), Typed::List(vec![point(1), Typed::Null, point(2)])),
            (
                "r".into(),
                Typed::List(vec![Typed::Real(1.0), Typed::Real(f64::NAN)]),
            ),
            ("t".into(), Typed::Text("a\"\u{1F600}".into())),
            ("b".into(), Typed::Bytes(Cow::Borrowed(&[0xff, 0]))),
            ("d".into(), Typed::Decimal(Decimal::parse("1.50").unwrap())),
        ]);
        let json = "{\"l\":[{\"x\":1},null,{\"x\":2}],\"r\":[1.0,\"NaN\"],\"t\":\"a\\\"\u{1F600}\",\"b\":\"/wA=\",\"d\":1.50}";
        assert_eq!(value.json(), json);
        let at = |path: &str| value.at(&JsonPath::parse(path).unwrap()).map(Typed::json);
        assert_eq!(at("$.l[2].x").as_deref(), Some("2"));
        assert_eq!(at("$").as_deref(), Some(json));
        assert_eq!(at("$.l[3]"), None);
        assert_eq!(at("$.l.x"), None);
    }

    #[test]
    fn bytes_and_lists_of_bytes_have_a_base64() {
        let list = |numbers: &[i128]| Typed::List(numbers.iter().copied().map(Typed::Integer).collect());
        assert_eq!(
            Typed::Bytes(Cow::Borrowed(b"\0\xff")).base64().as_deref(),
            Some("AP8=")
        );
        assert_eq!(list(&[0, 255]).base64().as_deref(), Some("AP8="));
        assert_eq!(list(&[256]).base64(), None);
        assert_eq!(Typed::Integer(7).base64(), None);
    }
}
