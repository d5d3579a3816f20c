//! Aggregates that put values together: lists, sets, bags.

use std::collections::HashSet;
use std::sync::Arc;

use kusto_ingest_decode::ScalarType::Dynamic;

use super::{AggregateFunction, Gives, State, aggregate, per_group};
use crate::Value;

/// The most elements, unless the query says otherwise.
const MOST: usize = 1_048_576;

pub(super) const TABLE: &[AggregateFunction] = &[
    aggregate("make_list", "a?l", Gives::Type(Dynamic), per_group::<List<false>>).named("list"),
    aggregate(
        "make_list_with_nulls",
        "a",
        Gives::Type(Dynamic),
        per_group::<List<true>>,
    )
    .named("list"),
    aggregate("make_set", "a?l", Gives::Type(Dynamic), per_group::<Set>).named("set"),
    aggregate("make_bag", "j?l", Gives::Type(Dynamic), per_group::<Bag>).named("bag"),
];

fn most(arguments: &[&Value]) -> usize {
    let most = arguments.get(1).and_then(|most| most.as_long());
    most.map_or(MOST, |most| usize::try_from(most).unwrap_or(0))
}

#[derive(Default)]
struct List<const NULLS: bool>(Vec<Value>);

impl<const NULLS: bool> State for List<NULLS> {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        if (arguments[0].is_null() && !NULLS) || self.0.len() >= most(arguments) {
            return 0;
        }
        self.0.push(arguments[0].clone());
        arguments[0].size()
    }

    fn finish(self) -> Value {
        Value::array(self.0)
    }
}

/// In the order in which the values come.
#[derive(Default)]
struct Set {
    known: HashSet<Value>,
    values: Vec<Value>,
}

impl State for Set {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        // Of an array its elements are put in, as the service does.
        let items = arguments[0]
            .as_array()
            .unwrap_or(std::slice::from_ref(arguments[0]));
        let mut held = 0;
        for item in items {
            if item.is_null() || self.values.len() >= most(arguments) || self.known.contains(item) {
                continue;
            }
            self.known.insert(item.clone());
            self.values.push(item.clone());
            held += 2 * item.size();
        }
        held
    }

    fn finish(self) -> Value {
        Value::array(self.values)
    }
}

/// Of several members of one name, the first stays.
#[derive(Default)]
struct Bag {
    known: HashSet<Arc<str>>,
    members: Vec<(Arc<str>, Value)>,
}

impl State for Bag {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        let mut held = 0;
        for (name, value) in arguments[0].as_bag().unwrap_or_default() {
            if self.members.len() < most(arguments) && self.known.insert(Arc::clone(name)) {
                self.members.push((Arc::clone(name), value.clone()));
                held += name.len() + 64 + value.size();
            }
        }
        held
    }

    fn finish(self) -> Value {
        Value::bag(self.members)
    }
}
