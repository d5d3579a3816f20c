//! Functions of numbers.

use kusto_ingest_decode::ScalarType::{Dynamic, Long, Real};

use super::{Function, Gives, function, typed};
use crate::Value;
use crate::env::Env;

/// A function of one real number.
const fn real(name: &'static str, run: super::Run) -> Function {
    typed(name, "r", Real, run)
}

macro_rules! of_real {
    ($function:expr) => {
        |args, _| args[0].as_real().map($function).into()
    };
}

pub(super) const TABLE: &[Function] = &[
    real("sqrt", of_real!(f64::sqrt)).named_first(),
    real("exp", of_real!(f64::exp)).named_first(),
    real("exp2", of_real!(f64::exp2)).named_first(),
    real("exp10", of_real!(|value: f64| 10_f64.powf(value))).named_first(),
    real("log", of_real!(f64::ln)).named_first(),
    real("log2", of_real!(f64::log2)).named_first(),
    real("log10", of_real!(f64::log10)).named_first(),
    real("sin", of_real!(f64::sin)).named_first(),
    real("cos", of_real!(f64::cos)).named_first(),
    real("tan", of_real!(f64::tan)).named_first(),
    real("asin", of_real!(f64::asin)).named_first(),
    real("acos", of_real!(f64::acos)).named_first(),
    real("atan", of_real!(f64::atan)).named_first(),
    real("degrees", of_real!(f64::to_degrees)).named_first(),
    real("radians", of_real!(f64::to_radians)).named_first(),
    typed("sign", "r", Real, |args, _| {
        args[0]
            .as_real()
            .map(|value| if value == 0.0 { 0.0 } else { value.signum() })
            .into()
    }),
    typed("atan2", "rr", Real, |args, _| both(args, f64::atan2)),
    typed("pow", "rr", Real, |args, _| both(args, f64::powf)).named_first(),
    typed("pi", "", Real, |_, _| Value::Real(std::f64::consts::PI)),
    typed("rand", "?l", Real, rand),
    function("abs", "a", Gives::Promoted, |args, _| absolute(args[0])).named_first(),
    function("round", "n?l", Gives::First, |args, _| round(args)).named_first(),
    function("ceiling", "n", Gives::First, |args, _| match args[0] {
        Value::Real(value) => Value::Real(value.ceil()),
        other => other.clone(),
    })
    .named_first(),
    function("min_of", "c*", Gives::Common, |args, _| least(args, false)),
    function("max_of", "c*", Gives::Common, |args, _| least(args, true)),
    typed("binary_and", "ll", Long, |args, _| {
        bits(args, |left, right| Some(left & right))
    }),
    typed("binary_or", "ll", Long, |args, _| {
        bits(args, |left, right| Some(left | right))
    }),
    typed("binary_xor", "ll", Long, |args, _| {
        bits(args, |left, right| Some(left ^ right))
    }),
    typed("binary_not", "l", Long, |args, _| {
        args[0].as_long().map(|value| !value).into()
    }),
    typed("binary_shift_left", "ll", Long, |args, _| {
        bits(args, |left, by| left.checked_shl(u32::try_from(by).ok()? % 64))
    }),
    typed("binary_shift_right", "ll", Long, |args, _| {
        bits(args, |left, by| left.checked_shr(u32::try_from(by).ok()? % 64))
    }),
    typed("bitset_count_ones", "l", Long, |args, _| {
        args[0]
            .as_long()
            .map(|value| i64::from(value.count_ones()))
            .into()
    }),
    typed("range", "aa?a", Dynamic, |args, _| sequence(args)),
];

fn both(args: &[&Value], run: fn(f64, f64) -> f64) -> Value {
    args[0]
        .as_real()
        .zip(args[1].as_real())
        .map(|(left, right)| run(left, right))
        .into()
}

fn bits(args: &[&Value], run: fn(i64, i64) -> Option<i64>) -> Value {
    args[0]
        .as_long()
        .zip(args[1].as_long())
        .and_then(|(left, right)| run(left, right))
        .into()
}

/// From zero to one, or a whole number below the argument.
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
fn rand(args: &[&Value], env: &Env<'_>) -> Value {
    match args.first().and_then(|most| most.as_long()) {
        Some(most @ 2..) => {
            Value::Real((env.random() >> 11).checked_rem(most.unsigned_abs()).unwrap_or(0) as f64)
        }
        _ => Value::Real((env.random() >> 11) as f64 / (1_u64 << 53) as f64),
    }
}

fn absolute(value: &Value) -> Value {
    match value {
        Value::Int(value) => Value::Long(i64::from(*value).abs()),
        Value::Long(value) => Value::Long(value.wrapping_abs()),
        Value::Real(value) => Value::Real(value.abs()),
        Value::Timespan(ticks) => Value::Timespan(ticks.wrapping_abs()),
        Value::Decimal(value) if value.to_real() < 0.0 => {
            Value::Decimal(std::sync::Arc::new(value.negated()))
        }
        other => other.clone(),
    }
}

/// Half away from zero; to so many digits behind the point, or before it where negative.
fn round(args: &[&Value]) -> Value {
    let Value::Real(value) = args[0] else {
        return args[0].clone();
    };
    let digits = args.get(1).and_then(|digits| digits.as_long()).unwrap_or(0);
    let factor = 10_f64.powi(i32::try_from(digits.clamp(-300, 300)).unwrap_or(0));
    let scaled = value * factor;
    Value::Real(if scaled.is_finite() {
        scaled.round() / factor
    } else {
        *value
    })
}

fn least(args: &[&Value], greatest: bool) -> Value {
    let mut found = args.iter().filter(|value| !value.is_null());
    let Some(first) = found.next() else {
        return Value::Null;
    };
    let better = |best, value| {
        let order = Value::order(value, best);
        if (greatest && order.is_gt()) || (!greatest && order.is_lt()) {
            value
        } else {
            best
        }
    };
    found.fold(*first, |best, value| better(best, *value)).clone()
}

/// The most elements of an array that a function makes.
pub(super) const MOST_ELEMENTS: usize = 1_048_576;

/// `range(start, stop, step)`, as an array.
fn sequence(args: &[&Value]) -> Value {
    let step = args.get(2).map_or_else(
        || match args[0] {
            Value::DateTime(_) | Value::Timespan(_) => Value::Timespan(36_000_000_000),
            _ => Value::Long(1),
        },
        |step| (*step).clone(),
    );
    crate::eval::steps(args[0], args[1], &step).map_or(Value::Null, |steps| {
        Value::array(steps.take(MOST_ELEMENTS).collect())
    })
}
