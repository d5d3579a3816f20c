//! One record of the data, as a reader of a format hands it to the columns.

mod document;
mod fields;

pub(crate) use document::Document;
pub(crate) use fields::Fields;

use std::borrow::Cow;

/// The largest record, so that a missing closing quote does not exhaust memory.
pub(crate) const LARGEST_RECORD: usize = 64 << 20;

/// One record of the data.
pub(crate) enum Record<'a> {
    /// Fields by their place.
    Fields(&'a Fields),
    /// One field.
    Text(Cow<'a, str>),
    /// Fields by their name, as many as there are names.
    Named {
        names: &'a [String],
        values: &'a [&'a str],
    },
    /// A JSON value.
    Json(&'a Document<'a>),
}
