//! The text of JSON values: split, rewritten, and repaired where it is not strict JSON.

mod bags;
mod compact;
mod lenient;
mod path;
mod split;
mod text;

pub(crate) use bags::{merged, without};
pub(crate) use compact::compact;
pub(crate) use lenient::to_strict;
pub(crate) use path::{JsonPath, Step};
pub(crate) use split::{Members, elements, members};
pub(crate) use text::{escape_into, unescape};

use serde_json::value::RawValue;

/// Why a text is not a JSON value; `None` where it is one, with or without blanks around it. The depth is not limited.
pub(crate) fn fault(text: &str) -> Option<serde_json::Error> {
    serde_json::from_str::<&RawValue>(text).err()
}
