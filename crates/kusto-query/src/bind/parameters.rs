//! The values of a query's parameters, as a request carries them.

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;
use serde_json::Value as Json;

use super::Binder;
use super::call::converted;
use crate::Value;
use crate::error::semantic;
use crate::parser::parse_literal;
use crate::plan::Expr;
use crate::syntax::{Node, Parameter, ParameterKind};

impl Binder<'_> {
    /// Gives every declared parameter its value: that of the request, or else its default.
    pub(crate) fn declare(
        &mut self,
        parameters: &[Parameter],
        given: &serde_json::Map<String, Json>,
    ) -> Result<()> {
        for parameter in parameters {
            let ParameterKind::Scalar(scalar_type) = parameter.kind else {
                return Err(semantic(format!("the parameter '{}' is a table", parameter.name)));
            };
            let value = match (given.get(&parameter.name), &parameter.default) {
                (Some(json), _) => literal_value(json, scalar_type, &parameter.name)?,
                (None, Some(default)) => {
                    let value = self.scalar(default, &[])?;
                    converted(value, scalar_type, &parameter.name)?
                }
                (None, None) => {
                    let why = format!("the request gives the parameter '{}' no value", parameter.name);
                    return Err(semantic(why));
                }
            };
            self.define_value(&parameter.name, value);
        }
        Ok(())
    }
}

/// A parameter's value: a literal of Kusto as text, or a value of JSON. Where a text is wanted, a text that is no literal
/// is the text itself.
///
/// # Errors
/// A semantic error that names the parameter, and quotes nothing.
fn literal_value(json: &Json, to: ScalarType, name: &str) -> Result<Expr> {
    let value = match json {
        Json::String(text) => match parse_literal(text).map(|literal| literal.node) {
            Ok(Node::Literal(value, from)) => Some((value, from)),
            Ok(Node::Negate(inner)) => match inner.node {
                Node::Literal(value, from) => negate(&value).map(|value| (value, from)),
                _ => None,
            },
            _ if to == ScalarType::String => Some((Value::text(text), ScalarType::String)),
            _ => Some((crate::value::cast(&Value::text(text), to), to)).filter(|(value, _)| !value.is_null()),
        },
        other => {
            let value = Value::from(other.clone());
            let from = value.scalar_type().unwrap_or(to);
            Some((value, from))
        }
    };
    let wrong = || semantic(format!("the value of the parameter '{name}' is no {to}"));
    let (value, from) = value.ok_or_else(wrong)?;
    if from == to {
        return Ok(Expr::constant(value, to));
    }
    let cast = crate::value::cast(&value, to);
    match cast.is_null() && !value.is_null() {
        true => Err(wrong()),
        false => Ok(Expr::constant(cast, to)),
    }
}

fn negate(value: &Value) -> Option<Value> {
    match value {
        Value::Long(value) => value.checked_neg().map(Value::Long),
        Value::Real(value) => Some(Value::Real(-value)),
        Value::Timespan(ticks) => ticks.checked_neg().map(Value::Timespan),
        _ => None,
    }
}
