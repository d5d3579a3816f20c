//! Tables that a text writes out: `print`, `range`, `datatable`, and pipes over any.

use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use super::Binder;
use super::names::NewColumns;
use crate::Value;
use crate::error::semantic;
use crate::frame::{Frame, Vector};
use crate::functions::widest;
use crate::plan::{Expr, ExprKind, Plan, PlanNode};
use crate::syntax::{Expr as Syntax, Named, Node};

impl Binder<'_> {
    pub(super) fn tabular(&mut self, expr: &Syntax) -> Result<Arc<Plan>> {
        match &expr.node {
            Node::Pipe(source, operators) => {
                let source = self.table(source)?;
                self.level += 1;
                let plan = self.pipe(source, operators);
                self.level -= 1;
                plan
            }
            Node::Print(values) => self.print(values),
            Node::Range { name, from, to, step } => self.range(name, from, to, step),
            Node::DataTable(columns, values) => self.data_table(columns, values),
            Node::Union(union) => self.union(None, union),
            _ => Err(semantic("a scalar stands where a tabular expression is expected")),
        }
    }

    /// One row. Columns without a name are numbered by their place.
    fn print(&mut self, values: &[Named]) -> Result<Arc<Plan>> {
        let mut columns = NewColumns::default();
        let mut row = Vec::new();
        for (place, named) in values.iter().enumerate() {
            let value = self.scalar(&named.value, &[])?;
            match named.names.first() {
                Some(name) => columns.explicit(name, value.scalar_type)?,
                None => columns.derived(&format!("print_{place}"), value.scalar_type)?,
            }
            row.push(value);
        }
        let unit = Plan::new(PlanNode::Rows(Frame::unit()), Vec::new())?;
        Plan::new(PlanNode::Project(unit, row), columns.columns)
    }

    fn range(&mut self, name: &str, from: &Syntax, to: &Syntax, step: &Syntax) -> Result<Arc<Plan>> {
        let (from, to, step) = (
            self.scalar(from, &[])?,
            self.scalar(to, &[])?,
            self.scalar(step, &[])?,
        );
        let types = (from.scalar_type, to.scalar_type, step.scalar_type);
        let scalar_type = match types {
            (ScalarType::DateTime, ScalarType::DateTime, ScalarType::Timespan) => Some(ScalarType::DateTime),
            (ScalarType::Timespan, ScalarType::Timespan, ScalarType::Timespan) => Some(ScalarType::Timespan),
            (from, to, step) => widest(from, to).and_then(|both| widest(both, step)),
        };
        let Some(scalar_type) = scalar_type else {
            return Err(semantic(format!(
                "range: {}, {} and {} do not go together",
                types.0, types.1, types.2
            )));
        };
        let is_number = widest(scalar_type, scalar_type).is_some();
        let value = |expr: Expr| {
            let expr = if is_number { expr.cast(scalar_type) } else { expr };
            crate::eval::constant(&expr, self.env)
        };
        let step = value(step)?;
        let is_zero = match &step {
            Value::Timespan(ticks) => *ticks == 0,
            step => step.as_real() == Some(0.0),
        };
        if is_zero {
            return Err(semantic("range: the step is 0"));
        }
        let node = PlanNode::Range {
            from: value(from)?,
            to: value(to)?,
            step,
        };
        Plan::new(node, vec![Column::new(name, scalar_type)])
    }

    fn data_table(&mut self, columns: &[Column], values: &[Syntax]) -> Result<Arc<Plan>> {
        if columns.is_empty() && !values.is_empty()
            || !columns.is_empty() && !values.len().is_multiple_of(columns.len())
        {
            return Err(semantic(format!(
                "datatable: {} values do not fill rows of {}",
                values.len(),
                columns.len()
            )));
        }
        let mut found: Vec<Vec<Value>> = vec![Vec::new(); columns.len()];
        for (place, value) in values.iter().enumerate() {
            let column = &columns[place % columns.len()];
            let value = self.scalar(value, &[])?;
            let value = crate::eval::constant(&value.cast(column.scalar_type), self.env)?;
            let value = if value.is_null() {
                Value::missing(column.scalar_type)
            } else {
                value
            };
            found[place % columns.len()].push(value);
        }
        let rows = found.first().map_or(0, Vec::len);
        let frame = Frame {
            columns: found.into_iter().map(Vector::of).collect(),
            rows,
        };
        Plan::new(PlanNode::Rows(frame), columns.to_vec())
    }

    /// The table that is given to a function, with the columns that it asks for; with all where it asks for none.
    pub(super) fn table_argument(&mut self, given: &Syntax, columns: &[Column]) -> Result<Arc<Plan>> {
        let plan = self.table(given)?;
        if columns.is_empty() {
            return Ok(plan);
        }
        let mut values = Vec::new();
        for column in columns {
            let place = plan.columns.iter().position(|own| own == column);
            let Some(place) = place else {
                return Err(semantic(format!(
                    "the table lacks the column '{}' of type {}",
                    column.name, column.scalar_type
                )));
            };
            values.push(Expr::column(place, column.scalar_type));
        }
        Plan::new(PlanNode::Project(plan, values), columns.to_vec())
    }
}

/// Takes what looks at other rows out of an expression, and puts columns behind so many others in its place.
pub(super) fn take_windows(expr: &mut Expr, width: usize, windows: &mut Vec<Expr>) {
    match &mut expr.kind {
        ExprKind::Window(_, parts) => {
            // What they look at themselves comes first.
            parts
                .iter_mut()
                .for_each(|part| take_windows(part, width, windows));
            let column = Expr::column(width + windows.len(), expr.scalar_type);
            windows.push(std::mem::replace(expr, column));
        }
        ExprKind::Call(_, parts) | ExprKind::And(parts) | ExprKind::Or(parts) => {
            parts
                .iter_mut()
                .for_each(|part| take_windows(part, width, windows));
        }
        ExprKind::Cast(value) | ExprKind::Parsed(value, ..) | ExprKind::In(value, ..) => {
            take_windows(value, width, windows)
        }
        ExprKind::Const(_) | ExprKind::Column(_) | ExprKind::Scalar(_) => {}
    }
}
