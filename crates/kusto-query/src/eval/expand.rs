//! Arrays and bags as rows.

use std::sync::Arc;

use kusto_ingest_core::Result;

use super::{Needed, Stream, evaluate, open};
use crate::Value;
use crate::env::Env;
use crate::frame::{Frame, Vector, cells};
use crate::plan::Expand;
use crate::value::cast;

/// The most rows that are handed on at once.
const BATCH: usize = 8 << 10;

/// Begins to expand.
pub(super) fn open_expand<'p>(expand: &'p Expand, needed: &Needed) -> Box<dyn Stream + 'p> {
    let mut below = needed[..expand.input.columns.len()].to_vec();
    expand
        .columns
        .iter()
        .for_each(|(value, _)| value.mark(&mut below));
    Box::new(Expanding {
        expand,
        input: open(&expand.input, &below),
        rows: None,
        held: 0,
    })
}

/// Rows of the input, and how far they are taken apart.
struct Rows {
    frame: Frame,
    values: Vec<Vector>,
    row: usize,
    element: usize,
}

struct Expanding<'p> {
    expand: &'p Expand,
    input: Box<dyn Stream + 'p>,
    rows: Option<Rows>,
    /// How many bytes of memory those take.
    held: usize,
}

/// How many rows a value becomes: at least one.
fn length(value: &Value) -> usize {
    let items = value.as_array().map(<[Value]>::len);
    items.or_else(|| value.as_bag().map(<[_]>::len)).unwrap_or(1)
}

/// The element of a value at a place. Members of bags are bags of one member, or arrays of their name and their value; what
/// is neither bag nor array comes once.
fn element(value: &Value, place: usize, pairs: bool) -> Value {
    if let Some(items) = value.as_array() {
        return items.get(place).cloned().unwrap_or(Value::Null);
    }
    if let Some(members) = value.as_bag() {
        let member = members.get(place);
        return member.map_or(Value::Null, |(name, value)| match pairs {
            true => Value::array(vec![Value::String(Arc::clone(name)), value.clone()]),
            false => Value::bag(vec![(Arc::clone(name), value.clone())]),
        });
    }
    if place == 0 { value.clone() } else { Value::Null }
}

impl Rows {
    /// Up to a batch of rows of the input, each with the place of its element.
    fn pairs(&mut self, limit: usize) -> (Vec<u32>, Vec<usize>) {
        let (mut rows, mut places) = (Vec::new(), Vec::new());
        while self.row < self.frame.rows && rows.len() < BATCH {
            let longest = self
                .values
                .iter()
                .map(|values| length(values.at(self.row)))
                .max()
                .unwrap_or(1);
            if self.element >= longest.min(limit) {
                (self.row, self.element) = (self.row + 1, 0);
                continue;
            }
            rows.push(u32::try_from(self.row).unwrap_or_default());
            places.push(self.element);
            self.element += 1;
        }
        (rows, places)
    }
}

impl Stream for Expanding<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        if self.rows.as_ref().is_none_or(|rows| rows.row >= rows.frame.rows) {
            let Some(frame) = self.input.next(env)? else {
                return Ok(None);
            };
            env.meter.free(self.held);
            self.held = frame.size();
            env.meter.hold(self.held)?;
            let values: Result<Vec<Vector>> = self
                .expand
                .columns
                .iter()
                .map(|(value, _)| evaluate(value, &frame, env))
                .collect();
            self.rows = Some(Rows {
                frame,
                values: values?,
                row: 0,
                element: 0,
            });
        }
        let Some(rows) = &mut self.rows else {
            return Ok(None);
        };
        let (from, places) = rows.pairs(self.expand.limit);
        env.meter.step(from.len())?;
        env.meter.pass(cells(from.len(), rows.frame.columns.len()))?;
        let mut frame = rows.frame.gather(&from);
        for (values, (expr, place)) in rows.values.iter().zip(&self.expand.columns) {
            let element = |row: u32, place: usize| element(values.at(row as usize), place, self.expand.pairs);
            let elements = from
                .iter()
                .zip(&places)
                .map(|(row, place)| cast(&element(*row, *place), expr.scalar_type));
            let column = Vector::of(elements.collect());
            match frame.columns.get_mut(*place) {
                Some(known) => *known = column,
                None => frame.columns.push(column),
            }
        }
        let index = places
            .iter()
            .map(|place| Value::Long(i64::try_from(*place).unwrap_or_default()));
        frame.columns.push(Vector::of(index.collect()));
        Ok(Some(frame))
    }
}
