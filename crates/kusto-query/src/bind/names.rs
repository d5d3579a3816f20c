//! How columns are called that the query gives no name.

use std::collections::HashMap;

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use crate::error::semantic;
use crate::functions::{self, Naming as FunctionNaming};
use crate::plan::{MOST_COLUMNS, too_wide};
use crate::syntax::{Expr as Syntax, Node};
use crate::{Value, aggregates};

/// The name that an expression has by itself.
pub(super) fn name_of(expr: &Syntax) -> Option<String> {
    match &expr.node {
        Node::Name(name) => Some(name.clone()),
        Node::Member(value, member) => Some(format!("{}_{member}", name_of(value)?)),
        Node::Index(value, index) => {
            let value = name_of(value)?;
            Some(match &index.node {
                Node::Literal(index @ (Value::String(_) | Value::Long(_)), _) => format!("{value}_{index}"),
                _ => format!("{value}_"),
            })
        }
        Node::Call(name, arguments) => {
            let first = arguments.first().and_then(|argument| name_of(&argument.value));
            let with = |prefix: &str| Some(format!("{prefix}_{}", first.clone().unwrap_or_default()));
            if let Some((function, has_condition)) = aggregates::find(name) {
                return match (name.as_str(), function.name) {
                    ("percentile", _) => Some(percentile_name(
                        first.as_deref(),
                        arguments.get(1).map(|it| &it.value),
                    )),
                    ("any", _) => with("any"),
                    ("anyif", _) => with("anyif"),
                    (
                        _,
                        "take_any" | "arg_max" | "arg_min" | "binary_all_and" | "binary_all_or"
                        | "binary_all_xor",
                    ) => first,
                    (_, plain) if has_condition && function.prefix == plain => with(name),
                    _ => with(function.prefix),
                };
            }
            match functions::find(name)?.naming {
                FunctionNaming::None => None,
                FunctionNaming::First => first,
                FunctionNaming::Prefix(prefix) => with(prefix),
            }
        }
        _ => None,
    }
}

/// `percentile_a_95_5`
pub(super) fn percentile_name(first: Option<&str>, percent: Option<&Syntax>) -> String {
    let percent = match percent.map(|percent| &percent.node) {
        Some(Node::Literal(Value::Real(percent), _)) => percent.to_string().replace('.', "_"),
        Some(Node::Literal(percent, _)) => percent.to_string(),
        _ => String::new(),
    };
    format!("percentile_{}_{percent}", first.unwrap_or_default())
}

/// The columns of an operator, as they come to be.
#[derive(Debug, Default)]
pub(super) struct NewColumns {
    pub(super) columns: Vec<Column>,
    /// Their names, and the last number that was put behind each.
    names: HashMap<String, u32>,
}

impl NewColumns {
    /// Columns that come behind others.
    pub(super) fn behind(columns: Vec<Column>) -> Self {
        let names = columns.iter().map(|column| (column.name.clone(), 0)).collect();
        Self { columns, names }
    }

    fn push(&mut self, name: String, scalar_type: ScalarType) -> Result<()> {
        if self.columns.len() >= MOST_COLUMNS {
            return Err(too_wide());
        }
        self.names.insert(name.clone(), 0);
        self.columns.push(Column::new(name, scalar_type));
        Ok(())
    }

    /// A column of a name that the query says.
    ///
    /// # Errors
    /// When there is one already, or there are too many.
    pub(super) fn explicit(&mut self, name: &str, scalar_type: ScalarType) -> Result<()> {
        if self.names.contains_key(name) {
            return Err(semantic(format!(
                "A column with the name '{name}' is already declared"
            )));
        }
        self.push(name.to_owned(), scalar_type)
    }

    /// A column of a name that follows from its expression: with a number where there is one already.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn derived(&mut self, name: &str, scalar_type: ScalarType) -> Result<()> {
        let mut unique = name.to_owned();
        if let Some(mut number) = self.names.get(name).copied() {
            while self.names.contains_key(&unique) {
                number += 1;
                unique = format!("{name}{number}");
            }
            self.names.insert(name.to_owned(), number);
        }
        self.push(unique, scalar_type)
    }

    /// A column that has nothing but a number.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn numbered(&mut self, numbered: &mut u32, scalar_type: ScalarType) -> Result<()> {
        loop {
            *numbered += 1;
            let name = format!("Column{numbered}");
            if !self.names.contains_key(&name) {
                return self.push(name, scalar_type);
            }
        }
    }
}
