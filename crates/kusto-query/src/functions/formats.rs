//! Moments and lengths of time, written as a format says.

use kusto_ingest_decode::ScalarType::String as Text;

use super::strings::text;
use super::{Function, typed};
use crate::Value;
use crate::value::{DAY, Parts, SECOND};

pub(super) const TABLE: &[Function] = &[
    typed("format_datetime", "ds", Text, |args, _| match args[0] {
        Value::DateTime(ticks) => {
            written(text(args, 1), |letter, length| of_moment(*ticks, letter, length)).into()
        }
        _ => Value::empty(),
    })
    .named_first(),
    typed("format_timespan", "ps", Text, |args, _| match args[0] {
        Value::Timespan(ticks) => written(text(args, 1), |letter, length| {
            of_timespan(*ticks, letter, length)
        })
        .into(),
        _ => Value::empty(),
    })
    .named_first(),
];

/// Writes a format: letters that stand in a row are one piece of it, and what is no piece stands for itself.
fn written(format: &str, piece: impl Fn(char, usize) -> Option<String>) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some(letter) = rest.chars().next() {
        let length = rest.chars().take_while(|next| *next == letter).count();
        let (row, after) = rest.split_at(length * letter.len_utf8());
        match piece(letter, length) {
            Some(written) => text.push_str(&written),
            None => text.push_str(row),
        }
        rest = after;
    }
    text
}

fn padded(number: i64, length: usize) -> Option<String> {
    let digits = number.to_string();
    let zeros = "0".repeat(length.saturating_sub(digits.len()));
    Some(format!("{zeros}{digits}"))
}

fn of_moment(ticks: i64, letter: char, length: usize) -> Option<String> {
    let parts = Parts::of(ticks);
    let hour = parts.ticks / SECOND / 3600;
    let year = i64::from(parts.year);
    match (letter, length) {
        ('y', 1..=2) => padded(year % 100, length),
        ('y', _) => padded(year, length),
        ('M', 1..=2) => padded(parts.month.into(), length),
        ('d', 1..=2) => padded(parts.day.into(), length),
        ('H', 1..=2) => padded(hour, length),
        ('h', 1..=2) => padded((hour + 11) % 12 + 1, length),
        ('t', 1..=2) => Some((if hour < 12 { "AM" } else { "PM" }).get(..length)?.to_owned()),
        _ => of_day(parts.ticks, letter, length),
    }
}

fn of_timespan(ticks: i64, letter: char, length: usize) -> Option<String> {
    let ticks = ticks.checked_abs()?;
    match letter {
        'd' => padded(ticks / DAY, length),
        'h' | 'H' => padded(ticks % DAY / SECOND / 3600, length),
        _ => of_day(ticks % DAY, letter, length),
    }
}

/// Minutes, seconds and what is smaller.
fn of_day(ticks: i64, letter: char, length: usize) -> Option<String> {
    match (letter, length) {
        ('m', 1..=2) => padded(ticks / SECOND / 60 % 60, length),
        ('s', 1..=2) => padded(ticks / SECOND % 60, length),
        ('f', 1..=7) => Some(format!("{:07}", ticks % SECOND).get(..length)?.to_owned()),
        ('F', 1..=7) => {
            let digits = format!("{:07}", ticks % SECOND);
            Some(digits.get(..length)?.trim_end_matches('0').to_owned())
        }
        _ => None,
    }
}
