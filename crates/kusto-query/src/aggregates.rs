//! The aggregate functions: one row of a table each, with what they take, what they give, and how.

mod choice;
mod collections;
mod counts;
mod sums;

use std::fmt;

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use crate::Value;
use crate::env::Env;
use crate::frame::Vector;
use crate::plan::{Expr, Extent};

/// An aggregate function.
#[derive(Debug)]
pub(crate) struct AggregateFunction {
    pub(crate) name: &'static str,
    /// What it takes, by the letters of [`Function`](crate::functions::Function).
    pub(crate) takes: &'static str,
    pub(crate) gives: Gives,
    /// What stands before the name of the first argument in the name of its column.
    pub(crate) prefix: &'static str,
    pub(crate) make: fn() -> Box<dyn Aggregator>,
}

/// The type of what an aggregate function gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gives {
    Type(ScalarType),
    /// That of its first argument.
    First,
    /// That of its first argument, and long instead of int.
    Promoted,
    /// What a mean of its first argument is.
    Mean,
}

/// An aggregate of a query: the function, over what, and of which rows.
#[derive(Debug)]
pub(crate) struct Aggregate {
    pub(crate) function: &'static AggregateFunction,
    pub(crate) arguments: Vec<Expr>,
    /// Only rows for which it holds count.
    pub(crate) condition: Option<Expr>,
    /// The types of its columns: several for `arg_max` and its like.
    pub(crate) gives: Vec<ScalarType>,
}

impl Aggregate {
    /// Marks the columns that it needs.
    pub(crate) fn mark(&self, needed: &mut [bool]) {
        let values = self.arguments.iter().chain(&self.condition);
        values.for_each(|value| value.mark(needed));
    }

    pub(crate) fn extent(&self) -> Extent {
        let values = self.arguments.iter().chain(&self.condition);
        values.map(Expr::extent).sum()
    }
}

/// What is added up for every group.
pub(crate) trait Aggregator {
    /// Adds rows, each to its group. There are so many groups by now. A row whose condition does not hold has no group.
    ///
    /// # Errors
    /// When too much memory would be held.
    fn add(
        &mut self,
        groups: &[Option<u32>],
        count: usize,
        arguments: &[Vector],
        env: &Env<'_>,
    ) -> Result<()>;

    /// What came of each group, column by column.
    fn finish(self: Box<Self>) -> Vec<Vec<Value>>;
}

/// What is added up for one group.
pub(crate) trait State: Default + 'static {
    /// Adds a row. How many bytes more are held now.
    fn add(&mut self, arguments: &[&Value]) -> usize;

    /// What came of it.
    fn finish(self) -> Value;
}

/// A state for every group.
struct PerGroup<S>(Vec<S>);

impl<S: State> Aggregator for PerGroup<S> {
    fn add(
        &mut self,
        groups: &[Option<u32>],
        count: usize,
        arguments: &[Vector],
        env: &Env<'_>,
    ) -> Result<()> {
        let before = self.0.len();
        self.0.resize_with(count.max(before), S::default);
        env.meter.hold((self.0.len() - before) * size_of::<S>())?;
        let mut row: Vec<&Value> = Vec::with_capacity(arguments.len());
        let mut held = 0;
        for (place, group) in groups.iter().enumerate() {
            let Some(state) = group.and_then(|group| self.0.get_mut(group as usize)) else {
                continue;
            };
            row.clear();
            row.extend(arguments.iter().map(|argument| argument.at(place)));
            held += state.add(&row);
            if held > 1 << 20 {
                env.meter.hold(std::mem::take(&mut held))?;
            }
        }
        env.meter.hold(held)
    }

    fn finish(self: Box<Self>) -> Vec<Vec<Value>> {
        vec![self.0.into_iter().map(S::finish).collect()]
    }
}

fn per_group<S: State>() -> Box<dyn Aggregator> {
    Box::new(PerGroup::<S>(Vec::new()))
}

const fn aggregate(
    name: &'static str,
    takes: &'static str,
    gives: Gives,
    make: fn() -> Box<dyn Aggregator>,
) -> AggregateFunction {
    AggregateFunction {
        name,
        takes,
        gives,
        prefix: name,
        make,
    }
}

impl AggregateFunction {
    const fn named(self, prefix: &'static str) -> Self {
        Self { prefix, ..self }
    }
}

impl fmt::Debug for dyn Aggregator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Aggregator")
    }
}

const TABLES: &[&[AggregateFunction]] = &[counts::TABLE, sums::TABLE, collections::TABLE, choice::TABLE];

/// Other names of aggregate functions.
const ALIASES: &[(&str, &str)] = &[
    ("makelist", "make_list"),
    ("makeset", "make_set"),
    ("make_dictionary", "make_bag"),
    ("argmax", "arg_max"),
    ("argmin", "arg_min"),
    ("any", "take_any"),
    ("anyif", "take_anyif"),
];

/// The aggregate function of a name, and whether it has a condition behind its first argument: that is what `if` at the
/// end of a name says.
pub(crate) fn find(name: &str) -> Option<(&'static AggregateFunction, bool)> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let name = alias.map_or(name, |(_, name)| name);
    let plain = |name: &str| {
        TABLES
            .iter()
            .flat_map(|table| table.iter())
            .find(|function| function.name == name)
    };
    if let Some(found) = plain(name) {
        return Some((found, false));
    }
    let base = name.strip_suffix("_if").or_else(|| name.strip_suffix("if"))?;
    plain(base)
        .filter(|found| found.name != "percentile" && !found.name.starts_with("arg_"))
        .map(|found| (found, true))
}

/// The names of all of them, those with a condition left out.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let functions = TABLES
        .iter()
        .flat_map(|table| table.iter())
        .map(|function| function.name);
    functions.chain(["percentiles"])
}
