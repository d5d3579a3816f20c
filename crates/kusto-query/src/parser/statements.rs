//! Statements: `let`, `declare`, `set`, and queries.

use kusto_ingest_core::Result;
use kusto_ingest_decode::Column;

use super::{MOST_STATEMENTS, Parser};
use crate::Value;
use crate::error::{not_supported, semantic};
use crate::lexer::Kind;
use crate::plan::{MOST_COLUMNS, too_wide};
use crate::syntax::{Definition, Expr, Function, Node, Parameter, ParameterKind, Statement};

impl Parser<'_> {
    /// Statements with semicolons between them, up to the end or a closing brace.
    pub(super) fn statements(&mut self) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        loop {
            while self.mark(";") {}
            if matches!(self.kind(), Kind::End | Kind::Mark("}")) {
                return Ok(statements);
            }
            self.statements += 1;
            if self.statements > MOST_STATEMENTS {
                return Err(semantic(format!(
                    "the query has more than {MOST_STATEMENTS} statements"
                )));
            }
            statements.push(self.statement()?);
            if !matches!(self.kind(), Kind::End | Kind::Mark("}" | ";")) {
                return Err(self.expected("an operator, a semicolon or the end of the query"));
            }
        }
    }

    fn statement(&mut self) -> Result<Statement> {
        let is_keyword = matches!(self.ahead(1), Kind::Name(_)) || self.is_mark(1, "[");
        if is_keyword && self.word("let") {
            let name = self.name()?;
            self.need_mark("=")?;
            return Ok(Statement::Let(name, self.definition()?));
        }
        if is_keyword && self.word("declare") {
            if !self.word("query_parameters") {
                return Err(not_supported("statement", "declare pattern", std::iter::empty()));
            }
            return Ok(Statement::Parameters(self.parameters()?));
        }
        if is_keyword && self.word("set") {
            let name = self.name()?;
            let value = if self.mark("=") {
                Some(self.set_value()?)
            } else {
                None
            };
            return Ok(Statement::Set(name, value));
        }
        Ok(Statement::Query(self.pipe()?))
    }

    /// The value of an option: a literal, or a word.
    fn set_value(&mut self) -> Result<Value> {
        match self.expression()?.node {
            Node::Literal(value, _) => Ok(value),
            Node::Name(word) => Ok(Value::text(&word)),
            _ => Err(self.expected("a literal")),
        }
    }

    fn definition(&mut self) -> Result<Definition> {
        if self.is_word(0, "view") && self.is_mark(1, "(") {
            self.at += 1;
        }
        let is_function = self.is_mark(0, "(")
            && ((self.is_mark(1, ")") && self.is_mark(2, "{"))
                || (matches!(self.ahead(1), Kind::Name(_)) && self.is_mark(2, ":")));
        if !is_function {
            return Ok(Definition::Expr(self.pipe()?));
        }
        let parameters = self.parameters()?;
        Ok(Definition::Function(self.function(parameters)?.into()))
    }

    /// The body of a function, in braces.
    fn function(&mut self, parameters: Vec<Parameter>) -> Result<Function> {
        self.need_mark("{")?;
        let (depth, deepest) = (self.depth, self.deepest);
        self.deeper()?;
        let body = self.statements()?;
        self.depth = depth;
        self.deepest = self.deepest.max(deepest);
        self.need_mark("}")?;
        Ok(Function { parameters, body })
    }

    /// `(name:type [= default], table:(column:type, …) | (*), …)`
    fn parameters(&mut self) -> Result<Vec<Parameter>> {
        self.need_mark("(")?;
        let mut parameters = Vec::new();
        while !self.mark(")") {
            if !parameters.is_empty() {
                self.need_mark(",")?;
            }
            let name = self.name()?;
            self.need_mark(":")?;
            let kind = if self.is_mark(0, "(") && self.is_mark(1, "*") {
                self.at += 2;
                self.need_mark(")")?;
                ParameterKind::Table(Vec::new())
            } else if self.is_mark(0, "(") {
                ParameterKind::Table(self.columns()?)
            } else {
                ParameterKind::Scalar(self.scalar_type()?)
            };
            let default = if self.mark("=") {
                Some(self.expression()?)
            } else {
                None
            };
            parameters.push(Parameter { name, kind, default });
        }
        Ok(parameters)
    }

    /// `(name:type, …)`
    pub(super) fn columns(&mut self) -> Result<Vec<Column>> {
        self.need_mark("(")?;
        let mut columns: Vec<Column> = Vec::new();
        while !self.mark(")") {
            if !columns.is_empty() {
                self.need_mark(",")?;
            }
            let name = self.name()?;
            self.need_mark(":")?;
            let scalar_type = self.scalar_type()?;
            if columns.iter().any(|column| column.name == name) {
                return Err(semantic(format!(
                    "a column with the name '{name}' is already declared"
                )));
            }
            if columns.len() == MOST_COLUMNS {
                return Err(too_wide());
            }
            columns.push(Column::new(name, scalar_type));
        }
        Ok(columns)
    }

    /// Notes that expressions lie one level deeper.
    pub(super) fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        match self.depth > super::DEEPEST {
            true => Err(super::too_deep()),
            false => Ok(()),
        }
    }

    /// A table, or a scalar where no bar follows.
    pub(super) fn pipe(&mut self) -> Result<Expr> {
        let at = self.place();
        let before = std::mem::take(&mut self.deepest);
        self.deeper()?;
        let source = self.source()?;
        let operators = self.operators()?;
        self.depth -= 1;
        let below = self.deepest;
        self.deepest = self.deepest.max(before);
        if operators.is_empty() {
            return Ok(source);
        }
        self.make(at, Node::Pipe(Box::new(source), operators), below)
    }
}
