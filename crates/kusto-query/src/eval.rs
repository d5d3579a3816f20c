//! Runs a plan: every operator hands on some rows at a time.

mod expand;
mod groups;
mod join;
mod range;
mod rows;
mod scalar;
mod sort;
mod summarize;
mod window;

pub(crate) use range::steps;
pub(crate) use scalar::{constant, evaluate};

use std::sync::Arc;

use kusto_ingest_core::Result;

use crate::Value;
use crate::env::Env;
use crate::frame::{Collected, Frame};
use crate::plan::{Key, Plan, PlanNode};

/// A table that hands on some rows at a time. A column that nobody needs holds nulls.
pub(crate) trait Stream {
    /// Some rows, perhaps none; nothing when there are no more.
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>>;
}

/// Which columns of a table are needed.
pub(crate) type Needed = Vec<bool>;

/// Begins to run a plan of which these columns are needed.
pub(crate) fn open<'p>(plan: &'p Plan, needed: &Needed) -> Box<dyn Stream + 'p> {
    match &plan.node {
        PlanNode::Scan(table) => Box::new(rows::Scan::new(Arc::clone(table), needed.clone())),
        PlanNode::Rows(frame) => Box::new(rows::Once(Some(frame.clone()))),
        PlanNode::Range { from, to, step } => Box::new(range::Range::new(from, to, step)),
        PlanNode::Filter(input, predicate) => {
            let mut below = needed.clone();
            predicate.mark(&mut below);
            Box::new(rows::Filter::new(open(input, &below), predicate))
        }
        PlanNode::Project(input, values) => {
            let mut below = none(input);
            let used: Vec<bool> = needed.clone();
            values
                .iter()
                .zip(&used)
                .filter(|(_, used)| **used)
                .for_each(|(value, _)| value.mark(&mut below));
            Box::new(rows::Project::new(open(input, &below), values, used))
        }
        PlanNode::Take(input, count) => Box::new(rows::Take::new(open(input, needed), *count)),
        PlanNode::Count(input) => Box::new(rows::Count(Some(open(input, &none(input))))),
        PlanNode::Union(inputs) => Box::new(rows::Union::new(
            inputs.iter().map(|input| open(input, needed)).collect(),
        )),
        PlanNode::Summarize {
            input,
            by,
            aggregates,
        } => {
            let mut below = none(input);
            by.iter().for_each(|value| value.mark(&mut below));
            aggregates.iter().for_each(|aggregate| aggregate.mark(&mut below));
            Box::new(summarize::Summarize::new(open(input, &below), by, aggregates))
        }
        PlanNode::Sort(input, keys) => sorted(input, keys, needed, None),
        PlanNode::Top(input, count, keys) => sorted(input, keys, needed, Some(*count)),
        PlanNode::Join(join) => join::open_join(join, needed),
        PlanNode::Expand(expand) => expand::open_expand(expand, needed),
        PlanNode::Serialize(input, values) => {
            let mut below = needed[..input.columns.len()].to_vec();
            values.iter().for_each(|value| value.mark(&mut below));
            Box::new(window::Serialize::new(
                open(input, &below),
                values,
                input.columns.len(),
            ))
        }
        PlanNode::Materialized(input, known) => Box::new(rows::Materialized::new(input, known)),
    }
}

fn none(plan: &Plan) -> Needed {
    vec![false; plan.columns.len()]
}

fn sorted<'p>(
    input: &'p Plan,
    keys: &'p [Key],
    needed: &Needed,
    most: Option<usize>,
) -> Box<dyn Stream + 'p> {
    let mut below = needed.clone();
    keys.iter().for_each(|key| key.value.mark(&mut below));
    Box::new(sort::Sort::new(
        open(input, &below),
        keys,
        input.columns.len(),
        most,
    ))
}

/// Begins to run a plan, and counts what there is to open.
fn open_metered<'p>(plan: &'p Plan, needed: &Needed, env: &Env<'_>) -> Result<Box<dyn Stream + 'p>> {
    env.meter.step(plan.size as usize)?;
    Ok(open(plan, needed))
}

/// All rows of a plan.
///
/// # Errors
/// `LimitsExceeded` when they take too much.
pub(crate) fn collect(plan: &Plan, env: &Env<'_>) -> Result<Frame> {
    let mut stream = open_metered(plan, &vec![true; plan.columns.len()], env)?;
    collect_stream(stream.as_mut(), plan.columns.len(), env)
}

/// The rows of a plan, up to one by which there are seen to be too many or too large ones.
pub(crate) fn collect_up_to(plan: &Plan, rows: usize, bytes: usize, env: &Env<'_>) -> Result<Frame> {
    let mut stream = open_metered(plan, &vec![true; plan.columns.len()], env)?;
    let mut collected = Collected::new(plan.columns.len());
    let mut data = 0;
    let before = env.meter.passing();
    while collected.len() < rows && data <= bytes {
        let Some(frame) = stream.next(env)? else { break };
        let frame = frame.first(rows - collected.len());
        env.meter.set_passing(before);
        env.meter.hold(frame.size())?;
        data += frame.payload();
        collected.push(frame);
    }
    Ok(collected.into_frame())
}

/// All rows of a stream of so many columns. They count as held from now on.
pub(crate) fn collect_stream(stream: &mut dyn Stream, columns: usize, env: &Env<'_>) -> Result<Frame> {
    let mut collected = Collected::new(columns);
    let before = env.meter.passing();
    while let Some(frame) = stream.next(env)? {
        env.meter.set_passing(before);
        env.meter.hold(frame.size())?;
        collected.push(frame);
    }
    Ok(collected.into_frame())
}

/// The first value of a plan; null where it has none.
pub(crate) fn first_value(plan: &Plan, env: &Env<'_>) -> Result<Value> {
    let mut needed = none(plan);
    if let Some(first) = needed.first_mut() {
        *first = true;
    }
    let mut stream = open_metered(plan, &needed, env)?;
    let before = env.meter.passing();
    while let Some(frame) = stream.next(env)? {
        env.meter.set_passing(before);
        if frame.rows > 0 {
            return Ok(frame
                .columns
                .first()
                .map_or(Value::Null, |column| column.at(0).clone()));
        }
    }
    Ok(Value::Null)
}
