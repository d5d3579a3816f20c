//! Columns that look at other rows: numbers of rows, sums so far, what stands before and behind.

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use super::{Stream, collect_stream, evaluate};
use crate::Value;
use crate::env::Env;
use crate::frame::{BATCH, Frame, Vector};
use crate::functions::find;
use crate::plan::{Expr, ExprKind, Window};

/// Rows in order, with columns that look at others behind them.
pub(super) struct Serialize<'p> {
    input: Option<Box<dyn Stream + 'p>>,
    values: &'p [Expr],
    width: usize,
    rows: Frame,
    from: usize,
}

impl<'p> Serialize<'p> {
    pub(super) fn new(input: Box<dyn Stream + 'p>, values: &'p [Expr], width: usize) -> Self {
        Self {
            input: Some(input),
            values,
            width,
            rows: Frame::default(),
            from: 0,
        }
    }
}

impl Stream for Serialize<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        if let Some(mut input) = self.input.take() {
            let mut rows = collect_stream(input.as_mut(), self.width, env)?;
            for value in self.values {
                let before = env.meter.passing();
                let column = column(value, &rows, env)?;
                env.meter.set_passing(before);
                env.meter.hold(column.size())?;
                rows.columns.push(column);
            }
            self.rows = rows;
        }
        let rows = (self.rows.rows - self.from).min(BATCH);
        if rows == 0 {
            return Ok(None);
        }
        let from = self.from;
        self.from += rows;
        Ok(Some(self.rows.slice(from, rows)))
    }
}

fn column(value: &Expr, rows: &Frame, env: &Env<'_>) -> Result<Vector> {
    let ExprKind::Window(window, arguments) = &value.kind else {
        return evaluate(value, rows, env);
    };
    let arguments: Result<Vec<Vector>> = arguments
        .iter()
        .map(|argument| evaluate(argument, rows, env))
        .collect();
    let arguments = arguments?;
    env.meter.step(rows.rows)?;
    let asked = Asked {
        arguments: &arguments,
        rows: rows.rows,
    };
    Ok(Vector::of(match window {
        Window::RowNumber => asked.numbers(),
        Window::RowCumsum => asked.sums(env),
        Window::Prev => asked.others(-asked.number(1, 1), value.scalar_type),
        Window::Next => asked.others(asked.number(1, 1), value.scalar_type),
    }))
}

/// The arguments of a function, for all rows.
struct Asked<'a> {
    arguments: &'a [Vector],
    rows: usize,
}

impl Asked<'_> {
    /// An argument that is the same for all rows.
    fn number(&self, place: usize, default: i64) -> i64 {
        match self.arguments.get(place) {
            Some(values) if self.rows > 0 => values.at(0).as_long().unwrap_or(default),
            _ => default,
        }
    }

    /// Whether the function begins anew with a row.
    fn restarts(&self, row: usize) -> bool {
        let restart = self.arguments.get(1);
        restart.is_some_and(|values| matches!(values.at(row), Value::Bool(true)))
    }

    fn numbers(&self) -> Vec<Value> {
        let first = self.number(0, 1);
        let mut next = first;
        let number = |row: usize| {
            let number = if self.restarts(row) { first } else { next };
            next = number.wrapping_add(1);
            Value::Long(number)
        };
        (0..self.rows).map(number).collect()
    }

    fn sums(&self, env: &Env<'_>) -> Vec<Value> {
        let add = find("+").map(|function| function.run);
        let mut sum: Option<Value> = None;
        let sum_of = |row: usize| {
            let value = self.arguments[0].at(row);
            sum = match (sum.take(), add) {
                (Some(sum), Some(add)) if !self.restarts(row) && !value.is_null() => {
                    Some(add(&[&sum, value], env))
                }
                (Some(sum), _) if value.is_null() => Some(sum),
                _ => Some(value.clone()),
            };
            sum.clone().unwrap_or(Value::Null)
        };
        (0..self.rows).map(sum_of).collect()
    }

    /// The values of rows that stand so far behind, or before where negative.
    fn others(&self, by: i64, scalar_type: ScalarType) -> Vec<Value> {
        let value = |row: usize| {
            let other = i64::try_from(row).ok().and_then(|row| row.checked_add(by));
            let other = other
                .and_then(|row| usize::try_from(row).ok())
                .filter(|row| *row < self.rows);
            match (other, self.arguments.get(2)) {
                (Some(other), _) => self.arguments[0].at(other).clone(),
                (None, Some(default)) => default.at(row).clone(),
                (None, None) => Value::missing(scalar_type),
            }
        };
        (0..self.rows).map(value).collect()
    }
}
