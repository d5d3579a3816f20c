//! The operators on texts: by term, by part, with case and without.

use std::borrow::Cow;

use kusto_ingest_decode::ScalarType::{Bool, Long};

use super::strings::text;
use super::{Function, typed};
use crate::Value;
use crate::env::Env;

/// A test of two texts, with case.
type Test = fn(&str, &str) -> bool;

/// The operator of a name, with case; what follows the test is whether its outcome is turned round.
macro_rules! with_case {
    ($name:literal, $test:expr, $is:literal) => {
        typed($name, "tt", Bool, |args, _| {
            let test: Test = $test;
            (test(text(args, 0), text(args, 1)) == $is).into()
        })
    };
}

/// The operator of a name, without case.
macro_rules! folding {
    ($name:literal, $test:expr, $is:literal) => {
        typed($name, "tt", Bool, |args, _| {
            let test: Test = $test;
            (test(&folded(text(args, 0)), &folded(text(args, 1))) == $is).into()
        })
    };
}

pub(super) const TABLE: &[Function] = &[
    folding!("=~", |left, right| left == right, true),
    folding!("!~", |left, right| left == right, false),
    folding!("has", has, true),
    folding!("!has", has, false),
    with_case!("has_cs", has, true),
    with_case!("!has_cs", has, false),
    folding!("hasprefix", has_prefix, true),
    folding!("!hasprefix", has_prefix, false),
    with_case!("hasprefix_cs", has_prefix, true),
    with_case!("!hasprefix_cs", has_prefix, false),
    folding!("hassuffix", has_suffix, true),
    folding!("!hassuffix", has_suffix, false),
    with_case!("hassuffix_cs", has_suffix, true),
    with_case!("!hassuffix_cs", has_suffix, false),
    folding!("contains", |left, right| left.contains(right), true),
    folding!("!contains", |left, right| left.contains(right), false),
    with_case!("contains_cs", |left, right| left.contains(right), true),
    with_case!("!contains_cs", |left, right| left.contains(right), false),
    folding!("startswith", |left, right| left.starts_with(right), true),
    folding!("!startswith", |left, right| left.starts_with(right), false),
    with_case!("startswith_cs", |left, right| left.starts_with(right), true),
    with_case!("!startswith_cs", |left, right| left.starts_with(right), false),
    folding!("endswith", |left, right| left.ends_with(right), true),
    folding!("!endswith", |left, right| left.ends_with(right), false),
    with_case!("endswith_cs", |left, right| left.ends_with(right), true),
    with_case!("!endswith_cs", |left, right| left.ends_with(right), false),
    typed("has_any", "ta*", Bool, |args, env| {
        of_list(args, env).any(|it| it).into()
    }),
    typed("has_all", "ta*", Bool, |args, env| {
        of_list(args, env).all(|it| it).into()
    }),
    typed("has_any_index", "tj", Long, |args, env| {
        let place = of_list(args, env).position(|it| it);
        Value::Long(place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1))
    }),
];

/// A text without case.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    match text.is_ascii() {
        true if !text.bytes().any(|letter| letter.is_ascii_uppercase()) => Cow::Borrowed(text),
        true => Cow::Owned(text.to_ascii_lowercase()),
        false => Cow::Owned(text.to_lowercase()),
    }
}

/// Whether each text of a list, arrays among it, is a term of the first one, without case.
fn of_list<'a>(args: &'a [&Value], env: &'a Env<'_>) -> impl Iterator<Item = bool> + 'a {
    let source = folded(text(args, 0)).into_owned();
    let list = args[1..]
        .iter()
        .flat_map(|value| value.as_array().unwrap_or(std::slice::from_ref(*value)));
    // Each looks at the whole text; when that is too much, the query ends anyway.
    let list = list.take_while(|_| env.meter.step(1 + (text(args, 0).len() >> 6)).is_ok());
    list.map(move |wanted| has(&source, &folded(&wanted.to_string())))
}

/// Whether a text stands in another with no letter or digit before or behind it.
fn has(source: &str, wanted: &str) -> bool {
    ends(source, wanted).any(|(starts, ends)| starts && ends)
}

fn has_prefix(source: &str, wanted: &str) -> bool {
    ends(source, wanted).any(|(starts, _)| starts)
}

fn has_suffix(source: &str, wanted: &str) -> bool {
    ends(source, wanted).any(|(_, ends)| ends)
}

/// Of every occurrence, whether a term starts where it does, and ends where it does.
fn ends<'a>(source: &'a str, wanted: &'a str) -> impl Iterator<Item = (bool, bool)> + 'a {
    source.match_indices(wanted).map(move |(place, _)| {
        let before = source[..place].chars().next_back();
        let behind = source[place + wanted.len()..].chars().next();
        let is_free = |beside: Option<char>, own: Option<char>| {
            !beside.is_some_and(char::is_alphanumeric) || !own.is_some_and(char::is_alphanumeric)
        };
        (
            is_free(before, wanted.chars().next()),
            is_free(behind, wanted.chars().next_back()),
        )
    })
}
