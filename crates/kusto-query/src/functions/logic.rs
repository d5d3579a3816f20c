//! Comparisons, and what is true of a value.

use std::cmp::Ordering;

use kusto_ingest_decode::ScalarType::{self, Bool};

use super::{Function, typed};
use crate::Value;
use crate::value::{compare, equals};

pub(super) const TABLE: &[Function] = &[
    typed("==", "cc", Bool, |args, _| equals(args[0], args[1]).into()),
    typed("!=", "cc", Bool, |args, _| {
        equals(args[0], args[1]).map(|same| !same).into()
    }),
    typed("<", "cc", Bool, |args, _| ordered(args, Ordering::is_lt)),
    typed("<=", "cc", Bool, |args, _| ordered(args, Ordering::is_le)),
    typed(">", "cc", Bool, |args, _| ordered(args, Ordering::is_gt)),
    typed(">=", "cc", Bool, |args, _| ordered(args, Ordering::is_ge)),
    typed("not", "b", Bool, |args, _| {
        args[0].as_bool().map(|value| !value).into()
    }),
    typed("isnull", "a", Bool, |args, _| args[0].is_null().into()),
    typed("isnotnull", "a", Bool, |args, _| (!args[0].is_null()).into()),
    typed("isempty", "a", Bool, |args, _| is_empty(args[0]).into()),
    typed("isnotempty", "a", Bool, |args, _| (!is_empty(args[0])).into()),
    typed("isnan", "r", Bool, |args, _| {
        args[0].as_real().map(f64::is_nan).into()
    }),
    typed("isinf", "r", Bool, |args, _| {
        args[0].as_real().map(f64::is_infinite).into()
    }),
    typed("isfinite", "r", Bool, |args, _| {
        args[0].as_real().map(f64::is_finite).into()
    }),
    typed("gettype", "a", ScalarType::String, |args, _| type_name(args[0])).named("type"),
];

fn ordered(args: &[&Value], is: fn(Ordering) -> bool) -> Value {
    compare(args[0], args[1]).map(is).into()
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_text().is_some_and(str::is_empty)
}

fn type_name(value: &Value) -> Value {
    let name = match value {
        Value::Null => "null",
        Value::Dynamic(_) if value.as_bag().is_some() => "dictionary",
        Value::Dynamic(_) => "array",
        other => other.scalar_type().map_or("null", ScalarType::name),
    };
    Value::text(name)
}
