//! Arithmetic: the operators, for every type they are defined for.

use std::sync::Arc;

use kusto_ingest_decode::ScalarType;

use super::{Function, Gives, function};
use crate::Value;
use crate::env::Env;
use crate::value::{Decimal, moment};

/// The binder brings both sides to the types that the operator is defined for.
pub(super) const TABLE: &[Function] = &[
    function("+", "aa", Gives::First, add),
    function("-", "aa", Gives::First, subtract),
    function("*", "aa", Gives::First, multiply),
    function("/", "aa", Gives::First, divide),
    function("%", "aa", Gives::First, modulo),
    function("negate", "a", Gives::First, negate),
    function("bin", "nn", Gives::Common, bin).named_first(),
    function("bin_at", "nnn", Gives::Common, bin_at).named_first(),
];

/// What arithmetic with these types gives; nothing where it is not defined.
pub(crate) fn result_type(operator: &str, left: ScalarType, right: ScalarType) -> Option<ScalarType> {
    use ScalarType::{DateTime, Dynamic, Real, Timespan};
    let of_numbers = widest(left, right).map(|it| {
        if it == ScalarType::Int {
            ScalarType::Long
        } else {
            it
        }
    });
    match (operator, left, right) {
        (_, Dynamic, Dynamic) => Some(Dynamic),
        (_, Dynamic, other) | (_, other, Dynamic) => result_type(operator, other, other),
        ("+" | "-" | "%", Timespan, Timespan) => Some(Timespan),
        ("/", Timespan, Timespan) => Some(Real),
        ("+" | "-", DateTime, Timespan) | ("+", Timespan, DateTime) => Some(DateTime),
        ("-", DateTime, DateTime) => Some(Timespan),
        ("*" | "/", Timespan, number) if widest(number, number).is_some() => Some(Timespan),
        ("*", number, Timespan) if widest(number, number).is_some() => Some(Timespan),
        _ => of_numbers,
    }
}

/// The type that two types of numbers have in common.
pub(crate) fn widest(left: ScalarType, right: ScalarType) -> Option<ScalarType> {
    const BY_WIDTH: [ScalarType; 4] = [
        ScalarType::Int,
        ScalarType::Long,
        ScalarType::Real,
        ScalarType::Decimal,
    ];
    let place = |it: ScalarType| BY_WIDTH.iter().position(|known| *known == it);
    Some(BY_WIDTH[place(left)?.max(place(right)?)])
}

fn add(args: &[&Value], _: &Env<'_>) -> Value {
    match (args[0], args[1]) {
        (Value::Long(left), Value::Long(right)) => Value::Long(left.wrapping_add(*right)),
        (Value::Timespan(left), Value::Timespan(right)) => {
            left.checked_add(*right).map_or(Value::Null, Value::Timespan)
        }
        (Value::DateTime(at), Value::Timespan(by)) | (Value::Timespan(by), Value::DateTime(at)) => at
            .checked_add(*by)
            .and_then(moment)
            .map_or(Value::Null, Value::DateTime),
        (left, right) => numbers(left, right, |left, right| left + right, Decimal::add),
    }
}

fn subtract(args: &[&Value], _: &Env<'_>) -> Value {
    match (args[0], args[1]) {
        (Value::Long(left), Value::Long(right)) => Value::Long(left.wrapping_sub(*right)),
        (Value::Timespan(left), Value::Timespan(right)) | (Value::DateTime(left), Value::DateTime(right)) => {
            left.checked_sub(*right).map_or(Value::Null, Value::Timespan)
        }
        (Value::DateTime(at), Value::Timespan(by)) => at
            .checked_sub(*by)
            .and_then(moment)
            .map_or(Value::Null, Value::DateTime),
        (left, right) => numbers(
            left,
            right,
            |left, right| left - right,
            |left, right| left.add(right.negated()),
        ),
    }
}

fn multiply(args: &[&Value], _: &Env<'_>) -> Value {
    match (args[0], args[1]) {
        (Value::Long(left), Value::Long(right)) => Value::Long(left.wrapping_mul(*right)),
        (Value::Timespan(ticks), number) | (number, Value::Timespan(ticks)) => {
            scaled(*ticks, number, |ticks, by| ticks * by)
        }
        (left, right) => numbers(left, right, |left, right| left * right, Decimal::multiply),
    }
}

fn divide(args: &[&Value], _: &Env<'_>) -> Value {
    match (args[0], args[1]) {
        (Value::Long(left), Value::Long(right)) => left.checked_div(*right).into(),
        (Value::Timespan(_), Value::Timespan(0)) => Value::Null,
        (Value::Timespan(left), Value::Timespan(right)) => (Value::Long(*left).as_real())
            .zip(Value::Long(*right).as_real())
            .map(|(left, right)| left / right)
            .into(),
        (Value::Timespan(ticks), number) => scaled(*ticks, number, |ticks, by| ticks / by),
        (left, right) => numbers(left, right, |left, right| left / right, Decimal::divide),
    }
}

/// Never negative: `-14 % 12` is 10.
fn modulo(args: &[&Value], _: &Env<'_>) -> Value {
    match (args[0], args[1]) {
        (Value::Long(left), Value::Long(right)) => left.checked_rem_euclid(*right).into(),
        (Value::Timespan(left), Value::Timespan(right)) => left
            .checked_rem_euclid(*right)
            .map_or(Value::Null, Value::Timespan),
        (left, right) => numbers(left, right, f64::rem_euclid, |left, right| {
            let whole = left.divide(right)?.to_long()?;
            left.add(right.multiply(Decimal::from_long(whole))?.negated())
        }),
    }
}

fn negate(args: &[&Value], _: &Env<'_>) -> Value {
    match args[0] {
        Value::Int(value) => Value::Int(value.wrapping_neg()),
        Value::Long(value) => Value::Long(value.wrapping_neg()),
        Value::Real(value) => Value::Real(-value),
        Value::Timespan(value) => Value::Timespan(value.wrapping_neg()),
        Value::Decimal(value) => Value::Decimal(Arc::new(value.negated())),
        _ => Value::Null,
    }
}

/// Numbers of one type, reals or decimals; dynamic values may be of two.
fn numbers(
    left: &Value,
    right: &Value,
    real: fn(f64, f64) -> f64,
    decimal: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Value {
    if let (Value::Decimal(left), Value::Decimal(right)) = (left, right) {
        return decimal(**left, **right).map_or(Value::Null, |value| Value::Decimal(Arc::new(value)));
    }
    match (left.as_real(), right.as_real()) {
        (Some(left), Some(right)) => Value::Real(real(left, right)),
        _ => Value::Null,
    }
}

fn scaled(ticks: i64, number: &Value, real: fn(f64, f64) -> f64) -> Value {
    let Some((ticks, by)) = Value::Long(ticks).as_real().zip(number.as_real()) else {
        return Value::Null;
    };
    let ticks = Value::Real(real(ticks, by).round());
    crate::value::cast(&ticks, ScalarType::Timespan)
        .as_ticks()
        .map_or_else(
            || {
                crate::value::cast(&ticks, ScalarType::Long)
                    .as_long()
                    .map_or(Value::Null, Value::Timespan)
            },
            Value::Timespan,
        )
}

fn bin(args: &[&Value], env: &Env<'_>) -> Value {
    let zero = match args[0] {
        Value::DateTime(_) => Value::DateTime(0),
        Value::Timespan(_) => Value::Timespan(0),
        Value::Real(_) => Value::Real(0.0),
        Value::Int(_) => Value::Int(0),
        Value::Decimal(_) => Value::Decimal(Arc::new(Decimal::from_long(0))),
        _ => Value::Long(0),
    };
    bin_at(&[args[0], args[1], &zero], env)
}

/// The start of the bin that a value lies in; one of them starts at a fixed point.
fn bin_at(args: &[&Value], _: &Env<'_>) -> Value {
    let whole = |value: i64, size: i64, from: i64| {
        let start = value.checked_sub(value.checked_sub(from)?.checked_rem_euclid(size)?)?;
        (size > 0).then_some(start)
    };
    match (args[0], args[1], args[2]) {
        (Value::DateTime(at), size, from) => {
            let start = size
                .as_ticks()
                .zip(from.as_ticks())
                .and_then(|(size, from)| whole(*at, size, from));
            start.and_then(moment).map_or(Value::Null, Value::DateTime)
        }
        (Value::Timespan(value), size, from) => {
            let start = size
                .as_ticks()
                .zip(from.as_ticks())
                .and_then(|(size, from)| whole(*value, size, from));
            start.map_or(Value::Null, Value::Timespan)
        }
        (Value::Int(value), Value::Int(size), Value::Int(from)) => {
            let start = whole((*value).into(), (*size).into(), (*from).into());
            start
                .and_then(|start| start.try_into().ok())
                .map_or(Value::Null, Value::Int)
        }
        (Value::Long(value), Value::Long(size), Value::Long(from)) => whole(*value, *size, *from).into(),
        (value, size, from) => match (value.as_real(), size.as_real(), from.as_real()) {
            (Some(value), Some(size), Some(from)) if size > 0.0 => {
                Value::Real(((value - from) / size).floor() * size + from)
            }
            _ => Value::Null,
        },
    }
}
