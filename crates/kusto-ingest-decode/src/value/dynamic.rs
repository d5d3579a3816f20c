//! Dynamic values, kept as their text: members keep their order and numbers their digits.

use std::fmt;

use serde_json::Value as Json;

use crate::WarningKind;
use crate::json::{compact, escape_into, fault};

/// A dynamic value: any JSON value but null, as text without blanks. Members keep the order in which they came, and
/// numbers every digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dynamic(Box<str>);

impl Dynamic {
    /// Reads the text of a JSON value; `None` when it is none, null, or nested deeper than 127 levels.
    ///
    /// A number beyond a double becomes null within it, and half a surrogate pair U+FFFD.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match fault(text) {
            None => Self::of_valid(text).map(|(value, _)| value),
            Some(_) => None,
        }
    }

    /// The string of a text.
    pub(crate) fn of_string(text: &str) -> Self {
        let mut json = String::with_capacity(text.len() + 2);
        escape_into(&mut json, text);
        Self(json.into_boxed_str())
    }

    /// As [`parse`](Self::parse), of valid JSON; with a warning about what had to change.
    pub(crate) fn of_valid(text: &str) -> Option<(Self, Option<WarningKind>)> {
        let compact = compact(text).filter(|compact| compact.text != "null")?;
        Some((Self(compact.text.into_boxed_str()), compact.note))
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parsed value. `serde_json` may reorder members, and keeps the last of several with the same name.
    #[must_use]
    pub fn to_json(&self) -> Json {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
