//! Scalar expressions: what they mean over the columns of a row.

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use super::{Binder, Bound};
use crate::Value;
use crate::error::semantic;
use crate::functions::{Function, find, place_of_pattern, result_type, widest};
use crate::plan::{Expr, ExprKind};
use crate::syntax::{Expr as Syntax, Node};

impl Binder<'_> {
    pub(super) fn meaning(&mut self, expr: &Syntax, row: &[Column]) -> Result<Bound> {
        let scalar = match &expr.node {
            Node::Name(name) => return self.resolve(name, row),
            Node::Call(name, arguments) => return self.call(name, arguments, row),
            Node::Member(base, member) => {
                if let Some(plan) = self.foreign_table(base, member)? {
                    return Ok(Bound::Table(plan));
                }
                let value = self.scalar(base, row)?;
                look_up(value, Expr::constant(Value::text(member), ScalarType::String))?
            }
            Node::Pipe(..) | Node::Print(_) | Node::Range { .. } | Node::DataTable(..) | Node::Union(_) => {
                return self.tabular(expr).map(Bound::Table);
            }
            Node::Literal(value, scalar_type) => Expr::constant(value.clone(), *scalar_type),
            Node::Index(base, index) => {
                if let (Node::Call(..), Node::Literal(Value::String(name), _)) = (&base.node, &index.node)
                    && let Some(plan) = self.foreign_table(base, name)?
                {
                    return Ok(Bound::Table(plan));
                }
                let value = self.scalar(base, row)?;
                let index = self.scalar(index, row)?;
                look_up(value, index)?
            }
            Node::Negate(value) => {
                let value = self.scalar(value, row)?;
                negated(value)?
            }
            Node::Binary(operator, left, right) => {
                let left = self.scalar(left, row)?;
                let right = self.scalar(right, row)?;
                self.with_pattern(binary(operator, left, right)?)?
            }
            Node::And(parts) => self.logic(parts, row, ExprKind::And)?,
            Node::Or(parts) => self.logic(parts, row, ExprKind::Or)?,
            Node::List(operator, value, list) => self.list(*operator, value, list, row)?,
            Node::Between {
                value,
                low,
                high,
                negated,
            } => self.between(value, low, high, *negated, row)?,
            Node::Star => return Err(semantic("a star stands where a scalar is expected")),
            Node::Type(_) => return Err(semantic("typeof stands where a scalar is expected")),
        };
        Ok(Bound::Scalar(scalar))
    }

    /// A call, whose pattern is one, where it is known beforehand.
    pub(super) fn with_pattern(&self, call: Expr) -> Result<Expr> {
        if let ExprKind::Call(function, arguments) = &call.kind
            && let Some(place) = place_of_pattern(function)
            && let Some(ExprKind::Const(Value::String(pattern))) = arguments.get(place).map(|it| &it.kind)
        {
            self.env.pattern(pattern);
            self.env.refused()?;
        }
        Ok(call)
    }

    fn logic(&mut self, parts: &[Syntax], row: &[Column], kind: fn(Vec<Expr>) -> ExprKind) -> Result<Expr> {
        let mut bound = Vec::with_capacity(parts.len());
        for part in parts {
            let part = self.scalar(part, row)?;
            bound.push(as_bool(part)?);
        }
        Ok(Expr::new(kind(bound), ScalarType::Bool))
    }

    /// An end of type timespan lies so far behind a start of type datetime.
    fn between(
        &mut self,
        value: &Syntax,
        low: &Syntax,
        high: &Syntax,
        is_negated: bool,
        row: &[Column],
    ) -> Result<Expr> {
        let value = self.scalar(value, row)?;
        let low = self.scalar(low, row)?;
        let mut high = self.scalar(high, row)?;
        if low.scalar_type == ScalarType::DateTime && high.scalar_type == ScalarType::Timespan {
            self.count_work(low.size)?;
            high = binary("+", low.clone(), high)?;
        }
        self.count_work(value.size)?;
        let parts = vec![binary(">=", value.clone(), low)?, binary("<=", value, high)?];
        let both = Expr::new(ExprKind::And(parts), ScalarType::Bool);
        match is_negated {
            true => Ok(Expr::call(known("not"), vec![both], ScalarType::Bool)),
            false => Ok(both),
        }
    }
}

/// A function that this crate has itself.
pub(super) fn known(name: &'static str) -> &'static Function {
    find(name).unwrap_or(&crate::functions::MISSING)
}

pub(super) fn as_bool(value: Expr) -> Result<Expr> {
    match value.scalar_type {
        ScalarType::Bool | ScalarType::Dynamic => Ok(value.cast(ScalarType::Bool)),
        _ => Err(semantic("The expression must have the type bool")),
    }
}

fn look_up(value: Expr, index: Expr) -> Result<Expr> {
    match value.scalar_type {
        ScalarType::Dynamic => Ok(Expr::call(known("get"), vec![value, index], ScalarType::Dynamic)),
        other => Err(semantic(format!(
            "a value of type {other} has no members: only those of type dynamic have"
        ))),
    }
}

fn negated(value: Expr) -> Result<Expr> {
    let scalar_type = value.scalar_type;
    match scalar_type {
        ScalarType::Int
        | ScalarType::Long
        | ScalarType::Real
        | ScalarType::Decimal
        | ScalarType::Timespan
        | ScalarType::Dynamic => Ok(Expr::call(known("negate"), vec![value], scalar_type)),
        other => Err(semantic(format!(
            "The operator '-' is not defined for the operand type {other}"
        ))),
    }
}

/// An operator between two values.
pub(super) fn binary(operator: &'static str, left: Expr, right: Expr) -> Result<Expr> {
    match operator {
        "+" | "-" | "*" | "/" | "%" => arithmetic(operator, left, right),
        "==" | "!=" | "<" | "<=" | ">" | ">=" => comparison(operator, left, right),
        _ => {
            let (left, right) = (left.cast(ScalarType::String), right.cast(ScalarType::String));
            Ok(Expr::call(known(operator), vec![left, right], ScalarType::Bool))
        }
    }
}

fn undefined(operator: &str, left: ScalarType, right: ScalarType) -> kusto_ingest_core::Error {
    semantic(format!(
        "The operator '{operator}' is not defined for the operand types {left} and {right}"
    ))
}

fn arithmetic(operator: &'static str, left: Expr, right: Expr) -> Result<Expr> {
    let (left_type, right_type) = (left.scalar_type, right.scalar_type);
    let gives = result_type(operator, left_type, right_type);
    let gives = gives.ok_or_else(|| undefined(operator, left_type, right_type))?;
    let is_number = |scalar_type| widest(scalar_type, scalar_type).is_some();
    // A dynamic value takes the type of the other side.
    let of_side = |own: ScalarType, other: ScalarType| match own {
        ScalarType::Dynamic => other,
        own => own,
    };
    let side = |value: Expr, own: ScalarType| match is_number(own) && is_number(gives) {
        true => value.cast(gives),
        false => value.cast(own),
    };
    let left = side(left, of_side(left_type, right_type));
    let right = side(right, of_side(right_type, left_type));
    Ok(Expr::call(known(operator), vec![left, right], gives))
}

fn comparison(operator: &'static str, left: Expr, right: Expr) -> Result<Expr> {
    let (left_type, right_type) = (left.scalar_type, right.scalar_type);
    let is_order = !matches!(operator, "==" | "!=");
    let is_defined = match (left_type, right_type) {
        (ScalarType::String, ScalarType::String) => !is_order,
        (left, right) if left == right => true,
        (ScalarType::Dynamic, other) | (other, ScalarType::Dynamic) => {
            !is_order || other != ScalarType::DateTime
        }
        (ScalarType::String, _) | (_, ScalarType::String) => !is_order,
        (left, right) => widest(left, right).is_some(),
    };
    if !is_defined {
        return Err(undefined(operator, left_type, right_type));
    }
    let (left, right) = comparable(left, right);
    Ok(Expr::call(known(operator), vec![left, right], ScalarType::Bool))
}

/// Text that is compared with another type is read as that.
pub(super) fn comparable(left: Expr, right: Expr) -> (Expr, Expr) {
    match (left.scalar_type, right.scalar_type) {
        (ScalarType::Dynamic, _) | (_, ScalarType::Dynamic) => (left, right),
        (ScalarType::String, other) if other != ScalarType::String => (left.cast(other), right),
        (other, ScalarType::String) if other != ScalarType::String => (left, right.cast(other)),
        _ => (left, right),
    }
}
