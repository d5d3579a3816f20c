//! What a name stands for: a column, something the query defines, or a table.

use std::rc::Rc;
use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::Column;

use super::scope::Binding;
use super::{Binder, Bound};
use crate::error::{semantic, unresolved};
use crate::hidden::HiddenColumn;
use crate::plan::{Expr, Plan, PlanNode};
use crate::syntax::{Argument, Expr as Syntax, Node};

impl Binder<'_> {
    /// The meaning of a name: a column of the row, something the query defines, a table, or a function without
    /// parameters.
    pub(super) fn resolve(&mut self, name: &str, row: &[Column]) -> Result<Bound> {
        self.env.meter.step(row.len())?;
        if let Some(place) = row.iter().position(|column| column.name == name) {
            return Ok(Bound::Scalar(Expr::column(place, row[place].scalar_type)));
        }
        let scope = Rc::clone(&self.scope);
        match scope.find(name) {
            Some(Binding::Scalar(scalar, level)) => {
                return self.seen(scalar, *level, name).map(Bound::Scalar);
            }
            Some(Binding::Table(plan)) => return Ok(Bound::Table(Arc::clone(plan))),
            Some(Binding::Function(function, scope)) if function.parameters.is_empty() => {
                return self.call_defined(name, function, scope, &[], row);
            }
            Some(Binding::Function(..)) => {
                return Err(semantic(format!("the function '{name}' has parameters")));
            }
            None => {}
        }
        if let Some(plan) = self.stored_table(self.database, name)? {
            return Ok(Bound::Table(plan));
        }
        if let Some(function) = self.stored_function(name)? {
            return self.call_defined(name, &function, &Rc::default(), &[], row);
        }
        let what = if row.is_empty() {
            "table or column expression"
        } else {
            "scalar expression"
        };
        Err(unresolved(what, name))
    }

    /// A scalar that was defined elsewhere. One that looks at a row can be seen by that row only.
    fn seen(&mut self, scalar: &Expr, level: u32, name: &str) -> Result<Expr> {
        self.count_work(scalar.size)?;
        match level != self.level && scalar.depends_on_row() {
            true => Err(semantic(format!(
                "'{name}' depends on a row, and cannot be used in another table"
            ))),
            false => Ok(scalar.clone()),
        }
    }

    pub(super) fn stored_table(&self, database: &str, name: &str) -> Result<Option<Arc<Plan>>> {
        let Some(table) = self.tables.table(database, name) else {
            return Ok(None);
        };
        let mut columns = table.schema().columns().to_vec();
        if self.sees_hidden {
            columns.extend(HiddenColumn::ALL.map(HiddenColumn::column));
        }
        self.hold_columns(columns.len())?;
        Plan::new(PlanNode::Scan(table), columns).map(Some)
    }

    /// `database("x").T`, `cluster("c").database("d").T`: the table, where the text is of this form.
    pub(super) fn foreign_table(&mut self, base: &Syntax, name: &str) -> Result<Option<Arc<Plan>>> {
        let Node::Call(call, arguments) = &base.node else {
            return Ok(None);
        };
        if call != "database" {
            return Ok(None);
        }
        let database = self.text_argument("database", arguments)?;
        if !self.tables.has_database(&database) {
            return Err(unresolved("database", &database));
        }
        let found = self.stored_table(&database, name)?;
        found
            .ok_or_else(|| unresolved("table or column expression", name))
            .map(Some)
    }

    /// The only argument of a function that takes a text that is known beforehand.
    pub(super) fn text_argument(&mut self, function: &str, arguments: &[Argument]) -> Result<String> {
        let [argument, ..] = arguments else {
            return Err(semantic(format!("The function '{function}' expects 1 argument.")));
        };
        let value = self.constant(&argument.value)?;
        match value.as_text() {
            Some(text) => Ok(text.to_owned()),
            None => Err(semantic(format!(
                "The function '{function}' expects a constant of type string."
            ))),
        }
    }

    /// The value of an expression that names no column.
    pub(super) fn constant(&mut self, expr: &Syntax) -> Result<crate::Value> {
        let scalar = self.scalar(expr, &[])?;
        crate::eval::constant(&scalar, self.env)
    }

    /// A number of rows.
    pub(super) fn count(&mut self, expr: &Syntax) -> Result<usize> {
        let value = self.constant(expr)?;
        let count = value.as_long().map(|count| usize::try_from(count).unwrap_or(0));
        count.ok_or_else(|| semantic("a number of rows is an integer that is known before the query runs"))
    }
}
