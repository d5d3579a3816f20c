//! Rows brought together by their keys.

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use super::groups::Groups;
use super::{Stream, evaluate};
use crate::Value;
use crate::aggregates::{Aggregate, Aggregator};
use crate::env::Env;
use crate::frame::{Frame, Vector};
use crate::plan::Expr;

/// Rows brought together by their keys: the keys, then what comes of each aggregate.
pub(super) struct Summarize<'p> {
    input: Option<Box<dyn Stream + 'p>>,
    by: &'p [Expr],
    aggregates: &'p [Aggregate],
}

impl<'p> Summarize<'p> {
    pub(super) fn new(input: Box<dyn Stream + 'p>, by: &'p [Expr], aggregates: &'p [Aggregate]) -> Self {
        Self {
            input: Some(input),
            by,
            aggregates,
        }
    }
}

impl Stream for Summarize<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        let Some(mut input) = self.input.take() else {
            return Ok(None);
        };
        let mut groups = Groups::new(self.by.len());
        let mut sums: Vec<Box<dyn Aggregator>> =
            self.aggregates.iter().map(|it| (it.function.make)()).collect();
        let before = env.meter.passing();
        while let Some(frame) = input.next(env)? {
            let keys: Result<Vec<Vector>> =
                self.by.iter().map(|value| evaluate(value, &frame, env)).collect();
            let numbers = match self.by.is_empty() {
                true => vec![0; frame.rows],
                false => groups.number(&keys?, frame.rows, env)?,
            };
            let count = if self.by.is_empty() { 1 } else { groups.len() };
            for (aggregate, sum) in self.aggregates.iter().zip(&mut sums) {
                add(aggregate, sum.as_mut(), &numbers, count, &frame, env)?;
            }
            env.meter.set_passing(before);
        }
        // Without keys there is one row, even of nothing.
        let rows = if self.by.is_empty() { 1 } else { groups.len() };
        let mut columns: Vec<Vector> = groups.into_keys().into_iter().map(Vector::of).collect();
        for (aggregate, sum) in self.aggregates.iter().zip(sums) {
            let mut found = sum.finish();
            found.resize(aggregate.gives.len(), Vec::new());
            for (mut values, scalar_type) in found.into_iter().zip(&aggregate.gives) {
                // What comes of nothing is the same, whether there were no rows or no values in them.
                let nothing = empty(aggregate);
                values.resize(rows, Value::Null);
                values
                    .iter_mut()
                    .filter(|value| value.is_null())
                    .for_each(|value| *value = nothing.clone());
                if Value::missing(*scalar_type).as_text().is_some() {
                    values
                        .iter_mut()
                        .filter(|value| value.is_null())
                        .for_each(|value| *value = Value::empty());
                }
                columns.push(Vector::of(values));
            }
        }
        Ok(Some(Frame { columns, rows }))
    }
}

fn add(
    aggregate: &Aggregate,
    sum: &mut dyn Aggregator,
    numbers: &[u32],
    count: usize,
    frame: &Frame,
    env: &Env<'_>,
) -> Result<()> {
    let arguments: Result<Vec<Vector>> = aggregate
        .arguments
        .iter()
        .map(|value| evaluate(value, frame, env))
        .collect();
    let condition = aggregate
        .condition
        .as_ref()
        .map(|value| evaluate(value, frame, env))
        .transpose()?;
    let counts = |place: usize| {
        condition
            .as_ref()
            .is_none_or(|values| matches!(values.at(place), Value::Bool(true)))
    };
    let groups: Vec<Option<u32>> = numbers
        .iter()
        .enumerate()
        .map(|(place, group)| counts(place).then_some(*group))
        .collect();
    env.meter.step(frame.rows)?;
    sum.add(&groups, count, &arguments?, env)
}

/// What comes of no values, as Kusto documents it: the mean of numbers is not a number, and they do not spread.
fn empty(aggregate: &Aggregate) -> Value {
    match aggregate.function.name {
        "count" | "dcount" | "count_distinct" => Value::Long(0),
        "make_list" | "make_list_with_nulls" | "make_set" => Value::array(Vec::new()),
        "sum" => crate::value::cast(&Value::Long(0), aggregate.gives[0]),
        "make_bag" => Value::bag(Vec::new()),
        "avg" if aggregate.gives[0] == ScalarType::Real => Value::Real(f64::NAN),
        "stdev" | "stdevp" | "variance" | "variancep" => Value::Real(0.0),
        _ => Value::Null,
    }
}
