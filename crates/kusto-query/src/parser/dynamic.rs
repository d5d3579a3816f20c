//! Dynamic literals: JSON, with literals of Kusto within it.

use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use super::Parser;
use crate::Value;
use crate::lexer::Kind;
use crate::syntax::{Expr, Node};

impl Parser<'_> {
    /// `dynamic(…)`, of which the word is read.
    pub(super) fn dynamic(&mut self, at: usize) -> Result<Expr> {
        self.need_mark("(")?;
        let value = self.json()?;
        self.need_mark(")")?;
        self.make(at, Node::Literal(value, ScalarType::Dynamic), 0)
    }

    fn json(&mut self) -> Result<Value> {
        if let Some(text) = self.text_literal() {
            return Ok(Value::text(&text));
        }
        let is_negative = self.mark("-");
        let value = match self.kind() {
            Kind::Literal(Value::Long(number), _) if is_negative => Value::Long(-number),
            Kind::Literal(Value::Real(number), _) if is_negative => Value::Real(-number),
            _ if is_negative => return Err(self.expected("a number")),
            Kind::Literal(value, _) => value.clone(),
            Kind::Name("true") => Value::Bool(true),
            Kind::Name("false") => Value::Bool(false),
            Kind::Name("null") => Value::Null,
            Kind::Mark("[") => return self.json_array(),
            Kind::Mark("{") => return self.json_bag(),
            _ => return Err(self.expected("a JSON value")),
        };
        self.at += 1;
        Ok(value)
    }

    fn json_array(&mut self) -> Result<Value> {
        self.at += 1;
        self.deeper()?;
        let mut items = Vec::new();
        while !self.mark("]") {
            items.push(self.json()?);
            if !self.mark(",") && !self.is_mark(0, "]") {
                return Err(self.expected("a comma or a closing bracket"));
            }
        }
        self.depth -= 1;
        Ok(Value::array(items))
    }

    fn json_bag(&mut self) -> Result<Value> {
        self.at += 1;
        self.deeper()?;
        let mut members: Vec<(Arc<str>, Value)> = Vec::new();
        while !self.mark("}") {
            let name = self
                .text_literal()
                .ok_or_else(|| self.expected("the name of a member, in quotes"))?;
            self.need_mark(":")?;
            members.push((name.into(), self.json()?));
            if !self.mark(",") && !self.is_mark(0, "}") {
                return Err(self.expected("a comma or a closing brace"));
            }
        }
        self.depth -= 1;
        Ok(Value::bag(members))
    }
}
