//! Calls: of functions that Kusto has, that the query defines, or that the database keeps.

use std::rc::Rc;
use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use super::arguments::call_known;
use super::scope::{Binding, Scope};
use super::{Binder, Bound};
use crate::error::{not_supported, semantic};
use crate::functions;
use crate::hidden::HiddenColumn;
use crate::plan::Expr;
use crate::syntax::{Argument, Definition, Function, ParameterKind, Statement};
use crate::{aggregates, parser};

impl Binder<'_> {
    pub(super) fn call(&mut self, name: &str, arguments: &[Argument], row: &[Column]) -> Result<Bound> {
        let scope = Rc::clone(&self.scope);
        match scope.find(name) {
            Some(Binding::Function(function, scope)) => {
                return self.call_defined(name, function, scope, arguments, row);
            }
            Some(Binding::Table(plan)) if arguments.is_empty() => return Ok(Bound::Table(Arc::clone(plan))),
            Some(Binding::Scalar(..)) if arguments.is_empty() => return self.resolve(name, row),
            _ => {}
        }
        if let Some(bound) = self.special(name, arguments, row)? {
            return Ok(bound);
        }
        if let Some(found) = aggregates::find(name) {
            return self.aggregate_call(name, found, arguments).map(Bound::Scalar);
        }
        if let Some(function) = functions::find(name) {
            let bound = self.scalars(arguments, row)?;
            return self.with_pattern(call_known(function, bound)?).map(Bound::Scalar);
        }
        if let Some(function) = self.stored_function(name)? {
            return self.call_defined(name, &function, &Rc::default(), arguments, row);
        }
        if !functions::is_of_kusto(name) {
            return Err(semantic(format!("SEM0260: Unknown function: '{name}'")));
        }
        let known = functions::names()
            .chain(aggregates::names())
            .chain(super::special::NAMES.iter().copied())
            .chain(HiddenColumn::FUNCTIONS);
        Err(not_supported("function", name, known))
    }

    pub(super) fn scalars(&mut self, arguments: &[Argument], row: &[Column]) -> Result<Vec<Expr>> {
        arguments
            .iter()
            .map(|argument| self.scalar(&argument.value, row))
            .collect()
    }

    /// Puts the body of a function in the place of its call.
    pub(super) fn call_defined(
        &mut self,
        name: &str,
        function: &Function,
        scope: &Rc<Scope>,
        arguments: &[Argument],
        row: &[Column],
    ) -> Result<Bound> {
        let mut inner = Rc::clone(scope);
        if arguments.len() > function.parameters.len() {
            return Err(semantic(format!(
                "The function '{name}' expects {} arguments.",
                function.parameters.len()
            )));
        }
        for (place, parameter) in function.parameters.iter().enumerate() {
            let by_name = arguments
                .iter()
                .find(|argument| argument.name.as_deref() == Some(&parameter.name));
            let by_place = arguments.get(place).filter(|argument| argument.name.is_none());
            let given = by_name
                .or(by_place)
                .map(|argument| &argument.value)
                .or(parameter.default.as_ref());
            let Some(given) = given else {
                return Err(semantic(format!(
                    "The function '{name}' lacks its argument '{}'.",
                    parameter.name
                )));
            };
            let binding = match &parameter.kind {
                ParameterKind::Scalar(scalar_type) => {
                    let value = self.scalar(given, row)?;
                    Binding::Scalar(converted(value, *scalar_type, &parameter.name)?, self.level)
                }
                ParameterKind::Table(columns) => Binding::Table(self.table_argument(given, columns)?),
            };
            inner = inner.with(&parameter.name, binding);
        }
        let outer = std::mem::replace(&mut self.scope, inner);
        let outcome = self.body(name, &function.body);
        self.scope = outer;
        outcome
    }

    /// A function that the database keeps: it sees nothing of the query.
    pub(super) fn stored_function(&mut self, name: &str) -> Result<Option<Rc<Function>>> {
        if let Some(known) = self.stored.get(name) {
            return Ok(Some(Rc::clone(known)));
        }
        let Some(stored) = self.tables.function(self.database, name) else {
            return Ok(None);
        };
        let text = format!("let f={}{};", stored.parameters, stored.body);
        self.look_for_hidden(&text);
        let statements = parser::parse(&text)?;
        let Some(Statement::Let(_, Definition::Function(function))) = statements.into_iter().next() else {
            return Err(semantic(format!("the body of the function '{name}' is none")));
        };
        self.stored.insert(name.to_owned(), Rc::clone(&function));
        Ok(Some(function))
    }

    fn body(&mut self, name: &str, body: &[Statement]) -> Result<Bound> {
        let Some((Statement::Query(last), before)) = body.split_last() else {
            return Err(semantic(format!("the function '{name}' gives nothing")));
        };
        for statement in before {
            match statement {
                Statement::Let(name, definition) => self.define(name, definition)?,
                _ => {
                    return Err(semantic(format!(
                        "a statement in the function '{name}' is no let"
                    )));
                }
            }
        }
        self.either(last, &[])
    }

    /// Gives a name its meaning from here on.
    pub(crate) fn define(&mut self, name: &str, definition: &Definition) -> Result<()> {
        let binding = match definition {
            Definition::Function(function) => Binding::Function(Rc::clone(function), Rc::clone(&self.scope)),
            Definition::Expr(expr) => match self.either(expr, &[])? {
                Bound::Scalar(scalar) => Binding::Scalar(scalar, self.level),
                Bound::Table(plan) => Binding::Table(plan),
            },
        };
        self.scope = self.scope.with(name, binding);
        Ok(())
    }

    /// Gives a name the value of a parameter.
    pub(crate) fn define_value(&mut self, name: &str, value: Expr) {
        self.scope = self.scope.with(name, Binding::Scalar(value, self.level));
    }

    /// Gives a name to a table.
    pub(super) fn define_table(&mut self, name: &str, plan: Arc<crate::plan::Plan>) {
        self.scope = self.scope.with(name, Binding::Table(plan));
    }
}

/// A value in the type of a parameter.
pub(super) fn converted(value: Expr, to: ScalarType, name: &str) -> Result<Expr> {
    let from = value.scalar_type;
    let fits = from == to
        || from == ScalarType::Dynamic
        || to == ScalarType::Dynamic
        || functions::widest(from, to).is_some();
    match fits {
        true => Ok(value.cast(to)),
        false => Err(semantic(format!(
            "the parameter '{name}' is of type {to}, and its value of type {from}"
        ))),
    }
}
