//! What operators make of a table.

use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use super::Binder;
use super::expression::as_bool;
use super::names::NewColumns;
use crate::Value;
use crate::plan::{Expr, Key, Plan, PlanNode};
use crate::syntax::{Named, Node, Operator, SortKey};

impl Binder<'_> {
    /// The table that operators make of another.
    pub(crate) fn pipe(&mut self, source: Arc<Plan>, operators: &[Operator]) -> Result<Arc<Plan>> {
        let scope = std::rc::Rc::clone(&self.scope);
        let before = std::mem::take(&mut self.in_order);
        let mut plan = source;
        let mut outcome = Ok(());
        for operator in operators {
            self.visual = None;
            match self.held(Arc::clone(&plan), operator) {
                Ok(next) => plan = next,
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
            self.in_order = keeps_order(operator, self.in_order);
        }
        self.scope = scope;
        self.in_order = before;
        outcome.map(|()| plan)
    }

    /// The table that an operator makes of another. Its columns are held until the query ends.
    fn held(&mut self, input: Arc<Plan>, operator: &Operator) -> Result<Arc<Plan>> {
        let plan = self.operator(input, operator)?;
        self.hold_columns(plan.columns.len())?;
        Ok(plan)
    }

    fn operator(&mut self, input: Arc<Plan>, operator: &Operator) -> Result<Arc<Plan>> {
        let columns = input.columns.clone();
        match operator {
            Operator::Where(predicate) => {
                let predicate = as_bool(self.scalar(predicate, &columns)?)?;
                self.filtered(input, predicate)
            }
            Operator::Project(list) => self.project(input, list),
            Operator::Extend(list) | Operator::Serialize(list) => {
                self.in_order |= matches!(operator, Operator::Serialize(_));
                self.extend(input, list)
            }
            Operator::ProjectAway(_)
            | Operator::ProjectKeep(_)
            | Operator::ProjectRename(_)
            | Operator::ProjectReorder(_) => self.choose_columns(input, operator),
            Operator::Summarize { aggregates, by } => self.summarize(input, aggregates, by),
            Operator::Distinct(list) => self.distinct(input, list),
            Operator::Sort(_)
            | Operator::Top(..)
            | Operator::Take(_)
            | Operator::Sample(_)
            | Operator::SampleDistinct(..) => self.choose_rows(input, operator),
            Operator::Count => Plan::new(
                PlanNode::Count(input),
                vec![Column::new("Count", ScalarType::Long)],
            ),
            Operator::Union(union) => self.union(Some(input), union),
            Operator::Join(join) => self.join(input, join),
            Operator::Lookup(join) => self.lookup(input, join),
            Operator::Expand {
                columns,
                index,
                pairs,
                limit,
            } => {
                let limit = limit.as_ref().map(|limit| self.count(limit)).transpose()?;
                let expanded = self.expanded(&input, columns)?;
                super::shape::expanding(input, expanded, index.as_deref(), *pairs, limit)
            }
            Operator::Parse {
                value,
                pattern,
                filters,
            } => self.parse_text(input, value, pattern, *filters),
            Operator::GetSchema => super::shape::schema_of(&input),
            Operator::Render(visual) => {
                self.visual = Some(visual.clone());
                Ok(input)
            }
            Operator::As(name) => {
                self.define_table(name, Arc::clone(&input));
                Ok(input)
            }
            Operator::Consume => {
                let none = Expr::constant(Value::Bool(false), ScalarType::Bool);
                Plan::new(PlanNode::Filter(input, none), columns)
            }
        }
    }

    /// Operators that choose rows, or put them in order.
    fn choose_rows(&mut self, input: Arc<Plan>, operator: &Operator) -> Result<Arc<Plan>> {
        let columns = input.columns.clone();
        match operator {
            Operator::Sort(keys) => {
                let keys = self.sort_keys(keys, &columns)?;
                Plan::new(PlanNode::Sort(input, keys), columns)
            }
            Operator::Top(count, keys) => {
                let count = self.count(count)?;
                let keys = self.sort_keys(keys, &columns)?;
                Plan::new(PlanNode::Top(input, count, keys), columns)
            }
            Operator::Take(count) | Operator::Sample(count) => {
                let count = self.count(count)?;
                Plan::new(PlanNode::Take(input, count), columns)
            }
            Operator::SampleDistinct(count, value) => {
                let count = self.count(count)?;
                let distinct = self.distinct(input, std::slice::from_ref(value))?;
                let columns = distinct.columns.clone();
                Plan::new(PlanNode::Take(distinct, count), columns)
            }
            _ => Ok(input),
        }
    }

    /// A filter, with a step before it where its predicate looks at other rows.
    fn filtered(&mut self, input: Arc<Plan>, mut predicate: Expr) -> Result<Arc<Plan>> {
        let columns = input.columns.clone();
        if !predicate.has_window() {
            return Plan::new(PlanNode::Filter(input, predicate), columns);
        }
        let mut windows = Vec::new();
        super::sources::take_windows(&mut predicate, columns.len(), &mut windows);
        let behind = windows.iter().map(|window| Column::new("", window.scalar_type));
        let wide: Vec<Column> = columns.iter().cloned().chain(behind).collect();
        let serialized = Plan::new(PlanNode::Serialize(input, windows), wide.clone())?;
        let filtered = Plan::new(PlanNode::Filter(serialized, predicate), wide)?;
        let values = columns
            .iter()
            .enumerate()
            .map(|(place, column)| Expr::column(place, column.scalar_type));
        Plan::new(PlanNode::Project(filtered, values.collect()), columns)
    }

    fn sort_keys(&mut self, keys: &[SortKey], row: &[Column]) -> Result<Vec<Key>> {
        let key = |key: &SortKey| {
            Ok(Key {
                value: self.scalar(&key.value, row)?,
                ascending: key.ascending,
                nulls_first: key.nulls_first,
            })
        };
        keys.iter().map(key).collect()
    }

    fn project(&mut self, input: Arc<Plan>, list: &[Named]) -> Result<Arc<Plan>> {
        let row = input.columns.clone();
        let mut columns = NewColumns::default();
        let mut values = Vec::new();
        for named in list {
            if matches!(named.value.node, Node::Star) {
                for (place, column) in row.iter().enumerate() {
                    columns.derived(&column.name, column.scalar_type)?;
                    values.push(Expr::column(place, column.scalar_type));
                }
                continue;
            }
            values.push(self.scalar(&named.value, &row)?);
            match (&named.value.node, named.names.is_empty()) {
                // A column that stands there twice is a mistake, and not to be given another name.
                (Node::Name(name), true)
                    if columns.columns.iter().any(|column| column.name == *name)
                        && is_written(list, name) > 1 =>
                {
                    columns.explicit(name, ScalarType::Dynamic)?;
                }
                _ => self.name_column(&mut columns, named, values.last())?,
            }
        }
        self.projected(input, values, columns.columns)
    }

    /// A projection, with a step before it where values look at other rows.
    pub(super) fn projected(
        &mut self,
        input: Arc<Plan>,
        mut values: Vec<Expr>,
        columns: Vec<Column>,
    ) -> Result<Arc<Plan>> {
        let mut windows = Vec::new();
        let width = input.columns.len();
        for value in values.iter_mut().filter(|value| value.has_window()) {
            super::sources::take_windows(value, width, &mut windows);
        }
        if windows.is_empty() {
            return Plan::new(PlanNode::Project(input, values), columns);
        }
        let behind = windows.iter().map(|window| Column::new("", window.scalar_type));
        let wide: Vec<Column> = input.columns.iter().cloned().chain(behind).collect();
        let serialized = Plan::new(PlanNode::Serialize(input, windows), wide)?;
        Plan::new(PlanNode::Project(serialized, values), columns)
    }

    /// New columns stand behind the others, or in the place of one of their name.
    fn extend(&mut self, input: Arc<Plan>, list: &[Named]) -> Result<Arc<Plan>> {
        let row = input.columns.clone();
        let mut values: Vec<Expr> = row
            .iter()
            .enumerate()
            .map(|(place, column)| Expr::column(place, column.scalar_type))
            .collect();
        let mut columns = NewColumns::behind(row.clone());
        let mut named_so_far = NewColumns::default();
        for named in list {
            let value = self.scalar(&named.value, &row)?;
            self.name_column(&mut named_so_far, named, Some(&value))?;
            let Some(new) = named_so_far.columns.last_mut() else {
                continue;
            };
            let is_numbered = named.names.is_empty() && super::names::name_of(&named.value).is_none();
            let known = columns.columns.iter().position(|column| column.name == new.name);
            match known {
                Some(place) if !is_numbered => {
                    columns.columns[place].scalar_type = value.scalar_type;
                    values[place] = value;
                }
                _ => {
                    columns.derived(&new.name, value.scalar_type)?;
                    values.push(value);
                }
            }
        }
        self.projected(input, values, columns.columns)
    }
}

fn is_written(list: &[Named], name: &str) -> usize {
    let plain = |named: &&Named| {
        named.names.is_empty() && matches!(&named.value.node, Node::Name(known) if known == name)
    };
    list.iter().filter(plain).count()
}

/// Whether rows are in an order behind an operator.
fn keeps_order(operator: &Operator, before: bool) -> bool {
    match operator {
        Operator::Sort(_) | Operator::Top(..) | Operator::Serialize(_) => true,
        Operator::Where(_)
        | Operator::Project(_)
        | Operator::ProjectAway(_)
        | Operator::ProjectKeep(_)
        | Operator::ProjectRename(_)
        | Operator::ProjectReorder(_)
        | Operator::Extend(_)
        | Operator::Take(_)
        | Operator::Parse { .. }
        | Operator::Expand { .. }
        | Operator::Render(_)
        | Operator::As(_) => before,
        _ => false,
    }
}
