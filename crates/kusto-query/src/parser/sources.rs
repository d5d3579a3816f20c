//! What a pipe begins with.

use kusto_ingest_core::Result;

use super::Parser;
use super::words::BEGINNINGS;
use crate::error::not_supported;
use crate::lexer::Kind;
use crate::syntax::{Expr, Node, Union};

impl Parser<'_> {
    /// What a pipe begins with: a table by name, a table that is written out, or an expression.
    pub(super) fn source(&mut self) -> Result<Expr> {
        let at = self.place();
        let Kind::Name(word) = self.kind() else {
            return self.expression();
        };
        // A table may be called as a keyword is.
        let is_alone = matches!(self.ahead(1), Kind::End | Kind::Mark("|" | ";" | ")" | "," | "}"));
        match *word {
            "print" if !is_alone => self.print(at),
            "range" if matches!(self.ahead(1), Kind::Name(_)) => self.range(at),
            "datatable" if self.is_mark(1, "(") => self.data_table(at),
            "union" if !is_alone => {
                self.at += 1;
                let union = self.union()?;
                let below = self.deepest;
                self.make(at, Node::Union(Box::new(union)), below)
            }
            other if !is_alone && BEGINNINGS.contains(&other) && !self.is_mark(1, "=") => {
                Err(not_supported("beginning of a query", other, std::iter::empty()))
            }
            _ => self.expression(),
        }
    }

    fn print(&mut self, at: usize) -> Result<Expr> {
        self.at += 1;
        let values = self.named_list()?;
        let below = self.deepest;
        self.make(at, Node::Print(values), below)
    }

    /// `range name from a to b step c`
    fn range(&mut self, at: usize) -> Result<Expr> {
        self.at += 1;
        let name = self.name()?;
        self.need_word("from")?;
        let from = Box::new(self.expression()?);
        self.need_word("to")?;
        let to = Box::new(self.expression()?);
        self.need_word("step")?;
        let step = Box::new(self.expression()?);
        let below = self.deepest;
        self.make(at, Node::Range { name, from, to, step }, below)
    }

    /// `datatable(name:type, …) [value, …]`
    fn data_table(&mut self, at: usize) -> Result<Expr> {
        self.at += 1;
        let columns = self.columns()?;
        self.need_mark("[")?;
        let mut values = Vec::new();
        while !self.mark("]") {
            values.push(self.expression()?);
            if !self.mark(",") && !self.is_mark(0, "]") {
                return Err(self.expected("a comma or a closing bracket"));
            }
        }
        let below = self.deepest;
        self.make(at, Node::DataTable(columns, values), below)
    }

    /// `[kind=…] [withsource=…] [isfuzzy=…] table, …`
    pub(super) fn union(&mut self) -> Result<Union> {
        let mut union = Union {
            inner: false,
            source_column: None,
            fuzzy: false,
            tables: Vec::new(),
        };
        while let Some(name) = self.option("union", &["kind", "withsource", "with_source", "isfuzzy"])? {
            match name {
                "kind" => union.inner = self.choice("a kind of union", &["inner", "outer"])? == "inner",
                "isfuzzy" => union.fuzzy = self.choice("a bool", &["true", "false"])? == "true",
                _ => union.source_column = Some(self.name()?),
            }
        }
        loop {
            union.tables.push(self.table_or_pattern()?);
            if !self.mark(",") {
                return Ok(union);
            }
        }
    }

    /// A table of a union: by name, with stars for several, or a pipe in parentheses.
    fn table_or_pattern(&mut self) -> Result<Expr> {
        let at = self.place();
        let has_star = self.is_mark(0, "*")
            || (matches!(self.kind(), Kind::Name(_)) && self.is_mark(1, "*") && self.is_adjacent(1));
        if !has_star {
            return self.expression();
        }
        let pattern = self.pattern()?;
        self.make(at, Node::Name(pattern.0), 0)
    }
}
