//! One record of the data, as a reader of a format hands it to the columns.

mod document;
mod fields;
mod typed;

pub(crate) use document::Document;
pub(crate) use fields::Fields;
pub(crate) use typed::Typed;

use std::borrow::Cow;

/// The largest record, so that a missing closing quote does not exhaust memory.
pub(crate) const LARGEST_RECORD: usize = 64 << 20;

/// The most values of a file, rows among them, that take no bytes there: a few bytes can say any number of them.
#[cfg(any(feature = "avro", feature = "orc", feature = "parquet"))]
pub(crate) const MOST_FREE: u64 = 1 << 26;

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
    /// A value with types of its own.
    #[cfg_attr(
        not(any(feature = "avro", feature = "orc", feature = "parquet")),
        expect(dead_code, reason = "no format has any")
    )]
    Typed { root: &'a Typed<'a>, casts: Casts },
}

/// Which types of a column take a typed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(any(test, feature = "parquet")),
    expect(dead_code, reason = "no format casts so")
)]
pub(crate) enum Casts {
    /// Those that the service documents for Parquet, where text is no datetime, timespan, guid or bool.
    Documented,
    /// All that take its text, as with JSON.
    ByText,
}
