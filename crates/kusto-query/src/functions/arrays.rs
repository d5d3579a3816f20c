//! Functions of arrays, and how something is looked up in one or in a bag.

use std::cmp::Ordering;

use kusto_ingest_decode::ScalarType::{Bool, Dynamic, Long, Real};

use super::numbers::MOST_ELEMENTS;
use super::strings::{array_of, count, refused};
use super::{Function, typed};
use crate::Value;
use crate::env::Env;
use crate::error::too_many;

pub(super) const TABLE: &[Function] = &[
    typed("get", "ja", Dynamic, |args, _| {
        look_up(args[0], args[1]).cloned().unwrap_or(Value::Null)
    }),
    typed("array_length", "j", Long, |args, _| {
        args[0].as_array().map_or(Value::Null, |items| count(items.len()))
    }),
    typed("array_concat", "j*", Dynamic, |args, env| {
        let items = args.iter().filter_map(|value| value.as_array()).flatten();
        array_of("array_concat", items.cloned(), env)
    }),
    typed("array_slice", "jll", Dynamic, |args, _| {
        slice(args).map_or(Value::Null, |items| Value::array(items.to_vec()))
    }),
    typed("array_index_of", "ja", Long, |args, _| {
        let place = args[0]
            .as_array()
            .and_then(|items| items.iter().position(|item| item == args[1]));
        Value::Long(place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1))
    }),
    typed("array_reverse", "j", Dynamic, |args, _| {
        args[0].as_array().map_or(Value::Null, |items| {
            Value::array(items.iter().rev().cloned().collect())
        })
    }),
    typed("array_sort_asc", "j", Dynamic, |args, _| {
        sorted(args[0], Value::order)
    }),
    typed("array_sort_desc", "j", Dynamic, |args, _| {
        sorted(args[0], |left, right| right.order(left))
    }),
    typed("array_sum", "j", Real, |args, _| {
        args[0]
            .as_array()
            .and_then(|items| items.iter().map(Value::as_real).sum::<Option<f64>>())
            .into()
    }),
    typed("array_iff", "jaa", Dynamic, |args, _| array_iff(args)),
    typed("pack_array", "a*", Dynamic, |args, _| {
        Value::array(args.iter().map(|value| (*value).clone()).collect())
    }),
    typed("repeat", "al", Dynamic, |args, env| {
        let times = args[1].as_long().and_then(|times| usize::try_from(times).ok());
        times.map_or(Value::Null, |times| {
            array_of("repeat", std::iter::repeat_n(args[0].clone(), times), env)
        })
    })
    .named("repeat"),
    typed("zip", "j*", Dynamic, zip),
    typed("set_has_element", "ja", Bool, |args, _| {
        args[0]
            .as_array()
            .is_some_and(|items| items.contains(args[1]))
            .into()
    }),
    typed("series_cosine_similarity", "jj?rr", Real, |args, _| {
        cosine(args).into()
    }),
    typed("series_dot_product", "jj", Real, |args, _| {
        reals(args[0])
            .zip(reals(args[1]))
            .map(|(left, right)| dot(&left, &right))
            .into()
    }),
];

/// A member by its name, or an element by its place; negative places count from the end.
fn look_up<'a>(value: &'a Value, key: &Value) -> Option<&'a Value> {
    if let Some(name) = key.as_text() {
        return element(value, name);
    }
    let items = value.as_array()?;
    let place = key.as_long()?;
    match usize::try_from(place) {
        Ok(place) => items.get(place),
        Err(_) => items.get(
            items
                .len()
                .checked_sub(usize::try_from(place.unsigned_abs()).ok()?)?,
        ),
    }
}

/// A member of a bag by its name; of several, the last one.
pub(crate) fn element<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_bag()?;
    members
        .iter()
        .rev()
        .find(|(known, _)| &**known == name)
        .map(|(_, value)| value)
}

/// From one place to another, both included; negative places count from the end.
fn slice<'a>(args: &[&'a Value]) -> Option<&'a [Value]> {
    let items = args[0].as_array()?;
    let length = i64::try_from(items.len()).ok()?;
    let place = |value: &Value| {
        value
            .as_long()
            .map(|place| if place < 0 { place + length } else { place })
    };
    let from = usize::try_from(place(args[1])?.max(0)).ok()?.min(items.len());
    let to = usize::try_from(place(args[2])?.checked_add(1)?.clamp(0, length)).ok()?;
    Some(items.get(from..to).unwrap_or_default())
}

fn sorted(value: &Value, order: fn(&Value, &Value) -> Ordering) -> Value {
    let Some(items) = value.as_array() else {
        return Value::Null;
    };
    let mut items = items.to_vec();
    // Nulls come last, whatever the order.
    items.sort_by(|left, right| {
        left.is_null()
            .cmp(&right.is_null())
            .then_with(|| order(left, right))
    });
    Value::array(items)
}

fn array_iff(args: &[&Value]) -> Value {
    let Some(conditions) = args[0].as_array() else {
        return Value::Null;
    };
    let of = |value: &Value, place: usize| match value.as_array() {
        Some(items) => items.get(place).cloned().unwrap_or(Value::Null),
        None => value.clone(),
    };
    let chosen = conditions
        .iter()
        .enumerate()
        .map(|(place, condition)| match condition {
            Value::Bool(true) => of(args[1], place),
            Value::Bool(false) => of(args[2], place),
            other if other.as_real().is_some_and(|number| number != 0.0) => of(args[1], place),
            Value::Null => Value::Null,
            _ => of(args[2], place),
        });
    Value::array(chosen.collect())
}

fn zip(args: &[&Value], env: &Env<'_>) -> Value {
    let longest = args
        .iter()
        .filter_map(|value| value.as_array())
        .map(<[Value]>::len)
        .max()
        .unwrap_or(0);
    if longest.saturating_mul(args.len()) > MOST_ELEMENTS {
        return refused(env, too_many("zip", MOST_ELEMENTS));
    }
    let row = |place: usize| {
        let item = |value: &&Value| {
            value
                .as_array()
                .and_then(|items| items.get(place))
                .cloned()
                .unwrap_or(Value::Null)
        };
        Value::array(args.iter().map(item).collect())
    };
    Value::array((0..longest).map(row).collect())
}

fn reals(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_real).collect()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn cosine(args: &[&Value]) -> Option<f64> {
    let (left, right) = (reals(args[0])?, reals(args[1])?);
    let length = |given: usize, values: &[f64]| {
        args.get(given)
            .map_or(Some(dot(values, values).sqrt()), |value| value.as_real())
    };
    let lengths = length(2, &left)? * length(3, &right)?;
    (left.len() == right.len()).then(|| dot(&left, &right) / lengths)
}
