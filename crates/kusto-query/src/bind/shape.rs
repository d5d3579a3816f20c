//! Operators that change the shape of a table: `mv-expand`, `parse`, `getschema`, `union`.

use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use super::Binder;
use super::names::{NewColumns, name_of};
use crate::Value;
use crate::error::{semantic, unresolved};
use crate::frame::{Frame, Vector};
use crate::plan::{Expand, Expr, ExprKind, MOST_COLUMNS, Plan, PlanNode, too_wide};
use crate::syntax::{Expanded, Expr as Syntax, Node, ParsePart, ParsePattern, Union};

/// What is taken apart, each with the place of its column; and all columns, those of the input first.
pub(super) type Expansion = (Vec<(Expr, usize)>, NewColumns);

impl Binder<'_> {
    /// What `mv-expand` takes apart, each with the place of its column, and the columns that come of it.
    pub(super) fn expanded(&mut self, input: &Plan, columns: &[Expanded]) -> Result<Expansion> {
        let mut all = NewColumns::behind(input.columns.clone());
        let mut expanded = Vec::new();
        for column in columns {
            let value = self.scalar(&column.value.value, &input.columns)?;
            if value.scalar_type != ScalarType::Dynamic {
                return Err(semantic(format!(
                    "mv-expand: a value of type {} cannot be expanded",
                    value.scalar_type
                )));
            }
            let to = column.to.unwrap_or(ScalarType::Dynamic);
            let name = column
                .value
                .names
                .first()
                .cloned()
                .or_else(|| name_of(&column.value.value));
            let known = name
                .as_ref()
                .and_then(|name| all.columns.iter().position(|column| column.name == *name));
            let place = known.unwrap_or(all.columns.len());
            match (known, name) {
                (Some(place), _) => all.columns[place].scalar_type = to,
                (None, Some(name)) => all.derived(&name, to)?,
                (None, None) => all.numbered(&mut self.numbered, to)?,
            }
            expanded.push((
                Expr {
                    scalar_type: to,
                    ..value
                },
                place,
            ));
        }
        Ok((expanded, all))
    }

    pub(super) fn parse_text(
        &mut self,
        input: Arc<Plan>,
        value: &Syntax,
        pattern: &ParsePattern,
        filters: bool,
    ) -> Result<Arc<Plan>> {
        let value = self.scalar(value, &input.columns)?.cast(ScalarType::String);
        let pattern = Arc::new(pattern.clone());
        let part = |place: usize, scalar_type: ScalarType| {
            let kind = ExprKind::Parsed(Box::new(value.clone()), Arc::clone(&pattern), place);
            Expr::new(kind, scalar_type)
        };
        let mut columns = input.columns.clone();
        let mut values: Vec<Expr> = columns
            .iter()
            .enumerate()
            .map(|(place, column)| Expr::column(place, column.scalar_type))
            .collect();
        let mut place = 0;
        for found in &pattern.parts {
            let ParsePart::Column(name, scalar_type) = found else {
                continue;
            };
            self.count_work(value.size)?;
            let value = part(place, *scalar_type);
            place += 1;
            match columns.iter().position(|column| column.name == *name) {
                Some(known) => {
                    columns[known].scalar_type = *scalar_type;
                    values[known] = value;
                }
                None => {
                    columns.push(Column::new(name, *scalar_type));
                    values.push(value);
                }
            }
        }
        let input = match filters {
            true => {
                let columns = input.columns.clone();
                Plan::new(PlanNode::Filter(input, part(place, ScalarType::Bool)), columns)?
            }
            false => input,
        };
        Plan::new(PlanNode::Project(input, values), columns)
    }

    pub(super) fn union(&mut self, first: Option<Arc<Plan>>, union: &Union) -> Result<Arc<Plan>> {
        let mut tables: Vec<(String, Arc<Plan>)> = first
            .into_iter()
            .map(|plan| ("union_arg0".to_owned(), plan))
            .collect();
        for table in &union.tables {
            if let Node::Name(pattern) = &table.node
                && pattern.contains('*')
            {
                for name in self.tables.table_names(self.database) {
                    if super::columns::fits(pattern, &name)
                        && let Some(plan) = self.stored_table(self.database, &name)?
                    {
                        tables.push((name, plan));
                    }
                }
                continue;
            }
            let name = name_of(table).unwrap_or_else(|| format!("union_arg{}", tables.len()));
            match self.table(table) {
                Ok(plan) => tables.push((name, plan)),
                Err(error) if union.fuzzy && error.kind() == kusto_ingest_core::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        if tables.is_empty() {
            return Err(unresolved("table or column expression", "*"));
        }
        let columns = self.union_columns(&tables, union)?;
        let mut inputs = Vec::new();
        for (name, plan) in tables {
            self.hold_columns(columns.len())?;
            inputs.push(as_part(plan, &name, &columns, union.source_column.is_some())?);
        }
        let names = columns.into_iter().map(|(column, _)| column).collect();
        Plan::new(PlanNode::Union(inputs), names)
    }

    /// The columns of a union, each with the name that it has in its tables.
    fn union_columns(&self, tables: &[(String, Arc<Plan>)], union: &Union) -> Result<Vec<(Column, String)>> {
        let all: usize = tables.iter().map(|(_, plan)| plan.columns.len()).sum();
        let mut found: Vec<Column> = Vec::new();
        for (_, plan) in tables {
            let others = if union.inner { all } else { found.len() };
            self.env.meter.step(others.saturating_mul(plan.columns.len()))?;
            for column in &plan.columns {
                let in_all = || tables.iter().all(|(_, plan)| plan.columns.contains(column));
                if !found.contains(column) && (!union.inner || in_all()) {
                    found.push(column.clone());
                }
            }
            if found.len() > MOST_COLUMNS {
                return Err(too_wide());
            }
        }
        let mut columns = NewColumns::default();
        let source = union
            .source_column
            .iter()
            .map(|name| (name.clone(), ScalarType::String, String::new()));
        let others = found.iter().map(|column| {
            let is_mixed = found
                .iter()
                .any(|other| other.name == column.name && other.scalar_type != column.scalar_type);
            let name = if is_mixed {
                format!("{}_{}", column.name, column.scalar_type)
            } else {
                column.name.clone()
            };
            (name, column.scalar_type, column.name.clone())
        });
        let mut own = Vec::new();
        for (name, scalar_type, original) in source.chain(others) {
            columns.derived(&name, scalar_type)?;
            own.push(original);
        }
        Ok(columns.columns.into_iter().zip(own).collect())
    }
}

/// The columns of an expansion, the place of the element among them where it has a name.
pub(super) fn expanding(
    input: Arc<Plan>,
    (columns, mut all): Expansion,
    index: Option<&str>,
    pairs: bool,
    limit: Option<usize>,
) -> Result<Arc<Plan>> {
    let expand = Expand {
        input,
        columns,
        pairs,
        limit: limit.unwrap_or(usize::MAX),
    };
    let mut wide = all.columns.clone();
    wide.push(Column::new("", ScalarType::Long));
    let plan = Plan::new(PlanNode::Expand(Box::new(expand)), wide.clone())?;
    if let Some(index) = index {
        all.explicit(index, ScalarType::Long)?;
    }
    let kept = wide.iter().take(all.columns.len()).enumerate();
    let values = kept.map(|(place, column)| Expr::column(place, column.scalar_type));
    Plan::new(PlanNode::Project(plan, values.collect()), all.columns)
}

/// A table with the columns of a union: what it lacks is missing.
fn as_part(plan: Arc<Plan>, name: &str, columns: &[(Column, String)], has_source: bool) -> Result<Arc<Plan>> {
    let value = |(place, (column, own)): (usize, &(Column, String))| {
        if has_source && place == 0 {
            return Expr::constant(Value::text(name), ScalarType::String);
        }
        let found = plan
            .columns
            .iter()
            .position(|it| it.name == *own && it.scalar_type == column.scalar_type);
        match found {
            Some(place) => Expr::column(place, column.scalar_type),
            None => Expr::constant(Value::missing(column.scalar_type), column.scalar_type),
        }
    };
    let values: Vec<Expr> = columns.iter().enumerate().map(value).collect();
    let names = columns.iter().map(|(column, _)| column.clone()).collect();
    Plan::new(PlanNode::Project(plan, values), names)
}

/// The columns of a table as rows.
pub(super) fn schema_of(plan: &Plan) -> Result<Arc<Plan>> {
    let of = |value: fn(usize, &Column) -> Value| {
        Vector::of(
            plan.columns
                .iter()
                .enumerate()
                .map(|(place, column)| value(place, column))
                .collect(),
        )
    };
    let frame = Frame {
        columns: vec![
            of(|_, column| Value::text(&column.name)),
            of(|place, _| Value::Long(i64::try_from(place).unwrap_or_default())),
            of(|_, column| Value::text(column.scalar_type.clr_name())),
            of(|_, column| Value::text(column.scalar_type.name())),
        ],
        rows: plan.columns.len(),
    };
    let columns = vec![
        Column::new("ColumnName", ScalarType::String),
        Column::new("ColumnOrdinal", ScalarType::Long),
        Column::new("DataType", ScalarType::String),
        Column::new("ColumnType", ScalarType::String),
    ];
    Plan::new(PlanNode::Rows(frame), columns)
}
