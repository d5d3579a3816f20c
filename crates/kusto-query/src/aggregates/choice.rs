//! Aggregates that choose one of the values, and other columns of its row.

use kusto_ingest_core::Result;

use super::{AggregateFunction, Aggregator, Gives, State, aggregate, per_group};
use crate::Value;
use crate::env::Env;
use crate::frame::Vector;

pub(super) const TABLE: &[AggregateFunction] = &[
    aggregate("min", "o", Gives::First, per_group::<Extreme<false>>),
    aggregate("max", "o", Gives::First, per_group::<Extreme<true>>),
    aggregate("arg_min", "a?a*", Gives::First, || {
        Box::new(Rows::new(Choice::Least))
    }),
    aggregate("arg_max", "a?a*", Gives::First, || {
        Box::new(Rows::new(Choice::Greatest))
    }),
    aggregate("take_any", "a*", Gives::First, || {
        Box::new(Rows::new(Choice::Any))
    }),
];

#[derive(Default)]
struct Extreme<const GREATEST: bool>(Option<Value>);

impl<const GREATEST: bool> State for Extreme<GREATEST> {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        let value = arguments[0];
        let is_better = match &self.0 {
            _ if value.is_null() => false,
            None => true,
            Some(best) if GREATEST => value.order(best).is_gt(),
            Some(best) => value.order(best).is_lt(),
        };
        if is_better {
            self.0 = Some(value.clone());
        }
        0
    }

    fn finish(self) -> Value {
        self.0.unwrap_or(Value::Null)
    }
}

/// Which row is chosen.
#[derive(Clone, Copy)]
enum Choice {
    /// That of the least first value.
    Least,
    Greatest,
    /// The first whose first value is something.
    Any,
}

/// The chosen row of every group. Groups of which no row counts have none.
struct Rows {
    choice: Choice,
    rows: Vec<Option<Vec<Value>>>,
    width: usize,
}

impl Rows {
    fn new(choice: Choice) -> Self {
        Self {
            choice,
            rows: Vec::new(),
            width: 0,
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_text().is_some_and(str::is_empty)
}

impl Aggregator for Rows {
    fn add(
        &mut self,
        groups: &[Option<u32>],
        count: usize,
        arguments: &[Vector],
        env: &Env<'_>,
    ) -> Result<()> {
        self.width = arguments.len();
        let before = self.rows.len();
        self.rows.resize(count.max(before), None);
        env.meter
            .hold((self.rows.len() - before) * (24 + self.width * size_of::<Value>()))?;
        for (place, group) in groups.iter().enumerate() {
            let Some(row) = group.and_then(|group| self.rows.get_mut(group as usize)) else {
                continue;
            };
            let value = arguments[0].at(place);
            let is_better = match (&row, self.choice) {
                (None, _) => true,
                (Some(row), Choice::Any) => is_nothing(&row[0]) && !is_nothing(value),
                (Some(_), _) if value.is_null() => false,
                (Some(row), _) if row[0].is_null() => true,
                (Some(row), Choice::Greatest) => value.order(&row[0]).is_gt(),
                (Some(row), Choice::Least) => value.order(&row[0]).is_lt(),
            };
            if is_better {
                *row = Some(
                    arguments
                        .iter()
                        .map(|argument| argument.at(place).clone())
                        .collect(),
                );
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Vec<Vec<Value>> {
        let width = self.width;
        let mut columns = vec![Vec::with_capacity(self.rows.len()); width];
        for row in self.rows {
            let mut values = row.unwrap_or_default().into_iter();
            for column in &mut columns {
                column.push(values.next().unwrap_or(Value::Null));
            }
        }
        columns
    }
}
