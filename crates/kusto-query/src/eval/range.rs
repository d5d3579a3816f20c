//! Values from one to another, step by step.

use kusto_ingest_core::Result;

use super::Stream;
use crate::Value;
use crate::env::Env;
use crate::frame::{BATCH, Frame, Vector};

/// The values from one to another; nothing where there are none, and where the step leads nowhere.
pub(crate) fn steps(from: &Value, to: &Value, step: &Value) -> Option<Box<dyn Iterator<Item = Value>>> {
    let whole = |value: &Value| value.as_long().or_else(|| value.as_ticks());
    if let (Some(first), Some(last), Some(by)) = (whole(from), whole(to), whole(step)) {
        let count = i128::from(last) - i128::from(first);
        let count = count.checked_div(by.into()).filter(|count| *count >= 0)?;
        let is_back = by == 0 || (count == 0 && (last < first) != (by < 0) && last != first);
        let of = match from {
            Value::DateTime(_) => Value::DateTime,
            Value::Timespan(_) => Value::Timespan,
            _ => Value::Long,
        };
        let value =
            move |place: i128| of(i64::try_from(i128::from(first) + place * i128::from(by)).unwrap_or(last));
        return (!is_back).then(|| Box::new((0..=count).map(value)) as Box<_>);
    }
    let (first, last, by) = (from.as_real()?, to.as_real()?, step.as_real()?);
    // More than a query can take are counted as so many.
    let count = ((last - first) / by + 1e-9).floor().min(1e15);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is within the range"
    )]
    let count = (by != 0.0 && count >= 0.0).then_some(count as u64)?;
    #[expect(clippy::cast_precision_loss, reason = "it is below 2^53")]
    let value = move |place: u64| Value::Real(first + place as f64 * by);
    Some(Box::new((0..=count).map(value)))
}

/// A table of one column.
pub(super) struct Range(Option<Box<dyn Iterator<Item = Value>>>);

impl Range {
    pub(super) fn new(from: &Value, to: &Value, step: &Value) -> Self {
        Self(steps(from, to, step))
    }
}

impl Stream for Range {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        let Some(values) = &mut self.0 else {
            return Ok(None);
        };
        let values: Vec<Value> = values.take(BATCH).collect();
        let rows = values.len();
        env.meter.step(rows)?;
        let columns = vec![Vector::of(values)];
        Ok((rows > 0).then_some(Frame { columns, rows }))
    }
}
