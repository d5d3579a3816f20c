//! What one column takes from a record, and what becomes of it.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::json_path::{JsonPath, Step};
use crate::record::Record;
use crate::value::with_ticks;
use crate::{Column, ScalarType, Value, WarningKind};

/// A value of a string or dynamic column has at most so many bytes.
const LARGEST_VALUE: usize = 1 << 20;

/// What one column takes from a record, and what becomes of it.
pub(crate) struct ColumnPlan<'a> {
    pub(crate) column: &'a Column,
    take: Take,
    change: Change,
}

/// Where a value comes from.
pub(super) enum Take {
    Nothing,
    Constant(Value),
    Field(usize),
    Named(String),
    Path(JsonPath),
    RecordNumber,
}

/// What becomes of a value.
pub(super) enum Change {
    None,
    FromUnix(UnixUnit),
    MergeBags,
    Drop(Vec<JsonPath>),
}

/// What a number of units since 1970 counts.
#[derive(Clone, Copy)]
pub(super) enum UnixUnit {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

/// What a record has for a column.
enum Taken<'r> {
    Nothing,
    Text(Cow<'r, str>),
    Json(&'r str),
}

impl<'a> ColumnPlan<'a> {
    pub(super) fn new(column: &'a Column, take: Take) -> Self {
        Self {
            column,
            take,
            change: Change::None,
        }
    }

    pub(super) fn with_change(self, change: Change) -> Self {
        Self { change, ..self }
    }

    /// The column's value of a record, and what was wrong with it.
    pub(crate) fn value(&self, record: &Record<'_>, number: u64) -> (Value, Option<WarningKind>) {
        let wanted = self.column.scalar_type;
        let taken = match &self.take {
            Take::Constant(value) => return (value.clone(), None),
            Take::RecordNumber => Taken::Text(number.to_string().into()),
            take => take.of(record),
        };
        if wanted == ScalarType::Dynamic && taken.text().len() > LARGEST_VALUE {
            return (Value::Null, Some(WarningKind::DynamicTooLarge));
        }
        match self.change.of(&taken, wanted) {
            Some(value) => within_limit(value),
            None => (Value::missing(wanted), Some(WarningKind::NotOfType(wanted))),
        }
    }
}

impl Taken<'_> {
    fn text(&self) -> &str {
        match self {
            Taken::Nothing => "",
            Taken::Text(text) => text,
            Taken::Json(raw) => raw,
        }
    }
}

impl Change {
    /// What becomes of a value, when the column can hold it.
    fn of(&self, taken: &Taken<'_>, wanted: ScalarType) -> Option<Value> {
        match (taken, self) {
            (Taken::Nothing | Taken::Json("null"), _) => Some(Value::missing(wanted)),
            (Taken::Text(text), Self::FromUnix(unit)) if !text.is_empty() => unit.read(text, wanted),
            (Taken::Text(text), _) => Value::parse(text, wanted),
            (Taken::Json(raw), Self::None) => Value::from_json_text(raw, wanted),
            (Taken::Json(raw), Self::FromUnix(unit)) => unit.read(raw.trim_matches('"'), wanted),
            (Taken::Json(raw), Self::MergeBags) => from_json(merged(raw)?, wanted),
            (Taken::Json(raw), Self::Drop(paths)) => from_json(without(raw, paths)?, wanted),
        }
    }
}

impl Take {
    fn of<'r>(&self, record: &'r Record<'_>) -> Taken<'r> {
        let text = match (self, record) {
            (Self::Path(path), Record::Json(document)) => {
                return document.at(path).map_or(Taken::Nothing, Taken::Json);
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
        text.map_or(Taken::Nothing, Taken::Text)
    }
}

impl UnixUnit {
    /// Reads a number of units since 1970; as text where the column is no datetime.
    fn read(self, text: &str, wanted: ScalarType) -> Option<Value> {
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
            ScalarType::DateTime => Some(Value::DateTime(at)),
            _ => Value::parse(&at.to_string(), wanted),
        }
    }
}

/// The members of all objects of an array, in one object.
fn merged(raw: &str) -> Option<Json> {
    let Json::Array(bags) = serde_json::from_str(raw).ok()? else {
        return None;
    };
    let mut all = Map::new();
    for bag in bags {
        let Json::Object(bag) = bag else { return None };
        all.extend(bag);
    }
    Some(Json::Object(all))
}

/// A value without what lies at the paths.
fn without(raw: &str, paths: &[JsonPath]) -> Option<Json> {
    let mut json: Json = serde_json::from_str(raw).ok()?;
    for path in paths {
        let Some((last, way)) = path.0.split_last() else {
            continue;
        };
        let parent = way.iter().try_fold(&mut json, |here, step| match step {
            Step::Name(name) => here.get_mut(name),
            Step::Place(place) => here.get_mut(place),
        });
        if let (Some(Json::Object(object)), Step::Name(name)) = (parent, last) {
            object.remove(name);
        }
    }
    Some(json)
}

fn from_json(json: Json, wanted: ScalarType) -> Option<Value> {
    match wanted {
        ScalarType::Dynamic => Some(Value::Dynamic(json)),
        _ => Value::from_json_text(&json.to_string(), wanted),
    }
}

/// Text is cut off, as the service does.
fn within_limit(value: Value) -> (Value, Option<WarningKind>) {
    match value {
        Value::String(mut text) if text.len() > LARGEST_VALUE => {
            let end = (0..=LARGEST_VALUE)
                .rev()
                .find(|at| text.is_char_boundary(*at))
                .unwrap_or(0);
            text.truncate(end);
            (Value::String(text), Some(WarningKind::StringTruncated))
        }
        value => (value, None),
    }
}
