//! Works out expressions, column by column.

use std::collections::HashSet;
use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use super::{collect, first_value};
use crate::Value;
use crate::env::Env;
use crate::error::limit;
use crate::frame::{Frame, Vector};
use crate::functions::{Function, folded};
use crate::parse_text::parsed;
use crate::plan::{Expr, ExprKind, InSet, SubQuery};
use crate::value::cast;

/// The value of an expression for every row.
///
/// # Errors
/// `LimitsExceeded`, and a time that is over.
pub(crate) fn evaluate(expr: &Expr, frame: &Frame, env: &Env<'_>) -> Result<Vector> {
    match &expr.kind {
        ExprKind::Const(value) => Ok(Vector::Const(value.clone())),
        ExprKind::Column(place) => Ok(frame
            .columns
            .get(*place)
            .cloned()
            .unwrap_or(Vector::Const(Value::Null))),
        ExprKind::Call(function, arguments) => {
            let arguments: Result<Vec<Vector>> = arguments
                .iter()
                .map(|argument| evaluate(argument, frame, env))
                .collect();
            call(function, expr.scalar_type, &arguments?, frame.rows, env)
        }
        ExprKind::Cast(value) => {
            let values = evaluate(value, frame, env)?;
            each(&values, frame.rows, env, |value| cast(value, expr.scalar_type))
        }
        ExprKind::And(parts) => logic(parts, false, frame, env),
        ExprKind::Or(parts) => logic(parts, true, frame, env),
        ExprKind::In(value, set, negated) => contained(value, set, *negated, frame, env),
        ExprKind::Scalar(query) => Ok(Vector::Const(scalar_of(query, env)?)),
        ExprKind::Parsed(value, pattern, place) => {
            let values = evaluate(value, frame, env)?;
            each(&values, frame.rows, env, |value| parsed(pattern, value, *place))
        }
        // Worked out by `serialize`, over all rows at once.
        ExprKind::Window(..) => Ok(Vector::Const(Value::Null)),
    }
}

/// The value of an expression that names no column.
pub(crate) fn constant(expr: &Expr, env: &Env<'_>) -> Result<Value> {
    Ok(evaluate(expr, &Frame::unit(), env)?.at(0).clone())
}

fn call(
    function: &Function,
    gives: ScalarType,
    arguments: &[Vector],
    rows: usize,
    env: &Env<'_>,
) -> Result<Vector> {
    let all_const = arguments
        .iter()
        .all(|argument| matches!(argument, Vector::Const(_)));
    let is_random = matches!(function.name, "rand" | "new_guid");
    let count = if all_const && !is_random { 1 } else { rows };
    env.meter.step(count)?;
    let mut values = Vec::with_capacity(count);
    let mut row: Vec<&Value> = Vec::with_capacity(arguments.len());
    let mut size = 0;
    for place in 0..count {
        row.clear();
        row.extend(arguments.iter().map(|argument| argument.at(place)));
        let value = (function.run)(&row, env);
        let value = match value {
            Value::Null => Value::missing(gives),
            Value::String(_) | Value::Dynamic(_) => {
                size += value.size();
                if size > 1 << 20 {
                    env.meter.step(size >> 6)?;
                    env.meter.could_hold(size)?;
                }
                value
            }
            other => other,
        };
        values.push(value);
    }
    match values.pop() {
        Some(value) if count == 1 && all_const && !is_random => Ok(Vector::Const(value)),
        last => {
            values.extend(last);
            Ok(Vector::of(values))
        }
    }
}

fn each(values: &Vector, rows: usize, env: &Env<'_>, run: impl Fn(&Value) -> Value) -> Result<Vector> {
    Ok(match values {
        Vector::Const(value) => Vector::Const(run(value)),
        Vector::Rows(values) => {
            env.meter.step(rows)?;
            Vector::of(values.iter().map(run).collect())
        }
    })
}

/// What decides wins: false for `and`, true for `or`. Else null is what comes of null.
fn logic(parts: &[Expr], decisive: bool, frame: &Frame, env: &Env<'_>) -> Result<Vector> {
    let mut outcome = vec![Value::Bool(!decisive); frame.rows];
    for part in parts {
        env.meter.step(frame.rows)?;
        let values = evaluate(part, frame, env)?;
        for (place, sum) in outcome.iter_mut().enumerate() {
            match values.at(place) {
                Value::Bool(value) if *value == decisive => *sum = Value::Bool(decisive),
                Value::Bool(_) => {}
                _ if matches!(sum, Value::Bool(value) if *value == decisive) => {}
                _ => *sum = Value::Null,
            }
        }
    }
    Ok(Vector::of(outcome))
}

fn contained(value: &Expr, set: &Arc<InSet>, negated: bool, frame: &Frame, env: &Env<'_>) -> Result<Vector> {
    let values = evaluate(value, frame, env)?;
    let is_const = set.values.iter().all(|value| !value.depends_on_row());
    if is_const {
        let known = match set.known.get() {
            Some(known) => known,
            None => {
                let known = set_of(set, env)?;
                set.known.get_or_init(|| known)
            }
        };
        return each(&values, frame.rows, env, |value| {
            Value::Bool(known.contains(&*in_case(value, set.folded)) != negated)
        });
    }
    let list: Result<Vec<Vector>> = set
        .values
        .iter()
        .map(|value| evaluate(value, frame, env))
        .collect();
    let list = list?;
    env.meter.step(frame.rows.saturating_mul(list.len()))?;
    let outcome = (0..frame.rows).map(|place| {
        let value = in_case(values.at(place), set.folded);
        let is_in = list.iter().any(|other| match other.at(place).as_array() {
            Some(items) => items.iter().any(|item| in_case(item, set.folded) == value),
            None => in_case(other.at(place), set.folded) == value,
        });
        Value::Bool(is_in != negated)
    });
    Ok(Vector::of(outcome.collect()))
}

fn in_case(value: &Value, is_folded: bool) -> std::borrow::Cow<'_, Value> {
    match value {
        Value::String(text) if is_folded => std::borrow::Cow::Owned(Value::text(&folded(text))),
        other => std::borrow::Cow::Borrowed(other),
    }
}

/// The values of a list, elements of arrays among them, and those of a query's first column.
fn set_of(set: &InSet, env: &Env<'_>) -> Result<HashSet<Value>> {
    let mut known = HashSet::new();
    let mut put = |value: &Value| {
        for item in value.as_array().unwrap_or(std::slice::from_ref(value)) {
            known.insert(in_case(item, set.folded).into_owned());
        }
    };
    for value in &set.values {
        put(&constant(value, env)?);
    }
    if let Some(query) = &set.query {
        let frame = collect(query, env)?;
        if frame.rows > 1_000_000 && set.folded {
            return Err(limit(
                "the right side of an operator without case has more than 1,000,000 values",
            ));
        }
        (0..frame.rows).for_each(|place| {
            frame
                .columns
                .first()
                .into_iter()
                .for_each(|column| put(column.at(place)))
        });
    }
    known.remove(&Value::Null);
    Ok(known)
}

fn scalar_of(query: &SubQuery, env: &Env<'_>) -> Result<Value> {
    if let Some(known) = query.known.get() {
        return Ok(known.clone());
    }
    let value = first_value(&query.plan, env)?;
    Ok(query.known.get_or_init(|| value).clone())
}
