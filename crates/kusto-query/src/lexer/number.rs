//! Numbers, and lengths of time with their unit.

use kusto_ingest_decode::ScalarType;
use winnow::ascii::{alpha1, digit1, hex_digit1};
use winnow::combinator::{alt, fail, not, opt, peek, preceded};
use winnow::token::{one_of, take_while};
use winnow::{Parser, Result as Parsed};

use crate::Value;
use crate::value::{DAY, SECOND};

/// The units of lengths of time, in ticks.
const UNITS: &[(&[&str], i64)] = &[
    (&["d", "day", "days"], DAY),
    (&["h", "hr", "hrs", "hour", "hours"], 3600 * SECOND),
    (&["m", "min", "minute", "minutes"], 60 * SECOND),
    (&["s", "sec", "second", "seconds"], SECOND),
    (
        &["ms", "milli", "millis", "millisec", "millisecond", "milliseconds"],
        SECOND / 1000,
    ),
    (
        &["micro", "micros", "microsec", "microsecond", "microseconds"],
        SECOND / 1_000_000,
    ),
    (&["tick", "ticks"], 1),
];

/// A number, or a length of time.
pub(super) fn number(input: &mut &str) -> Parsed<(Value, ScalarType)> {
    alt((hexadecimal, decimal)).parse_next(input)
}

fn hexadecimal(input: &mut &str) -> Parsed<(Value, ScalarType)> {
    let digits = preceded(alt(("0x", "0X")), hex_digit1).parse_next(input)?;
    match i64::from_str_radix(digits, 16) {
        Ok(number) => Ok((Value::Long(number), ScalarType::Long)),
        Err(_) => fail.parse_next(input),
    }
}

fn decimal(input: &mut &str) -> Parsed<(Value, ScalarType)> {
    let fraction = (".", digit1).take();
    // `1..5` is a range.
    let bare_point = (
        ".",
        not(one_of(|letter: char| {
            letter == '.' || letter.is_alphabetic() || letter == '_'
        })),
    )
        .take();
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1).take();
    let (whole, rest): (&str, _) = (digit1, opt(alt((fraction, bare_point)))).parse_next(input)?;
    let exponent = opt(exponent).parse_next(input)?;
    let unit = opt(alpha1).parse_next(input)?;
    peek(not(one_of(|letter: char| {
        letter == '_' || letter.is_ascii_digit()
    })))
    .parse_next(input)?;
    let digits = format!(
        "{whole}{}{}",
        rest.unwrap_or_default(),
        exponent.unwrap_or_default()
    );
    let value = match unit {
        Some(unit) => timespan(&digits, unit).map(|value| (value, ScalarType::Timespan)),
        None if rest.is_none() && exponent.is_none() => digits
            .parse()
            .ok()
            .map(|number| (Value::Long(number), ScalarType::Long)),
        None => digits
            .parse()
            .ok()
            .map(|number| (Value::Real(number), ScalarType::Real)),
    };
    match value {
        Some(value) => Ok(value),
        None => fail.parse_next(input),
    }
}

fn timespan(digits: &str, unit: &str) -> Option<Value> {
    let (_, ticks) = UNITS.iter().find(|(names, _)| names.contains(&unit))?;
    if let Ok(whole) = digits.parse::<i64>() {
        return whole.checked_mul(*ticks).map(Value::Timespan);
    }
    #[expect(clippy::cast_precision_loss, reason = "a day has few ticks")]
    let ticks = digits.parse::<f64>().ok()? * *ticks as f64;
    crate::value::cast(&Value::Real(ticks.round()), ScalarType::Long)
        .as_long()
        .map(Value::Timespan)
}

/// What may stand in a number's place within parentheses: everything up to the closing one.
pub(super) fn inside<'a>(input: &mut &'a str) -> Parsed<&'a str> {
    take_while(0.., |letter: char| !matches!(letter, '(' | ')')).parse_next(input)
}
