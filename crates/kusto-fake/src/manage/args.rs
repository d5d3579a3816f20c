//! What stands in a command beside its words: names, lists, options, columns.

use std::collections::VecDeque;

use kusto_ingest_core::{Error, MappingKind, Result};
use kusto_ingest_decode::Schema;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::session::TableRef;
use crate::lexer::Lexer;

/// What a command names, in the order in which it stands there, and what is left to read.
pub(crate) struct Args<'a> {
    pub(crate) lexer: Lexer<'a>,
    pub(super) paths: VecDeque<Vec<String>>,
    pub(super) lists: VecDeque<Vec<String>>,
    pub(super) ids: VecDeque<Uuid>,
    pub(super) flags: Vec<&'static str>,
    pub(super) choices: Vec<&'static str>,
}

impl<'a> Args<'a> {
    pub(super) fn new(lexer: Lexer<'a>) -> Self {
        Self {
            lexer,
            paths: VecDeque::new(),
            lists: VecDeque::new(),
            ids: VecDeque::new(),
            flags: Vec::new(),
            choices: Vec::new(),
        }
    }

    /// How many words were taken for names.
    pub(super) fn names(&self) -> usize {
        self.paths.len() + self.lists.len() + self.ids.len()
    }

    /// The next name.
    pub(crate) fn name(&mut self) -> Result<String> {
        let path = self.paths.pop_front();
        path.and_then(|mut path| path.pop())
            .ok_or_else(|| self.lexer.expected("a name"))
    }

    /// The next name as that of a table, which may stand behind its database.
    pub(crate) fn table(&mut self) -> Result<TableRef> {
        let path = self.paths.pop_front().unwrap_or_default();
        TableRef::of(path).ok_or_else(|| self.lexer.expected("the name of a table"))
    }

    /// The next name as that of a column behind its table.
    pub(crate) fn column(&mut self) -> Result<(TableRef, String)> {
        let mut path = self.paths.pop_front().unwrap_or_default();
        let column = path.pop();
        let table = TableRef::of(path);
        table
            .zip(column)
            .ok_or_else(|| self.lexer.expected("a table, a dot and a column"))
    }

    /// The next list of names.
    pub(crate) fn list(&mut self) -> Vec<String> {
        self.lists.pop_front().unwrap_or_default()
    }

    /// The identity of an operation.
    pub(crate) fn id(&mut self) -> Uuid {
        self.ids.pop_front().unwrap_or_default()
    }

    /// Whether a word that may be missing stands there.
    pub(crate) fn flag(&self, wanted: &str) -> bool {
        self.flags.contains(&wanted)
    }

    /// Which of several words stands there.
    pub(crate) fn chosen(&self, wanted: &str) -> bool {
        self.choices.contains(&wanted)
    }

    /// A kind of mapping, which is the next name.
    pub(crate) fn mapping_kind(&mut self) -> Result<MappingKind> {
        let kind = self.name()?;
        kind.parse()
            .map_err(|_: Error| self.lexer.expected("a kind of mapping"))
    }

    /// Columns in parentheses.
    pub(crate) fn columns(&mut self) -> Result<Schema> {
        let columns = self.lexer.parentheses();
        let columns = columns.ok_or_else(|| self.lexer.expected("columns in parentheses"))?;
        columns.parse().map_err(|error: Error| {
            let expected = "columns of a name and a type each";
            self.lexer.expected(expected).caused_by(error)
        })
    }

    /// A text, of one or several literals.
    pub(crate) fn text(&mut self, what: &str) -> Result<String> {
        self.lexer.string().ok_or_else(|| self.lexer.expected(what))
    }

    /// A mark that must stand there.
    pub(crate) fn mark(&mut self, mark: char, what: &str) -> Result<()> {
        match self.lexer.mark(mark) {
            true => Ok(()),
            false => Err(self.lexer.expected(what)),
        }
    }

    /// A query behind `<|`: all that is left.
    pub(crate) fn query(&mut self) -> Result<String> {
        let query = self.lexer.data();
        query
            .map(|query| query.trim().to_owned())
            .filter(|query| !query.is_empty())
            .ok_or_else(|| self.lexer.expected("<| and a query"))
    }

    /// The clause `with (…)`, where it stands.
    pub(crate) fn options(&mut self) -> Result<Options> {
        options(&mut self.lexer)
    }
}

/// What stands in `with (…)`: texts, truth values and numbers by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Options(pub(crate) Map<String, Json>);

impl Options {
    fn find(&self, name: &str) -> Option<&Json> {
        let mut options = self.0.iter();
        options
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.find(name).map(|value| match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        })
    }

    pub(crate) fn is_on(&self, name: &str) -> bool {
        let text = self.text(name);
        text.is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}

/// Reads the clause `with (…)`, or the text of a JSON object in its place; nothing where neither stands.
pub(crate) fn options(lexer: &mut Lexer<'_>) -> Result<Options> {
    if !lexer.keyword("with") {
        return Ok(Options::default());
    }
    if let Some(bag) = lexer.string() {
        let bag = serde_json::from_str(&bag);
        return bag
            .map(Options)
            .map_err(|_| lexer.expected("a JSON object of properties before this"));
    }
    if !lexer.mark('(') {
        return Err(lexer.expected("properties in parentheses"));
    }
    let mut options = Map::new();
    while !lexer.mark(')') {
        let name = lexer
            .name()
            .ok_or_else(|| lexer.expected("the name of a property"))?;
        if !lexer.mark('=') {
            return Err(lexer.expected("= and the value of the property"));
        }
        options.insert(name, value(lexer)?);
        if !lexer.mark(',') && !lexer.is_at(')') {
            return Err(lexer.expected("a comma or the closing parenthesis"));
        }
    }
    Ok(Options(options))
}

/// A text, a truth value, a number, an identity, or a literal that names its type.
fn value(lexer: &mut Lexer<'_>) -> Result<Json> {
    if let Some(text) = lexer.string() {
        return Ok(text.into());
    }
    let mut typed = *lexer;
    if !typed.any_keyword().is_empty()
        && let Some(inner) = typed.parentheses()
    {
        *lexer = typed;
        return Ok(inner.trim_matches(['(', ')', ' ', '\'', '"']).into());
    }
    let word = lexer.scalar();
    let known: Option<Json> = serde_json::from_str(&word.to_ascii_lowercase()).ok();
    let known = known.filter(|value| value.is_boolean() || value.is_number());
    let id = || Uuid::parse_str(word).ok().map(|id| id.to_string().into());
    known
        .or_else(id)
        .ok_or_else(|| lexer.expected("a string, a truth value or a number before this"))
}

/// An identity: bare, as a string, or as a literal of its type.
pub(super) fn guid(lexer: &mut Lexer<'_>) -> Option<Uuid> {
    let mut read = *lexer;
    let id = if let Some(text) = read.string() {
        Uuid::parse_str(&text).ok()
    } else if read.keyword("guid") {
        let inner = read.parentheses()?;
        Uuid::parse_str(inner.trim_matches(['(', ')', ' ', '\'', '"'])).ok()
    } else {
        Uuid::parse_str(read.any_keyword()).ok()
    };
    if id.is_some() {
        *lexer = read;
    }
    id
}
