//! One JSON value, kept as text and taken apart only as far as it is asked for: so every digit stays as written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json_path::{JsonPath, Step};

/// One JSON value of the data.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    raw: &'a RawValue,
    /// The members of an object; none of other values.
    members: Option<Members<'a>>,
}

/// The members of an object, in order.
pub(crate) type Members<'a> = Vec<(String, &'a RawValue)>;

impl<'a> Document<'a> {
    /// Takes a value apart; `None` when a name in it is no text.
    pub(crate) fn new(raw: &'a RawValue) -> Option<Self> {
        let members = match raw.get().starts_with('{') {
            true => Some(members(raw)?),
            false => None,
        };
        Some(Self { raw, members })
    }

    pub(crate) fn is_object(&self) -> bool {
        self.members.is_some()
    }

    /// The text of the value at the end of a path.
    pub(crate) fn at(&self, path: &JsonPath) -> Option<&'a str> {
        let mut steps = path.0.iter();
        let mut here = match steps.next() {
            None => self.raw,
            Some(Step::Name(name)) => find(self.members.as_ref()?, name)?,
            Some(Step::Place(place)) => elements(self.raw)?.get(*place).copied()?,
        };
        for step in steps {
            here = match step {
                Step::Name(name) => find(&members(here)?, name)?,
                Step::Place(place) => elements(here)?.get(*place).copied()?,
            };
        }
        Some(here.get())
    }
}

/// The members of a value, when it is an object.
pub(crate) fn members(raw: &RawValue) -> Option<Members<'_>> {
    serde_json::from_str::<Object<'_>>(raw.get())
        .ok()
        .map(|object| object.0)
}

/// The elements of a value, when it is an array.
pub(crate) fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// Of several members of one name, the last counts.
fn find<'a>(members: &Members<'a>, name: &str) -> Option<&'a RawValue> {
    members
        .iter()
        .rev()
        .find(|(key, _)| key == name)
        .map(|(_, value)| *value)
}

struct Object<'a>(Members<'a>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut members = Members::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Object(members))
    }
}
