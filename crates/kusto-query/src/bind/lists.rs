//! Operators whose right side is a list: `in`, `has_any`, `has_all`.

use std::sync::{Arc, OnceLock};

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use super::expression::known;
use super::{Binder, Bound};
use crate::error::semantic;
use crate::functions::widest;
use crate::plan::{Expr, ExprKind, InSet, Plan};
use crate::syntax::{Expr as Syntax, ListKind, ListOperator};

impl Binder<'_> {
    pub(super) fn list(
        &mut self,
        operator: ListOperator,
        value: &Syntax,
        list: &[Syntax],
        row: &[Column],
    ) -> Result<Expr> {
        let value = self.scalar(value, row)?;
        let mut values = Vec::new();
        let mut query = None;
        for item in list {
            self.level += 1;
            let bound = self.either(item, row);
            self.level -= 1;
            match bound? {
                Bound::Scalar(scalar) => values.push(scalar),
                Bound::Table(plan) if plan.columns.is_empty() => {
                    return Err(semantic("a list's query has no columns"));
                }
                Bound::Table(plan) => query = Some(plan),
            }
        }
        match operator.kind {
            ListKind::In | ListKind::InFolded => Ok(contained(operator, value, values, query)),
            ListKind::HasAny | ListKind::HasAll => {
                let name = if operator.kind == ListKind::HasAny {
                    "has_any"
                } else {
                    "has_all"
                };
                if query.is_some() {
                    return Err(semantic(format!(
                        "the right side of {name} cannot be a query here"
                    )));
                }
                let mut arguments = vec![value.cast(ScalarType::String)];
                arguments.extend(values);
                let found = Expr::call(known(name), arguments, ScalarType::Bool);
                Ok(match operator.negated {
                    true => Expr::call(known("not"), vec![found], ScalarType::Bool),
                    false => found,
                })
            }
        }
    }
}

fn contained(operator: ListOperator, value: Expr, values: Vec<Expr>, query: Option<Arc<Plan>>) -> Expr {
    let of_query = query
        .iter()
        .filter_map(|plan| plan.columns.first())
        .map(|column| column.scalar_type);
    let types: Vec<ScalarType> = values
        .iter()
        .map(|item| item.scalar_type)
        .chain(of_query)
        .collect();
    // Numbers are brought to one type; what is compared with text, or else with another type, becomes the left side's.
    let common = types
        .iter()
        .try_fold(value.scalar_type, |left, right| widest(left, *right));
    let own = match value.scalar_type {
        ScalarType::Dynamic => types.first().copied().filter(|it| *it != ScalarType::Dynamic),
        own => Some(own),
    };
    let to = common.or(own);
    let cast = |expr: Expr| match to {
        Some(to) if expr.scalar_type != ScalarType::Dynamic => expr.cast(to),
        _ => expr,
    };
    let value = match (to, value.scalar_type) {
        // The type of a dynamic value is its own.
        (_, ScalarType::Dynamic) | (None, _) => value,
        (Some(to), _) => value.cast(to),
    };
    let values: Vec<Expr> = values.into_iter().map(cast).collect();
    let set = InSet {
        values,
        query,
        folded: operator.kind == ListKind::InFolded,
        known: OnceLock::new(),
    };
    let kind = ExprKind::In(Box::new(value), Arc::new(set), operator.negated);
    Expr::new(kind, ScalarType::Bool)
}
