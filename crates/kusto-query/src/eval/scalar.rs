//! Works out expressions, column by column.

use std::collections::HashSet;
use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use super::{collect, first_value};
use crate::Value;
use crate::env::Env;
use crate::error::{limit, too_large};
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
        ExprKind::Call(function, arguments) => alone(env, || {
            let arguments: Result<Vec<Vector>> = arguments
                .iter()
                .map(|argument| evaluate(argument, frame, env))
                .collect();
            call(function, expr.scalar_type, &arguments?, frame.rows, env)
        }),
        ExprKind::Cast(value) => alone(env, || {
            let values = evaluate(value, frame, env)?;
            each(&values, frame.rows, env, |value| cast(value, expr.scalar_type))
        }),
        ExprKind::And(parts) => alone(env, || logic(parts, false, frame, env)),
        ExprKind::Or(parts) => alone(env, || logic(parts, true, frame, env)),
        ExprKind::In(value, set, negated) => alone(env, || contained(value, set, *negated, frame, env)),
        ExprKind::Scalar(query) => Ok(Vector::Const(scalar_of(query, env)?)),
        ExprKind::Parsed(value, pattern, place) => alone(env, || {
            let values = evaluate(value, frame, env)?;
            env.meter.step(frame.rows.saturating_mul(pattern.parts.len()))?;
            each(&values, frame.rows, env, |value| parsed(pattern, value, *place))
        }),
        // Worked out by `serialize`, over all rows at once.
        ExprKind::Window(..) => Ok(Vector::Const(Value::Null)),
    }
}

/// The value of an expression that names no column.
pub(crate) fn constant(expr: &Expr, env: &Env<'_>) -> Result<Value> {
    Ok(evaluate(expr, &Frame::unit(), env)?.at(0).clone())
}

/// The most bytes of a value that a function gives.
const LARGEST: usize = 64 << 20;

/// Works out a value. What was worked out on the way is gone then.
fn alone(env: &Env<'_>, work: impl FnOnce() -> Result<(Vector, usize)>) -> Result<Vector> {
    let before = env.meter.passing();
    let (values, size) = work()?;
    env.meter.set_passing(before);
    env.meter.pass(size)?;
    Ok(values)
}

/// What a function gives for every row, and about how many bytes of memory that takes.
fn call(
    function: &Function,
    gives: ScalarType,
    arguments: &[Vector],
    rows: usize,
    env: &Env<'_>,
) -> Result<(Vector, usize)> {
    let all_const = arguments
        .iter()
        .all(|argument| matches!(argument, Vector::Const(_)));
    let is_random = matches!(function.name, "rand" | "new_guid");
    let count = if all_const && !is_random { 1 } else { rows };
    env.meter.step(count)?;
    let mut values = Vec::with_capacity(count);
    let mut row: Vec<&Value> = Vec::with_capacity(arguments.len());
    let (mut size, mut unseen, mut cost) = (0, 0, 0);
    env.meter.pass(count * size_of::<Value>())?;
    for place in 0..count {
        row.clear();
        row.extend(arguments.iter().map(|argument| argument.at(place)));
        cost += row.iter().map(|value| value.cost()).sum::<usize>();
        if cost > 1 << 16 {
            env.meter.step(std::mem::take(&mut cost))?;
        }
        let value = (function.run)(&row, env);
        env.refused()?;
        let value = match value {
            Value::Null => Value::missing(gives),
            Value::String(_) | Value::Dynamic(_) => {
                let bytes = value.size();
                if bytes > LARGEST {
                    return Err(too_large(function.name, LARGEST));
                }
                size += bytes;
                unseen += bytes;
                if unseen > 1 << 20 {
                    env.meter.step(unseen >> 6)?;
                    env.meter.pass(std::mem::take(&mut unseen))?;
                }
                value
            }
            other => other,
        };
        values.push(value);
    }
    env.refused()?;
    let size = size + count * size_of::<Value>();
    match values.pop() {
        Some(value) if count == 1 && all_const && !is_random => Ok((Vector::Const(value), size)),
        last => {
            values.extend(last);
            Ok((Vector::of(values), size))
        }
    }
}

/// What becomes of every value, and about how many bytes of memory that takes.
fn each(
    values: &Vector,
    rows: usize,
    env: &Env<'_>,
    run: impl Fn(&Value) -> Value,
) -> Result<(Vector, usize)> {
    let values = match values {
        Vector::Const(value) => {
            env.meter.step(1 + value.cost())?;
            let value = run(value);
            let size = value.size();
            return Ok((Vector::Const(value), size));
        }
        Vector::Rows(values) => values,
    };
    env.meter.step(rows)?;
    let mut made = Vec::with_capacity(values.len());
    let (mut size, mut unseen, mut cost) = (0, 0, 0);
    for value in values.iter() {
        cost += value.cost();
        let value = run(value);
        size += value.size();
        unseen += value.size();
        made.push(value);
        if cost > 1 << 16 || unseen > 1 << 20 {
            env.meter.step(std::mem::take(&mut cost))?;
            env.meter.pass(std::mem::take(&mut unseen))?;
        }
    }
    Ok((Vector::of(made), size))
}

/// What decides wins: false for `and`, true for `or`. Else null is what comes of null.
fn logic(parts: &[Expr], decisive: bool, frame: &Frame, env: &Env<'_>) -> Result<(Vector, usize)> {
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
    Ok((Vector::of(outcome), frame.rows * size_of::<Value>()))
}

fn contained(
    value: &Expr,
    set: &Arc<InSet>,
    negated: bool,
    frame: &Frame,
    env: &Env<'_>,
) -> Result<(Vector, usize)> {
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
        let is_known = |value: &Value| known.contains(&*in_case(value, set.folded)) != negated;
        return each(&values, frame.rows, env, |value| Value::Bool(is_known(value)));
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
    Ok((Vector::of(outcome.collect()), frame.rows * size_of::<Value>()))
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
