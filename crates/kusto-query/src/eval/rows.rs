//! What hands rows on one by one: scans, filters, projections, unions.

use std::sync::{Arc, OnceLock};

use kusto_ingest_core::Result;

use super::{Needed, Stream, collect, evaluate};
use crate::catalog::TableData;
use crate::env::Env;
use crate::frame::{BATCH, Frame, Vector};
use crate::plan::{Expr, Plan};
use crate::{HiddenColumn, Value};

/// The rows of a table, chunk by chunk.
pub(super) struct Scan {
    table: Arc<dyn TableData>,
    needed: Needed,
    chunk: usize,
}

impl Scan {
    pub(super) fn new(table: Arc<dyn TableData>, needed: Needed) -> Self {
        Self {
            table,
            needed,
            chunk: 0,
        }
    }

    /// A column of the table, or one of those that it does not show, which stand behind.
    fn column(&self, chunk: usize, place: usize) -> Vector {
        let shown = self.table.schema().columns().len();
        let Some(hidden) = place.checked_sub(shown) else {
            return Vector::of(self.table.column(chunk, place));
        };
        let hidden = HiddenColumn::ALL.get(hidden);
        let values = hidden.and_then(|hidden| self.table.hidden(chunk, *hidden));
        values.map_or(Vector::Const(Value::Null), Vector::of)
    }
}

impl Stream for Scan {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        if self.chunk >= self.table.chunks() {
            return Ok(None);
        }
        let chunk = self.chunk;
        self.chunk += 1;
        let rows = self.table.chunk_rows(chunk);
        env.meter.step(rows)?;
        let column = |(place, needed): (usize, &bool)| match needed {
            true => self.column(chunk, place),
            false => Vector::Const(Value::Null),
        };
        let columns = self.needed.iter().enumerate().map(column).collect();
        Ok(Some(Frame { columns, rows }))
    }
}

/// Rows that are there already.
pub(super) struct Once(pub(super) Option<Frame>);

impl Stream for Once {
    fn next(&mut self, _: &Env<'_>) -> Result<Option<Frame>> {
        Ok(self.0.take())
    }
}

/// Rows for which a predicate holds.
pub(super) struct Filter<'p> {
    input: Box<dyn Stream + 'p>,
    predicate: &'p Expr,
}

impl<'p> Filter<'p> {
    pub(super) fn new(input: Box<dyn Stream + 'p>, predicate: &'p Expr) -> Self {
        Self { input, predicate }
    }
}

impl Stream for Filter<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        let Some(frame) = self.input.next(env)? else {
            return Ok(None);
        };
        let holds = match evaluate(self.predicate, &frame, env)? {
            Vector::Const(Value::Bool(true)) => return Ok(Some(frame)),
            Vector::Const(_) => return Ok(Some(frame.gather(&[]))),
            Vector::Rows(holds) => holds,
        };
        let mut rows = Vec::new();
        for (row, value) in (0_u32..).zip(holds.iter()) {
            if matches!(value, Value::Bool(true)) {
                rows.push(row);
            }
        }
        let all = rows.len() == frame.rows;
        Ok(Some(if all { frame } else { frame.gather(&rows) }))
    }
}

/// Columns that are worked out.
pub(super) struct Project<'p> {
    input: Box<dyn Stream + 'p>,
    values: &'p [Expr],
    used: Vec<bool>,
}

impl<'p> Project<'p> {
    pub(super) fn new(input: Box<dyn Stream + 'p>, values: &'p [Expr], used: Vec<bool>) -> Self {
        Self { input, values, used }
    }
}

impl Stream for Project<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        let Some(frame) = self.input.next(env)? else {
            return Ok(None);
        };
        let column = |(value, used): (&Expr, &bool)| match used {
            true => evaluate(value, &frame, env),
            false => Ok(Vector::Const(Value::Null)),
        };
        let columns: Result<Vec<Vector>> = self.values.iter().zip(&self.used).map(column).collect();
        Ok(Some(Frame {
            columns: columns?,
            rows: frame.rows,
        }))
    }
}

/// The first rows.
pub(super) struct Take<'p> {
    input: Box<dyn Stream + 'p>,
    left: usize,
}

impl<'p> Take<'p> {
    pub(super) fn new(input: Box<dyn Stream + 'p>, count: usize) -> Self {
        Self { input, left: count }
    }
}

impl Stream for Take<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        if self.left == 0 {
            return Ok(None);
        }
        let Some(frame) = self.input.next(env)? else {
            return Ok(None);
        };
        let frame = frame.first(self.left);
        self.left -= frame.rows;
        Ok(Some(frame))
    }
}

/// How many rows there are.
pub(super) struct Count<'p>(pub(super) Option<Box<dyn Stream + 'p>>);

impl Stream for Count<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        let Some(mut input) = self.0.take() else {
            return Ok(None);
        };
        let mut count = 0_i64;
        let before = env.meter.passing();
        while let Some(frame) = input.next(env)? {
            env.meter.set_passing(before);
            count += i64::try_from(frame.rows).unwrap_or(i64::MAX);
        }
        Ok(Some(Frame {
            columns: vec![Vector::of(vec![Value::Long(count)])],
            rows: 1,
        }))
    }
}

/// Tables of the same columns, one behind the other.
pub(super) struct Union<'p> {
    inputs: std::vec::IntoIter<Box<dyn Stream + 'p>>,
    current: Option<Box<dyn Stream + 'p>>,
}

impl<'p> Union<'p> {
    pub(super) fn new(inputs: Vec<Box<dyn Stream + 'p>>) -> Self {
        let mut inputs = inputs.into_iter();
        let current = inputs.next();
        Self { inputs, current }
    }
}

impl Stream for Union<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        while let Some(current) = &mut self.current {
            if let Some(frame) = current.next(env)? {
                return Ok(Some(frame));
            }
            self.current = self.inputs.next();
        }
        Ok(None)
    }
}

/// Rows that are worked out once, and kept until the query ends.
pub(super) struct Materialized<'p> {
    input: &'p Plan,
    known: &'p Arc<OnceLock<Frame>>,
    from: usize,
}

impl<'p> Materialized<'p> {
    pub(super) fn new(input: &'p Plan, known: &'p Arc<OnceLock<Frame>>) -> Self {
        Self {
            input,
            known,
            from: 0,
        }
    }
}

impl Stream for Materialized<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        let frame = match self.known.get() {
            Some(frame) => frame,
            None => {
                let frame = collect(self.input, env)?;
                self.known.get_or_init(|| frame)
            }
        };
        let rows = (frame.rows - self.from).min(BATCH);
        if rows == 0 {
            return Ok(None);
        }
        let from = self.from;
        self.from += rows;
        env.meter.step(rows)?;
        Ok(Some(frame.slice(from, rows)))
    }
}
