//! Functions of arrays as sets: each value once, in the order in which they come.

use std::collections::HashSet;

use kusto_ingest_decode::ScalarType::Dynamic;

use super::{Function, typed};
use crate::Value;

pub(super) const TABLE: &[Function] = &[
    typed("set_union", "j*", Dynamic, |args, _| once(items(args).flatten())),
    typed("set_intersect", "j*", Dynamic, |args, _| intersect(args)),
    typed("set_difference", "jj*", Dynamic, |args, _| {
        let others: HashSet<&Value> = items(&args[1..]).flatten().collect();
        once(items(&args[..1]).flatten().filter(|item| !others.contains(item)))
    }),
    typed("jaccard_index", "jj", Dynamic, |args, _| jaccard(args).into()),
    typed("array_unique", "j", Dynamic, |args, _| {
        once(items(args).flatten())
    }),
];

fn items<'a>(args: &'a [&Value]) -> impl Iterator<Item = &'a [Value]> {
    args.iter().filter_map(|value| value.as_array())
}

fn once<'a>(items: impl Iterator<Item = &'a Value>) -> Value {
    let mut known = HashSet::new();
    Value::array(items.filter(|item| known.insert(*item)).cloned().collect())
}

fn intersect(args: &[&Value]) -> Value {
    let others: Vec<HashSet<&Value>> = items(&args[1..]).map(|items| items.iter().collect()).collect();
    let in_all = |item: &&Value| others.iter().all(|other| other.contains(item));
    once(items(&args[..1]).flatten().filter(in_all))
}

#[expect(clippy::cast_precision_loss, reason = "sets are small")]
fn jaccard(args: &[&Value]) -> Option<f64> {
    let left: HashSet<&Value> = args[0].as_array()?.iter().collect();
    let right: HashSet<&Value> = args[1].as_array()?.iter().collect();
    let union = left.union(&right).count();
    (union > 0).then(|| left.intersection(&right).count() as f64 / union as f64)
}
