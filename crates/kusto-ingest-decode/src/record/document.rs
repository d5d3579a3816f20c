//! One JSON value, kept as text and taken apart only as far as it is asked for: so every digit stays as written.

use crate::json::{JsonPath, Members, Step, elements, members};

/// One JSON value of the data.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    text: &'a str,
    /// The members of an object; none of other values.
    members: Option<Members<'a>>,
}

impl<'a> Document<'a> {
    /// Takes a valid value apart.
    pub(crate) fn new(text: &'a str) -> Self {
        let text = text.trim();
        Self {
            text,
            members: members(text),
        }
    }

    pub(crate) fn is_object(&self) -> bool {
        self.members.is_some()
    }

    /// The text of the value at the end of a path.
    pub(crate) fn at(&self, path: &JsonPath) -> Option<&'a str> {
        let mut steps = path.0.iter();
        let mut here = match steps.next() {
            None => self.text,
            Some(Step::Name(name)) => find(self.members.as_ref()?, name)?,
            Some(Step::Place(place)) => elements(self.text)?.get(*place).copied()?,
        };
        for step in steps {
            here = match step {
                Step::Name(name) => find(&members(here)?, name)?,
                Step::Place(place) => elements(here)?.get(*place).copied()?,
            };
        }
        Some(here)
    }
}

/// Of several members of one name, the last counts.
fn find<'a>(members: &Members<'a>, name: &str) -> Option<&'a str> {
    let mut from_the_end = members.iter().rev();
    from_the_end.find(|(key, _)| key == name).map(|(_, value)| *value)
}
