//! Aggregates that count.

use std::collections::HashSet;

use kusto_ingest_decode::ScalarType::Long;

use super::{AggregateFunction, Gives, State, aggregate, per_group};
use crate::Value;

pub(super) const TABLE: &[AggregateFunction] = &[
    aggregate("count", "?a", Gives::Type(Long), per_group::<Count>),
    aggregate("dcount", "a?l", Gives::Type(Long), per_group::<Distinct>),
    aggregate("count_distinct", "a", Gives::Type(Long), per_group::<Distinct>),
];

#[derive(Default)]
struct Count(i64);

impl State for Count {
    fn add(&mut self, _: &[&Value]) -> usize {
        self.0 += 1;
        0
    }

    fn finish(self) -> Value {
        Value::Long(self.0)
    }
}

/// Exact, where the service estimates.
#[derive(Default)]
struct Distinct(HashSet<Value>);

impl State for Distinct {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        let value = arguments[0];
        let is_new = !value.is_null() && !self.0.contains(value);
        if is_new {
            self.0.insert(value.clone());
        }
        if is_new { value.size() + 16 } else { 0 }
    }

    fn finish(self) -> Value {
        Value::Long(i64::try_from(self.0.len()).unwrap_or(i64::MAX))
    }
}
