//! Functions of texts. Places in a text are counted in letters.

use std::collections::HashMap;

use kusto_ingest_core::Error;
use kusto_ingest_decode::ScalarType::{Bool, Dynamic, Long, String as Text};

use super::numbers::MOST_ELEMENTS;
use super::{Function, Naming, typed};
use crate::Value;
use crate::env::Env;
use crate::error::{too_large, too_many};

/// The longest text that a function makes out of shorter ones, in bytes.
pub(super) const LONGEST: usize = 16 << 20;

pub(super) const TABLE: &[Function] = &[
    typed("strlen", "s", Long, |args, _| {
        count(text(args, 0).chars().count())
    })
    .named("strlen"),
    typed("string_size", "s", Long, |args, _| count(text(args, 0).len())).named("string_size"),
    typed("tolower", "t", Text, |args, _| {
        text(args, 0).to_lowercase().into()
    }),
    typed("toupper", "t", Text, |args, _| {
        text(args, 0).to_uppercase().into()
    }),
    typed("substring", "tl?l", Text, |args, _| substring(args)),
    typed("strcat", "t*", Text, |args, env| {
        joined("strcat", args.iter().filter_map(|it| it.as_text()), "", env)
    }),
    typed("strcat_delim", "tt*", Text, |args, env| {
        let parts = args[1..].iter().filter_map(|it| it.as_text());
        joined("strcat_delim", parts, text(args, 0), env)
    }),
    typed("strcat_array", "jt", Text, strcat_array),
    typed("split", "ts?l", Dynamic, split).named_first(),
    typed("reverse", "t", Text, |args, _| {
        text(args, 0).chars().rev().collect::<String>().into()
    }),
    typed("strrep", "tl?t", Text, strrep),
    typed("strcmp", "tt", Long, |args, _| {
        Value::Long(text(args, 0).cmp(text(args, 1)) as i64)
    }),
    typed("indexof", "tt?lll", Long, |args, _| {
        Value::Long(index_of(args).unwrap_or(-1))
    }),
    typed("replace_string", "sss", Text, replace_string),
    typed("replace_strings", "sjj", Text, replace_strings),
    typed("translate", "sss", Text, |args, _| {
        translate(text(args, 0), text(args, 1), text(args, 2)).into()
    }),
    typed("isascii", "t", Bool, |args, _| text(args, 0).is_ascii().into()),
    typed("isutf8", "t", Bool, |_, _| true.into()),
    typed("unicode_codepoints_from_string", "t", Dynamic, |args, env| {
        let codes = text(args, 0).chars();
        let codes = codes.map(|letter| Value::Long(u32::from(letter).into()));
        array_of("unicode_codepoints_from_string", codes, env)
    }),
    typed("unicode_codepoints_to_string", "a*", Text, from_codes),
    Function {
        naming: Naming::Prefix("countof"),
        ..typed("string_count", "ss", Long, |args, _| {
            count(occurrences(text(args, 0), text(args, 1)))
        })
    },
];

/// The text of an argument; nothing where it is none.
pub(super) fn text<'a>(args: &[&'a Value], place: usize) -> &'a str {
    args.get(place)
        .and_then(|value| value.as_text())
        .unwrap_or_default()
}

pub(super) fn count(number: usize) -> Value {
    Value::Long(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A text that a function gives, unless it would be too long: then the query ends.
fn bounded(function: &str, length: usize, env: &Env<'_>, make: impl FnOnce() -> String) -> Value {
    match length <= LONGEST {
        true => make().into(),
        false => refused(env, too_large(function, LONGEST)),
    }
}

/// What a function gives that ends its query.
pub(super) fn refused(env: &Env<'_>, error: Error) -> Value {
    env.refuse(error);
    Value::Null
}

/// An array that a function gives, unless it would have too many elements: then the query ends.
pub(super) fn array_of(function: &str, items: impl Iterator<Item = Value>, env: &Env<'_>) -> Value {
    let items: Vec<Value> = items.take(MOST_ELEMENTS + 1).collect();
    match items.len() <= MOST_ELEMENTS {
        true => Value::array(items),
        false => refused(env, too_many(function, MOST_ELEMENTS)),
    }
}

/// Texts, one behind the other, with a text between them.
fn joined<'a>(
    function: &str,
    parts: impl Iterator<Item = &'a str> + Clone,
    between: &str,
    env: &Env<'_>,
) -> Value {
    let lengths = parts.clone().map(|part| part.len() + between.len());
    let length = lengths.sum::<usize>().saturating_sub(between.len());
    bounded(function, length, env, || {
        let mut text = String::with_capacity(length);
        for (place, part) in parts.enumerate() {
            if place > 0 {
                text.push_str(between);
            }
            text.push_str(part);
        }
        text
    })
}

/// A negative start counts from the end.
fn substring(args: &[&Value]) -> Value {
    let source = text(args, 0);
    let start = args[1].as_long().unwrap_or(0);
    let start = match usize::try_from(start) {
        Ok(start) => start,
        Err(_) => {
            let letters = source.chars().count();
            letters.saturating_sub(usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX))
        }
    };
    let length = match args.get(2).map(|length| length.as_long()) {
        None => usize::MAX,
        Some(length) => length
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(0),
    };
    source.chars().skip(start).take(length).collect::<String>().into()
}

fn strcat_array(args: &[&Value], env: &Env<'_>) -> Value {
    let Some(items) = args[0].as_array() else {
        return Value::empty();
    };
    let parts: Vec<String> = items.iter().map(ToString::to_string).collect();
    joined(
        "strcat_array",
        parts.iter().map(String::as_str),
        text(args, 1),
        env,
    )
}

/// All parts, or the one that is asked for.
fn split(args: &[&Value], env: &Env<'_>) -> Value {
    let (source, delimiter) = (text(args, 0), text(args, 1));
    let mut parts: Box<dyn Iterator<Item = &str>> = match delimiter {
        "" => Box::new(std::iter::once(source)),
        _ => Box::new(source.split(delimiter)),
    };
    match args.get(2).and_then(|place| place.as_long()) {
        None => array_of("split", parts.map(Value::text), env),
        Some(place) => {
            let found = usize::try_from(place).ok().and_then(|place| parts.nth(place));
            found.map_or(Value::Null, |part| Value::array(vec![Value::text(part)]))
        }
    }
}

fn strrep(args: &[&Value], env: &Env<'_>) -> Value {
    let (source, delimiter) = (text(args, 0), text(args, 2));
    let times = args[1]
        .as_long()
        .and_then(|times| usize::try_from(times).ok())
        .unwrap_or(0)
        .min(1024);
    joined("strrep", std::iter::repeat_n(source, times), delimiter, env)
}

/// Where a text stands in another, the occurrence that is asked for.
fn index_of(args: &[&Value]) -> Option<i64> {
    let number = |place: usize, default: i64| args.get(place).map_or(Some(default), |value| value.as_long());
    let (source, wanted) = (text(args, 0), text(args, 1));
    let letters: Vec<char> = source.chars().collect();
    let all = i64::try_from(letters.len()).ok()?;
    let start = number(2, 0)?;
    let start = if start < 0 { (all + start).max(0) } else { start };
    let length = number(3, -1)?;
    let end = if length < 0 {
        all
    } else {
        start.saturating_add(length).min(all)
    };
    let occurrence = usize::try_from(number(4, 1)?).ok()?.checked_sub(1)?;
    let wanted: Vec<char> = wanted.chars().collect();
    let searched = letters.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)?;
    if wanted.is_empty() {
        return Some(start);
    }
    let found = places(searched, &wanted).nth(occurrence);
    found
        .and_then(|place| i64::try_from(place).ok())
        .map(|place| place + start)
}

/// How often a text stands in another; occurrences may overlap.
pub(super) fn occurrences(source: &str, wanted: &str) -> usize {
    places(source.as_bytes(), wanted.as_bytes()).count()
}

/// Where something stands in a row of others; occurrences may overlap. By Knuth, Morris and Pratt: each element is looked at
/// about twice, whatever it is.
fn places<'a, T: PartialEq>(source: &'a [T], wanted: &'a [T]) -> impl Iterator<Item = usize> + 'a {
    let mut borders = vec![0_usize; wanted.len()];
    for at in 1..wanted.len() {
        let mut border = borders[at - 1];
        while border > 0 && wanted[at] != wanted[border] {
            border = borders[border - 1];
        }
        borders[at] = border + usize::from(wanted[at] == wanted[border]);
    }
    let mut matched = 0;
    let ends = source.iter().enumerate().filter(move |(_, next)| {
        while matched > 0 && (matched == wanted.len() || wanted[matched] != **next) {
            matched = borders[matched - 1];
        }
        matched += usize::from(wanted.get(matched) == Some(*next));
        matched == wanted.len() && matched > 0
    });
    ends.map(move |(end, _)| end + 1 - wanted.len())
}

fn replace_string(args: &[&Value], env: &Env<'_>) -> Value {
    match replaced(text(args, 0), text(args, 1), text(args, 2)) {
        Some(text) => text.into(),
        None => refused(env, too_large("replace_string", LONGEST)),
    }
}

/// Nothing where it would be too long.
fn replaced(source: &str, from: &str, to: &str) -> Option<String> {
    if from.is_empty() {
        return Some(source.to_owned());
    }
    let found = source.matches(from).count();
    let kept = source.len() - found * from.len();
    let length = kept.saturating_add(found.saturating_mul(to.len()));
    (length <= LONGEST).then(|| source.replace(from, to))
}

/// Every replacement looks at the whole text.
fn replace_strings(args: &[&Value], env: &Env<'_>) -> Value {
    let (Some(from), Some(to)) = (args[1].as_array(), args[2].as_array()) else {
        return Value::empty();
    };
    let mut source = text(args, 0).to_owned();
    for (from, to) in from.iter().zip(to) {
        if env.meter.step(source.len() >> 6).is_err() {
            break;
        }
        match replaced(&source, &from.to_string(), &to.to_string()) {
            Some(text) => source = text,
            None => return refused(env, too_large("replace_strings", LONGEST)),
        }
    }
    source.into()
}

/// Letters of one list become those of another; where that is shorter, its last one.
fn translate(from: &str, to: &str, source: &str) -> String {
    let to: Vec<char> = to.chars().collect();
    let mut letters: HashMap<char, Option<char>> = HashMap::new();
    for (place, letter) in from.chars().enumerate() {
        letters
            .entry(letter)
            .or_insert_with(|| to.get(place).or(to.last()).copied());
    }
    let letter = |letter: char| letters.get(&letter).copied().unwrap_or(Some(letter));
    source.chars().filter_map(letter).collect()
}

fn from_codes(args: &[&Value], env: &Env<'_>) -> Value {
    let codes = args
        .iter()
        .flat_map(|value| value.as_array().unwrap_or(std::slice::from_ref(*value)));
    let letter = |value: &Value| char::from_u32(u32::try_from(value.as_long()?).ok()?);
    let letters = codes.filter_map(letter);
    let length = letters.clone().map(char::len_utf8).sum();
    bounded("unicode_codepoints_to_string", length, env, || letters.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_places_are_found_in_one_pass() {
        for (source, wanted, expect) in [
            ("ababa", "aba", &[0, 2][..]),
            ("aaaa", "aa", &[0, 1, 2]),
            ("aabaaab", "aab", &[0, 4]),
            ("abc", "abcd", &[]),
            ("abc", "", &[]),
            ("", "a", &[]),
        ] {
            let found: Vec<usize> = places(source.as_bytes(), wanted.as_bytes()).collect();
            assert_eq!(found, expect, "{wanted} in {source}");
        }
    }
}
