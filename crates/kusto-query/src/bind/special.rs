//! Calls that mean more than a value of their arguments.

use std::sync::{Arc, OnceLock};

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use super::arguments::{call_known, common_type, is_star, taken};
use super::expression::{as_bool, known};
use super::{Binder, Bound};
use crate::Value;
use crate::error::{semantic, unresolved};
use crate::hidden::HiddenColumn;
use crate::plan::{Expr, ExprKind, Plan, PlanNode, SubQuery, Window};
use crate::syntax::{Argument, Node};

/// The names of these functions.
pub(super) const NAMES: &[&str] = &[
    "toscalar",
    "materialize",
    "table",
    "database",
    "cluster",
    "pack_all",
    "case",
    "row_number",
    "row_cumsum",
    "prev",
    "next",
    "current_database",
    "current_principal",
    "current_cluster_endpoint",
    "column_ifexists",
];

impl Binder<'_> {
    /// The meaning of a call that is more than a value of its arguments; nothing for others.
    pub(super) fn special(
        &mut self,
        name: &str,
        arguments: &[Argument],
        row: &[Column],
    ) -> Result<Option<Bound>> {
        let scalar = match name {
            "toscalar" => self.scalar_of(arguments, row)?,
            "materialize" | "view" => return self.materialize(arguments).map(Some),
            "table" => {
                let table = self.text_argument(name, arguments)?;
                let found = self.stored_table(self.database, &table)?;
                let found = found.ok_or_else(|| unresolved("table expression", &table))?;
                return Ok(Some(Bound::Table(found)));
            }
            "database" | "cluster" => {
                return Err(semantic(format!("'{name}' needs the name of a table behind it")));
            }
            "pack_all" => self.pack_all(arguments, row)?,
            "case" => self.case(arguments, row)?,
            "bin" | "floor" | "bin_at" => self.bin(name, arguments, row)?,
            "extract" | "extract_json" | "extractjson" => self.extract(name, arguments, row)?,
            "column_ifexists" => {
                let wanted = self.text_argument(name, arguments)?;
                let Some(default) = arguments.get(1) else {
                    return Err(semantic("The function 'column_ifexists' expects 2 arguments."));
                };
                match row.iter().position(|column| column.name == wanted) {
                    Some(place) => Expr::column(place, row[place].scalar_type),
                    None => self.scalar(&default.value, row)?,
                }
            }
            "row_number" => self.window(name, Window::RowNumber, "?ab", arguments, row)?,
            "row_cumsum" => self.window(name, Window::RowCumsum, "a?b", arguments, row)?,
            "prev" => self.window(name, Window::Prev, "a?la", arguments, row)?,
            "next" => self.window(name, Window::Next, "a?la", arguments, row)?,
            "current_database" => Expr::constant(Value::text(self.database), ScalarType::String),
            "current_principal" => Expr::constant(Value::text("aaduser=emulator"), ScalarType::String),
            "current_cluster_endpoint" => Expr::constant(Value::text("localhost"), ScalarType::String),
            _ => match HiddenColumn::of_function(name) {
                Some(hidden) => hidden.value(row),
                None => return Ok(None),
            },
        };
        Ok(Some(Bound::Scalar(scalar)))
    }

    /// The first value of a table; of a scalar, itself.
    fn scalar_of(&mut self, arguments: &[Argument], row: &[Column]) -> Result<Expr> {
        let [argument] = arguments else {
            return Err(semantic("The function 'toscalar' expects 1 argument."));
        };
        self.level += 1;
        let bound = self.either(&argument.value, row);
        self.level -= 1;
        match bound? {
            Bound::Scalar(scalar) => Ok(scalar),
            Bound::Table(plan) => {
                let Some(first) = plan.columns.first() else {
                    return Err(semantic("the query of 'toscalar' has no columns"));
                };
                let scalar_type = first.scalar_type;
                let query = SubQuery {
                    plan,
                    known: OnceLock::new(),
                };
                Ok(Expr::new(ExprKind::Scalar(Arc::new(query)), scalar_type))
            }
        }
    }

    fn materialize(&mut self, arguments: &[Argument]) -> Result<Bound> {
        let [argument] = arguments else {
            return Err(semantic("The function 'materialize' expects 1 argument."));
        };
        let plan = self.table(&argument.value)?;
        let columns = plan.columns.clone();
        Plan::new(PlanNode::Materialized(plan, Arc::new(OnceLock::new())), columns).map(Bound::Table)
    }

    /// All columns of the row as a bag.
    fn pack_all(&mut self, arguments: &[Argument], row: &[Column]) -> Result<Expr> {
        if arguments.len() > 1 {
            return Err(semantic("The function 'pack_all' expects at most 1 argument."));
        }
        self.count_work(u32::try_from(2 * row.len()).unwrap_or(u32::MAX))?;
        let mut members = Vec::new();
        for (place, column) in row.iter().enumerate() {
            members.push(Expr::constant(Value::text(&column.name), ScalarType::String));
            members.push(Expr::column(place, column.scalar_type));
        }
        match members.is_empty() {
            true => Ok(Expr::constant(Value::bag(Vec::new()), ScalarType::Dynamic)),
            false => Ok(Expr::call(known("bag_pack"), members, ScalarType::Dynamic)),
        }
    }

    /// Conditions and values in turn, and the value where none holds.
    fn case(&mut self, arguments: &[Argument], row: &[Column]) -> Result<Expr> {
        if arguments.len() < 3 || arguments.len().is_multiple_of(2) {
            return Err(semantic(
                "The function 'case' expects pairs of a condition and a value, and one value more.",
            ));
        }
        let mut bound = self.scalars(arguments, row)?;
        let last = bound.len() - 1;
        let is_value = |place: usize| place == last || place % 2 == 1;
        let values = bound.iter().enumerate().filter(|(place, _)| is_value(*place));
        let common = common_type(values.map(|(_, value)| value.scalar_type)).unwrap_or(ScalarType::Dynamic);
        for (place, value) in bound.iter_mut().enumerate() {
            let taken = value.clone();
            *value = if is_value(place) {
                taken.cast(common)
            } else {
                as_bool(taken)?
            };
        }
        Ok(Expr::call(known("case"), bound, common))
    }

    /// Moments and lengths of time are cut by lengths of time, numbers by numbers.
    fn bin(&mut self, name: &str, arguments: &[Argument], row: &[Column]) -> Result<Expr> {
        let mut bound = self.scalars(arguments, row)?;
        let function = known(if name == "bin_at" { "bin_at" } else { "bin" });
        if name == "floor" && bound.len() == 1 {
            bound.push(Expr::constant(Value::Long(1), ScalarType::Long));
        }
        let first = bound.first().map(|first| first.scalar_type);
        match first {
            Some(first @ (ScalarType::DateTime | ScalarType::Timespan)) => {
                let bound = taken(name, if name == "bin_at" { "aaa" } else { "aa" }, bound)?;
                if !matches!(bound[1].scalar_type, ScalarType::Timespan | ScalarType::DateTime) {
                    return Err(semantic(format!(
                        "The function '{name}' cuts a {first} by a timespan only."
                    )));
                }
                Ok(Expr::call(function, bound, first))
            }
            _ => call_known(function, bound),
        }
    }

    /// What was found, in the type that the last argument says.
    fn extract(&mut self, name: &str, arguments: &[Argument], row: &[Column]) -> Result<Expr> {
        let (arguments, to) = match arguments.split_last() {
            Some((last, before)) => match last.value.node {
                Node::Type(scalar_type) => (before, Some(scalar_type)),
                _ => (arguments, None),
            },
            None => (arguments, None),
        };
        let bound = self.scalars(arguments, row)?;
        let is_json = name != "extract";
        let call = call_known(known(if is_json { "extract_json" } else { "extract" }), bound)?;
        Ok(self.with_pattern(call)?.cast(to.unwrap_or(ScalarType::String)))
    }

    fn window(
        &mut self,
        name: &str,
        window: Window,
        takes: &str,
        arguments: &[Argument],
        row: &[Column],
    ) -> Result<Expr> {
        if !self.in_order {
            return Err(semantic(format!(
                "The function '{name}' can be called only where rows are in order: behind serialize, sort or top"
            )));
        }
        if arguments.iter().any(is_star) {
            return Err(semantic(format!("The function '{name}' takes no star.")));
        }
        let bound = self.scalars(arguments, row)?;
        let bound = taken(name, takes, bound)?;
        let scalar_type = match (window, bound.first()) {
            (Window::RowNumber, _) | (_, None) => ScalarType::Long,
            (_, Some(first)) => first.scalar_type,
        };
        Ok(Expr::new(ExprKind::Window(window, bound), scalar_type))
    }
}
