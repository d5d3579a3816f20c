//! `summarize` and `distinct`.

use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use super::Binder;
use super::arguments::{is_star, taken};
use super::expression::as_bool;
use super::names::{NewColumns, name_of, percentile_name};
use crate::aggregates::{Aggregate, AggregateFunction, Gives, find};
use crate::error::semantic;
use crate::plan::{Expr, ExprKind, Plan, PlanNode};
use crate::syntax::{Argument, Expr as Syntax, Named, Node};

/// The aggregates of a `summarize` so far, and the columns that they are over.
pub(super) struct Aggregates {
    list: Vec<Aggregate>,
    row: Vec<Column>,
    /// The place of the next aggregate's first column, behind the keys and the aggregates before it.
    next: usize,
}

impl Aggregates {
    /// Puts an aggregate behind the others: the place of its first column.
    fn push(&mut self, aggregate: Aggregate) -> usize {
        let place = self.next;
        self.next += aggregate.gives.len();
        self.list.push(aggregate);
        place
    }
}

impl Binder<'_> {
    pub(super) fn summarize(
        &mut self,
        input: Arc<Plan>,
        aggregates: &[Named],
        by: &[Named],
    ) -> Result<Arc<Plan>> {
        let row = input.columns.clone();
        let mut columns = NewColumns::default();
        let keys = self.keys(by, &row, &mut columns)?;
        let mut all = Aggregates {
            list: Vec::new(),
            row,
            next: keys.len(),
        };
        let mut outputs: Vec<Expr> = keys
            .iter()
            .enumerate()
            .map(|(place, key)| Expr::column(place, key.scalar_type))
            .collect();
        let key_names: Vec<String> = columns.columns.iter().map(|column| column.name.clone()).collect();
        for named in aggregates {
            match several(&named.value) {
                Some(("percentiles", arguments)) => {
                    self.percentiles(arguments, named, &mut all, &mut outputs, &mut columns)?;
                }
                Some((name, arguments)) => {
                    let places = self.choice(name, arguments, &key_names, &mut all)?;
                    self.name_choice(named, places, &mut outputs, &mut columns)?;
                }
                None => {
                    // Columns can be named within aggregates only.
                    self.aggregates = Some(all);
                    let bound = self.scalar(&named.value, &[]);
                    let Some(back) = self.aggregates.take() else {
                        return bound.map(|_| input);
                    };
                    all = back;
                    outputs.push(bound?);
                    self.name_column(&mut columns, named, outputs.last())?;
                }
            }
        }
        finish(input, keys, all, outputs, columns.columns)
    }

    /// Rows brought together by values alone.
    pub(super) fn distinct(&mut self, input: Arc<Plan>, list: &[Named]) -> Result<Arc<Plan>> {
        self.summarize(input, &[], list)
    }

    fn keys(&mut self, by: &[Named], row: &[Column], columns: &mut NewColumns) -> Result<Vec<Expr>> {
        let mut keys = Vec::new();
        for named in by {
            if matches!(named.value.node, Node::Star) {
                for (place, column) in row.iter().enumerate() {
                    columns.derived(&column.name, column.scalar_type)?;
                    keys.push(Expr::column(place, column.scalar_type));
                }
                continue;
            }
            keys.push(self.scalar(&named.value, row)?);
            self.name_column(columns, named, keys.last())?;
        }
        Ok(keys)
    }

    /// Puts a column of an expression behind the others.
    pub(super) fn name_column(
        &mut self,
        columns: &mut NewColumns,
        named: &Named,
        value: Option<&Expr>,
    ) -> Result<()> {
        let scalar_type = value.map_or(ScalarType::Dynamic, |value| value.scalar_type);
        match (named.names.first(), name_of(&named.value)) {
            (Some(name), _) => columns.explicit(name, scalar_type),
            (None, Some(name)) => columns.derived(&name, scalar_type),
            (None, None) => columns.numbered(&mut self.numbered, scalar_type),
        }
    }

    /// `arg_max`, `arg_min` and `take_any`: a column for each argument, and for a star all others that are no keys.
    fn choice(
        &mut self,
        name: &str,
        arguments: &[Argument],
        keys: &[String],
        all: &mut Aggregates,
    ) -> Result<Vec<(Option<String>, Expr)>> {
        let mut values = Vec::new();
        let mut names: Vec<Option<String>> = Vec::new();
        for argument in arguments {
            if !is_star(argument) {
                values.push(self.scalar(&argument.value, &all.row)?);
                let own = name_of(&argument.value);
                names.push(if name == "any" {
                    own.map(|own| format!("any_{own}"))
                } else {
                    own
                });
                continue;
            }
            let first = names.first().cloned().flatten();
            for (place, column) in all.row.iter().enumerate() {
                if !keys.contains(&column.name) && first.as_ref() != Some(&column.name) {
                    values.push(Expr::column(place, column.scalar_type));
                    names.push(Some(column.name.clone()));
                }
            }
        }
        let (Some((function, _)), false) = (find(name), values.is_empty()) else {
            return Err(semantic(format!(
                "The function '{name}' expects at least 1 argument."
            )));
        };
        let gives: Vec<ScalarType> = values.iter().map(|value| value.scalar_type).collect();
        let first = all.push(Aggregate {
            function,
            arguments: values,
            condition: None,
            gives: gives.clone(),
        });
        let columns = names.into_iter().zip(gives).enumerate();
        Ok(columns
            .map(|(place, (name, gives))| (name, Expr::column(first + place, gives)))
            .collect())
    }

    fn name_choice(
        &mut self,
        named: &Named,
        chosen: Vec<(Option<String>, Expr)>,
        outputs: &mut Vec<Expr>,
        columns: &mut NewColumns,
    ) -> Result<()> {
        for (place, (own, value)) in chosen.into_iter().enumerate() {
            match (named.names.get(place), own) {
                (Some(name), _) => columns.explicit(name, value.scalar_type)?,
                (None, Some(own)) => columns.derived(&own, value.scalar_type)?,
                (None, None) => columns.numbered(&mut self.numbered, value.scalar_type)?,
            }
            outputs.push(value);
        }
        Ok(())
    }

    /// A column for each percentage.
    fn percentiles(
        &mut self,
        arguments: &[Argument],
        named: &Named,
        all: &mut Aggregates,
        outputs: &mut Vec<Expr>,
        columns: &mut NewColumns,
    ) -> Result<()> {
        let ([value, percents @ ..], Some(found)) = (arguments, find("percentile")) else {
            return Err(semantic(
                "The function 'percentiles' expects at least 2 arguments.",
            ));
        };
        for (place, percent) in percents.iter().enumerate() {
            let pair = [value.clone(), percent.clone()];
            let aggregate = self.aggregate("percentile", found, &pair, &all.row)?;
            let gives = aggregate.gives[0];
            outputs.push(Expr::column(all.push(aggregate), gives));
            match named.names.get(place) {
                Some(name) => columns.explicit(name, gives)?,
                None => {
                    let first = name_of(&value.value);
                    columns.derived(&percentile_name(first.as_deref(), Some(&percent.value)), gives)?;
                }
            }
        }
        Ok(())
    }

    /// A call of an aggregate function within an expression.
    pub(super) fn aggregate_call(
        &mut self,
        name: &str,
        found: (&'static AggregateFunction, bool),
        arguments: &[Argument],
    ) -> Result<Expr> {
        let Some(mut all) = self.aggregates.take() else {
            return Err(semantic(format!(
                "the aggregate function '{name}' can be called in summarize only"
            )));
        };
        let aggregate = self.aggregate(name, found, arguments, &all.row)?;
        let [gives] = aggregate.gives[..] else {
            return Err(semantic(format!(
                "'{name}' gives several columns, and cannot be part of an expression"
            )));
        };
        let place = all.push(aggregate);
        self.aggregates = Some(all);
        Ok(Expr::column(place, gives))
    }

    /// An aggregate that gives one column.
    fn aggregate(
        &mut self,
        name: &str,
        (function, has_condition): (&'static AggregateFunction, bool),
        arguments: &[Argument],
        row: &[Column],
    ) -> Result<Aggregate> {
        let mut bound = Vec::new();
        for argument in arguments {
            match is_star(argument) {
                true if function.name == "count" => {}
                true => return Err(semantic(format!("The function '{name}' takes no star here."))),
                false => bound.push(self.scalar(&argument.value, row)?),
            }
        }
        let mut condition = None;
        if has_condition {
            let place = usize::from(function.name != "count");
            if place >= bound.len() {
                return Err(semantic(format!("The function '{name}' lacks its condition.")));
            }
            condition = Some(as_bool(bound.remove(place))?);
        }
        let mut arguments = taken(name, function.takes, bound)?;
        let is_ordered = matches!(function.name, "min" | "max");
        if let Some(first) = arguments.first_mut().filter(|_| function.takes.starts_with('o')) {
            *first = match first.scalar_type {
                ScalarType::Dynamic if !is_ordered => first.clone().cast(ScalarType::Real),
                ScalarType::String | ScalarType::Bool | ScalarType::Guid if !is_ordered => {
                    return Err(semantic(format!(
                        "The function '{name}' cannot be applied to {}",
                        first.scalar_type
                    )));
                }
                _ => first.clone(),
            };
        }
        let first = arguments
            .first()
            .map_or(ScalarType::Dynamic, |first| first.scalar_type);
        let gives = match (function.gives, first) {
            (Gives::Type(scalar_type), _) => scalar_type,
            (Gives::Promoted, ScalarType::Int) => ScalarType::Long,
            (Gives::Mean, ScalarType::Int | ScalarType::Long) => ScalarType::Real,
            (Gives::First | Gives::Promoted | Gives::Mean, first) => first,
        };
        Ok(Aggregate {
            function,
            arguments,
            condition,
            gives: vec![gives],
        })
    }
}

/// The call of an aggregate function that gives several columns, where an expression is one.
fn several(expr: &Syntax) -> Option<(&str, &[Argument])> {
    let Node::Call(name, arguments) = &expr.node else {
        return None;
    };
    let is_choice = || {
        let found = find(name).filter(|(_, has_condition)| !has_condition);
        found.is_some_and(|(function, _)| matches!(function.name, "arg_max" | "arg_min" | "take_any"))
    };
    (name == "percentiles" || is_choice()).then_some((name, arguments))
}

fn finish(
    input: Arc<Plan>,
    keys: Vec<Expr>,
    all: Aggregates,
    outputs: Vec<Expr>,
    columns: Vec<Column>,
) -> Result<Arc<Plan>> {
    let key_types = keys.iter().map(|key| key.scalar_type);
    let types = key_types.chain(
        all.list
            .iter()
            .flat_map(|aggregate| aggregate.gives.iter().copied()),
    );
    let raw: Vec<Column> = types.map(|scalar_type| Column::new("", scalar_type)).collect();
    let is_plain = outputs
        .iter()
        .enumerate()
        .all(|(place, value)| matches!(value.kind, ExprKind::Column(at) if at == place));
    let node = PlanNode::Summarize {
        input,
        by: keys,
        aggregates: all.list,
    };
    if is_plain && outputs.len() == raw.len() {
        return Plan::new(node, columns);
    }
    let summarized = Plan::new(node, raw)?;
    Plan::new(PlanNode::Project(summarized, outputs), columns)
}
