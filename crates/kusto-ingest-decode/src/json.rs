//! The text of JSON values: taken apart, written anew, and read where it is no strict JSON.

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

/// Why a text is no JSON value; nothing where it is one, blanks around it included. No depth is too deep for it.
pub(crate) fn fault(text: &str) -> Option<serde_json::Error> {
    serde_json::from_str::<&RawValue>(text).err()
}
