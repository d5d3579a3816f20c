//! How one column takes its value from a record, and converts it.

use std::borrow::Cow;

#[cfg(any(feature = "orc", feature = "parquet"))]
use crate::json::Step;
use crate::json::{JsonPath, merged, without};
use crate::record::{Casts, Record, Typed};
use crate::value::{Reading, cast, not_of, read_json, read_text, with_ticks};
use crate::{Column, DecodedValue, ScalarType, Value, WarningKind};

/// A value of a string or dynamic column has at most so many bytes.
const LARGEST_VALUE: usize = 1 << 20;

/// How one column takes its value from a record, and converts it.
pub(crate) struct ColumnPlan<'a> {
    pub(crate) column: &'a Column,
    take: ColumnSource,
    change: Conversion,
}

/// The source of a column's value.
pub(super) enum ColumnSource {
    Nothing,
    Constant(Value),
    Field(usize),
    Named(String),
    Path(JsonPath),
    RecordNumber,
}

/// The conversion of a value.
pub(super) enum Conversion {
    None,
    FromUnix(UnixUnit),
    MergeBags,
    Drop(Vec<JsonPath>),
    Base64,
}

/// The unit of a number since 1970.
#[derive(Clone, Copy)]
pub(super) enum UnixUnit {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

/// The top-level field that a column takes its value from.
#[cfg(any(feature = "orc", feature = "parquet"))]
pub(super) enum Root<'a> {
    None,
    Field(&'a str),
    All,
}

/// The value that a record has for a column.
enum FieldValue<'r> {
    Nothing,
    Text(Cow<'r, str>),
    Json(Cow<'r, str>),
    Typed(&'r Typed<'r>, Casts),
}

impl<'a> ColumnPlan<'a> {
    pub(super) fn new(column: &'a Column, take: ColumnSource) -> Self {
        Self {
            column,
            take,
            change: Conversion::None,
        }
    }

    pub(super) fn with_change(self, change: Conversion) -> Self {
        Self { change, ..self }
    }

    /// The top-level field that it takes its value from.
    #[cfg(any(feature = "orc", feature = "parquet"))]
    pub(super) fn root(&self) -> Root<'_> {
        match &self.take {
            ColumnSource::Named(name) => Root::Field(name),
            ColumnSource::Path(path) => match path.0.first() {
                Some(Step::Name(name)) => Root::Field(name),
                _ => Root::All,
            },
            ColumnSource::Nothing
            | ColumnSource::Constant(_)
            | ColumnSource::Field(_)
            | ColumnSource::RecordNumber => Root::None,
        }
    }

    /// The column's value of a record, and a warning about it.
    pub(crate) fn value<'r>(&'r self, record: &'r Record<'_>, number: u64) -> Reading<'r> {
        let wanted = self.column.scalar_type;
        let taken = match &self.take {
            ColumnSource::Constant(Value::String(text)) => return (DecodedValue::String(text.into()), None),
            ColumnSource::Constant(value) => return (DecodedValue::Other(value.clone()), None),
            ColumnSource::RecordNumber => FieldValue::Text(number.to_string().into()),
            take => match take.of(record) {
                FieldValue::Typed(value, casts) => match self.change.settle(value, wanted, casts) {
                    Settled::Value(reading) => return within_limit(reading),
                    Settled::Field(field) => field,
                },
                field => field,
            },
        };
        if wanted == ScalarType::Dynamic && taken.text().len() > LARGEST_VALUE {
            return (
                DecodedValue::Other(Value::Null),
                Some(WarningKind::DynamicTooLarge),
            );
        }
        within_limit(self.change.of(taken, wanted))
    }
}

impl<'r> FieldValue<'r> {
    fn typed(value: Option<&'r Typed<'r>>, casts: Casts) -> Self {
        value.map_or(Self::Nothing, |value| Self::Typed(value, casts))
    }

    fn text(&self) -> &str {
        match self {
            Self::Nothing | Self::Typed(..) => "",
            Self::Text(text) => text,
            Self::Json(raw) => raw,
        }
    }
}

/// A typed value on its way into a column: there, or as text to go on with.
enum Settled<'r> {
    Value(Reading<'r>),
    Field(FieldValue<'r>),
}

impl Conversion {
    /// What becomes of a typed value: it is cast, and only what is nested or converted goes on as text.
    fn settle<'r>(&self, value: &'r Typed<'r>, wanted: ScalarType, casts: Casts) -> Settled<'r> {
        let is_text = matches!(value, Typed::Text(_) | Typed::Bytes(_));
        match self {
            _ if *value == Typed::Null => Settled::Field(FieldValue::Nothing),
            Self::Base64 => match value.base64() {
                Some(text) => Settled::Field(FieldValue::Text(text.into())),
                None => Settled::Value(not_of(wanted)),
            },
            Self::None => match wanted {
                ScalarType::Dynamic if value.is_nested() => {
                    Settled::Field(FieldValue::Json(value.json().into()))
                }
                ScalarType::Dynamic if is_text => Settled::Field(FieldValue::Text(value.text())),
                ScalarType::Dynamic | ScalarType::String if casts == Casts::ByText && !is_text => {
                    Settled::Field(FieldValue::Json(value.json().into()))
                }
                ScalarType::String if value.is_nested() => Settled::Value(not_of(wanted)),
                _ => Settled::Value(cast(value, wanted, casts)),
            },
            _ if value.is_nested() => Settled::Field(FieldValue::Json(value.json().into())),
            _ => Settled::Field(FieldValue::Text(value.text())),
        }
    }

    /// Converts a value; the missing value where the column cannot hold it.
    fn of<'r>(&self, taken: FieldValue<'r>, wanted: ScalarType) -> Reading<'r> {
        let owned = |(value, note): Reading<'_>| (DecodedValue::into_owned(value), note);
        let changed = match (taken, self) {
            (FieldValue::Nothing | FieldValue::Typed(..), _) => {
                return (DecodedValue::missing(wanted), None);
            }
            (FieldValue::Json(raw), _) if raw == "null" => return (DecodedValue::missing(wanted), None),
            (FieldValue::Text(text), Self::FromUnix(unit)) if !text.is_empty() => unit.read(&text, wanted),
            (FieldValue::Text(text), _) => return read_text(text, wanted),
            (FieldValue::Json(Cow::Borrowed(raw)), Self::None) => return read_json(raw, wanted),
            (FieldValue::Json(raw), Self::None) => return owned(read_json(&raw, wanted)),
            (FieldValue::Json(raw), Self::FromUnix(unit)) => unit.read(raw.trim_matches('"'), wanted),
            (FieldValue::Json(raw), Self::MergeBags) => {
                merged(&raw).map(|bag| owned(read_json(&bag, wanted)))
            }
            (FieldValue::Json(raw), Self::Drop(paths)) => {
                Some(owned(read_json(&without(&raw, paths), wanted)))
            }
            // Only typed values have bytes.
            (FieldValue::Json(_), Self::Base64) => None,
        };
        changed.unwrap_or_else(|| not_of(wanted))
    }
}

impl ColumnSource {
    fn of<'r>(&self, record: &'r Record<'_>) -> FieldValue<'r> {
        let text = match (self, record) {
            (Self::Path(path), Record::Json(document)) => {
                return document
                    .at(path)
                    .map_or(FieldValue::Nothing, |raw| FieldValue::Json(raw.into()));
            }
            (Self::Path(path), Record::Typed { root, casts }) => {
                return FieldValue::typed(root.at(path), *casts);
            }
            (Self::Named(name), Record::Typed { root, casts }) => {
                return FieldValue::typed(root.member(name), *casts);
            }
            (Self::Field(at), Record::Fields(fields)) => fields.get(*at),
            (Self::Field(0), Record::Text(text)) => Some(Cow::Borrowed(text.as_ref())),
            (Self::Named(wanted), Record::Named { names, values }) => names
                .iter()
                .position(|name| name == wanted)
                .and_then(|at| values.get(at))
                .filter(|value| **value != "-")
                .map(|value| Cow::Borrowed(*value)),
            _ => None,
        };
        text.map_or(FieldValue::Nothing, FieldValue::Text)
    }
}

impl UnixUnit {
    /// Reads a number of units since 1970; as text where the column is no datetime.
    fn read(self, text: &str, wanted: ScalarType) -> Option<Reading<'static>> {
        let (per_tick, ticks): (i128, i128) = match self {
            Self::Seconds => (1, 10_000_000),
            Self::Milliseconds => (1, 10_000),
            Self::Microseconds => (1, 10),
            Self::Nanoseconds => (100, 1),
        };
        let text = text.trim();
        let at = match text.parse::<i64>() {
            Ok(whole) => (i128::from(whole) * ticks).div_euclid(per_tick),
            Err(_) => {
                let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
                // A float beyond the calendar saturates here, and is refused below.
                #[expect(clippy::cast_possible_truncation, reason = "saturates")]
                #[expect(clippy::cast_precision_loss, reason = "both are small powers of ten")]
                let ticks = (number * ticks as f64 / per_tick as f64).round() as i128;
                ticks
            }
        };
        let at = with_ticks(at)?;
        match wanted {
            ScalarType::DateTime => Some((DecodedValue::Other(Value::DateTime(at)), None)),
            _ => Some(read_text(at.to_string().into(), wanted)),
        }
    }
}

/// Text is cut off, as the service does.
fn within_limit(reading: Reading<'_>) -> Reading<'_> {
    match reading {
        (DecodedValue::String(text), _) if text.len() > LARGEST_VALUE => {
            let end = (0..=LARGEST_VALUE).rev().find(|at| text.is_char_boundary(*at));
            let mut text = text.into_owned();
            text.truncate(end.unwrap_or_default());
            (
                DecodedValue::String(text.into()),
                Some(WarningKind::StringTruncated),
            )
        }
        reading => reading,
    }
}
