//! Functions of regular expressions. Each pattern is compiled once; one that is none ends the query.

use std::sync::Arc;

use kusto_ingest_decode::ScalarType::{Bool, Dynamic, Long, String as Text};
use regex::Captures;

use super::strings::{LONGEST, array_of, count, occurrences, refused, text};
use super::{Function, typed};
use crate::Value;
use crate::env::Env;
use crate::error::too_large;

pub(super) const TABLE: &[Function] = &[
    typed("matches regex", "tt", Bool, |args, env| {
        env.pattern(&pattern(args, 1))
            .is_some_and(|found| found.is_match(text(args, 0)))
            .into()
    }),
    typed("extract", "sls?a", Text, extract),
    typed("extract_all", "sa?a", Dynamic, extract_all),
    typed("replace_regex", "sss", Text, |args, env| {
        replace(env, &pattern(args, 1), text(args, 2), text(args, 0))
    }),
    typed("replace", "sss", Text, |args, env| {
        replace(env, &pattern(args, 0), text(args, 1), text(args, 2))
    }),
    typed("countof", "ss?s", Long, countof),
    typed("trim", "ss", Text, |args, env| trim(args, env, true, true)),
    typed("trim_start", "ss", Text, |args, env| trim(args, env, true, false)),
    typed("trim_end", "ss", Text, |args, env| trim(args, env, false, true)),
];

/// The place of a function's argument that is a pattern.
pub(crate) fn place_of_pattern(function: &Function) -> Option<usize> {
    match function.name {
        "extract" | "extract_all" | "replace" | "trim" | "trim_start" | "trim_end" => Some(0),
        "matches regex" | "replace_regex" => Some(1),
        _ => None,
    }
}

fn pattern(args: &[&Value], place: usize) -> Arc<str> {
    match args.get(place) {
        Some(Value::String(text)) => Arc::clone(text),
        _ => Arc::from(""),
    }
}

/// `extract(pattern, group, text)`: empty where nothing fits.
fn extract(args: &[&Value], env: &Env<'_>) -> Value {
    let group = args[1].as_long().and_then(|group| usize::try_from(group).ok());
    let compiled = env.pattern(&pattern(args, 0));
    let found = compiled.as_ref().zip(group).and_then(|(compiled, group)| {
        let captures = compiled.captures(text(args, 2))?;
        captures.get(group).map(|found| found.as_str())
    });
    Value::text(found.unwrap_or_default())
}

/// `extract_all(pattern, [groups,] text)`: an array of what its only group found, or of arrays where it has several.
fn extract_all(args: &[&Value], env: &Env<'_>) -> Value {
    let Some(compiled) = env.pattern(&pattern(args, 0)) else {
        return Value::Null;
    };
    let (groups, source) = match args.len() {
        2 => (None, text(args, 1)),
        _ => (args[1].as_array(), text(args, 2)),
    };
    let wanted: Vec<usize> = match groups {
        Some(groups) => groups
            .iter()
            .filter_map(|group| usize::try_from(group.as_long()?).ok())
            .collect(),
        None => (1..compiled.captures_len()).collect(),
    };
    let value = |captures: &Captures<'_>, group: usize| {
        Value::text(captures.get(group).map_or("", |found| found.as_str()))
    };
    let mut found = compiled
        .captures_iter(source)
        .map(|captures| match wanted.as_slice() {
            [one] => value(&captures, *one),
            several => Value::array(several.iter().map(|group| value(&captures, *group)).collect()),
        })
        .peekable();
    match found.peek() {
        Some(_) => array_of("extract_all", found, env),
        None => Value::Null,
    }
}

/// In the rewrite `\0` stands for all that was found, `\1` for the first group.
fn replace(env: &Env<'_>, pattern: &Arc<str>, rewrite: &str, source: &str) -> Value {
    let Some(compiled) = env.pattern(pattern) else {
        return Value::text(source);
    };
    let mut replaced = String::new();
    let mut end = 0;
    for captures in compiled.captures_iter(source) {
        let Some(whole) = captures.get(0) else { continue };
        replaced.push_str(&source[end..whole.start()]);
        end = whole.end();
        let mut letters = rewrite.chars();
        while let Some(letter) = letters.next() {
            match (letter, letter == '\\').1.then(|| letters.next()).flatten() {
                Some(digit) if digit.is_ascii_digit() => {
                    let group = digit.to_digit(10).map_or(0, |group| group as usize);
                    replaced.push_str(captures.get(group).map_or("", |found| found.as_str()));
                }
                Some(other) => replaced.push(other),
                None => replaced.push(letter),
            }
            if replaced.len() > LONGEST {
                return refused(env, too_large("replace_regex", LONGEST));
            }
        }
    }
    replaced.push_str(&source[end..]);
    replaced.into()
}

/// Texts may overlap, what fits a pattern may not.
fn countof(args: &[&Value], env: &Env<'_>) -> Value {
    match text(args, 2) {
        "regex" => count(
            env.pattern(&pattern(args, 1))
                .map_or(0, |compiled| compiled.find_iter(text(args, 0)).count()),
        ),
        _ => count(occurrences(text(args, 0), text(args, 1))),
    }
}

/// `trim(pattern, text)`
fn trim(args: &[&Value], env: &Env<'_>, start: bool, end: bool) -> Value {
    let wanted = text(args, 0);
    let mut source = text(args, 1);
    if start && let Some(compiled) = env.pattern(&format!("^(?:{wanted})+").into()) {
        source = compiled
            .find(source)
            .map_or(source, |found| &source[found.end()..]);
    }
    if end && let Some(compiled) = env.pattern(&format!("(?:{wanted})+$").into()) {
        source = compiled
            .find(source)
            .map_or(source, |found| &source[..found.start()]);
    }
    Value::text(source)
}
