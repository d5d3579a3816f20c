//! From a text to its syntax, by recursive descent over lexemes.

mod dynamic;
mod expression;
mod joins;
mod operators;
mod options;
mod sources;
mod statements;
mod words;

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use crate::error::{semantic, syntax};
use crate::lexer::{Kind, Lexeme, lexemes};
use crate::syntax::{Expr, Node, Operator, Statement};

/// How deep expressions may lie in one another, and how long they may be where nothing groups them.
pub(crate) const DEEPEST: u32 = 120;

/// The most statements of a text, and the most operators of a pipe.
pub(crate) const MOST_STATEMENTS: usize = 500;
const MOST_OPERATORS: usize = 250;

/// Reads a query.
///
/// # Errors
/// A syntax error, which names the place; `NotSupportedByEmulator` for what Kusto knows and this crate does not.
pub(crate) fn parse(text: &str) -> Result<Vec<Statement>> {
    let lexemes = lexemes(text)?;
    let mut parser = Parser::new(text, &lexemes);
    let statements = parser.statements()?;
    parser.end()?;
    match statements.is_empty() {
        true => Err(parser.expected("a query")),
        false => Ok(statements),
    }
}

/// Reads the operators that stand behind a command: each begins with its bar.
pub(crate) fn parse_operators(text: &str) -> Result<Vec<Operator>> {
    let lexemes = lexemes(text)?;
    let mut parser = Parser::new(text, &lexemes);
    let operators = parser.operators()?;
    parser.end()?;
    Ok(operators)
}

/// Reads a literal, as the values of parameters are written.
pub(crate) fn parse_literal(text: &str) -> Result<Expr> {
    let lexemes = lexemes(text)?;
    let mut parser = Parser::new(text, &lexemes);
    let literal = parser.expression()?;
    parser.end()?;
    Ok(literal)
}

/// What is left of the lexemes.
struct Parser<'a> {
    text: &'a str,
    lexemes: &'a [Lexeme<'a>],
    at: usize,
    /// How many expressions are being read at once.
    depth: u32,
    /// The depth of the deepest expression that was read.
    deepest: u32,
    statements: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, lexemes: &'a [Lexeme<'a>]) -> Self {
        Self {
            text,
            lexemes,
            at: 0,
            depth: 0,
            deepest: 0,
            statements: 0,
        }
    }

    fn kind(&self) -> &'a Kind<'a> {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> &'a Kind<'a> {
        self.lexemes
            .get(self.at + by)
            .map_or(&Kind::End, |lexeme| &lexeme.kind)
    }

    /// Where the next lexeme stands in the text.
    fn place(&self) -> usize {
        self.lexemes
            .get(self.at)
            .map_or(self.text.len(), |lexeme| lexeme.start)
    }

    /// Whether a lexeme stands right behind the one before it.
    fn is_adjacent(&self, by: usize) -> bool {
        let at = self.at + by;
        let (Some(before), Some(lexeme)) = (
            at.checked_sub(1).and_then(|at| self.lexemes.get(at)),
            self.lexemes.get(at),
        ) else {
            return false;
        };
        before.end == lexeme.start
    }

    fn is_mark(&self, by: usize, wanted: &str) -> bool {
        matches!(self.ahead(by), Kind::Mark(mark) if *mark == wanted)
    }

    fn is_word(&self, by: usize, wanted: &str) -> bool {
        matches!(self.ahead(by), Kind::Name(name) if *name == wanted)
    }

    /// Takes a mark.
    fn mark(&mut self, wanted: &str) -> bool {
        let found = self.is_mark(0, wanted);
        self.at += usize::from(found);
        found
    }

    /// Takes a keyword.
    fn word(&mut self, wanted: &str) -> bool {
        let found = self.is_word(0, wanted);
        self.at += usize::from(found);
        found
    }

    fn need_mark(&mut self, wanted: &str) -> Result<()> {
        match self.mark(wanted) {
            true => Ok(()),
            false => Err(self.expected(wanted)),
        }
    }

    fn need_word(&mut self, wanted: &str) -> Result<()> {
        match self.word(wanted) {
            true => Ok(()),
            false => Err(self.expected(wanted)),
        }
    }

    fn end(&self) -> Result<()> {
        match self.kind() {
            Kind::End => Ok(()),
            _ => Err(self.expected("the end of the query")),
        }
    }

    fn expected(&self, what: &str) -> kusto_ingest_core::Error {
        syntax(self.text, self.place(), what)
    }

    fn name(&mut self) -> Result<String> {
        self.optional_name().ok_or_else(|| self.expected("a name"))
    }

    /// Takes a name: bare, or a literal in brackets.
    fn optional_name(&mut self) -> Option<String> {
        if let Kind::Name(name) = self.kind() {
            self.at += 1;
            return Some((*name).to_owned());
        }
        if let (Kind::Mark("["), Kind::Text(name), Kind::Mark("]")) =
            (self.kind(), self.ahead(1), self.ahead(2))
        {
            self.at += 3;
            return Some(name.clone());
        }
        None
    }

    /// Takes string literals; several in a row are one.
    fn text_literal(&mut self) -> Option<String> {
        let mut text: Option<String> = None;
        while let Kind::Text(piece) = self.kind() {
            text.get_or_insert_default().push_str(piece);
            self.at += 1;
        }
        text
    }

    /// Takes the name of a type.
    fn scalar_type(&mut self) -> Result<ScalarType> {
        let found = match self.kind() {
            Kind::Name(name) => ScalarType::of_name(name),
            _ => None,
        };
        let scalar_type = found.ok_or_else(|| self.expected("the name of a type"))?;
        self.at += 1;
        Ok(scalar_type)
    }

    /// An expression that lies above others of so much depth.
    fn make(&mut self, at: usize, node: Node, below: u32) -> Result<Expr> {
        let depth = below + 1;
        if depth > DEEPEST {
            return Err(too_deep());
        }
        self.deepest = self.deepest.max(depth);
        Ok(Expr { node, depth, at })
    }
}

/// The error for what is nested deeper than [`DEEPEST`].
pub(crate) fn too_deep() -> kusto_ingest_core::Error {
    semantic(format!(
        "the query's expressions are nested deeper than {DEEPEST} levels"
    ))
}
