//! A text as lexemes, each with its place.

mod number;
mod quoted;
mod typed;

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;
use winnow::combinator::alt;
use winnow::token::{one_of, take_while};
use winnow::{Parser, Result as Parsed};

use crate::Value;
use crate::error::syntax;

/// The longest text of a query, in bytes.
const LONGEST: usize = 2 << 20;

/// Marks, longer ones before those they begin with.
const MARKS: &[&str] = &[
    "==", "=~", "!=", "!~", "<>", "<=", ">=", "<|", "=>", "..", "(", ")", "[", "]", "{", "}", ",", ";", "|",
    ".", ":", "=", "<", ">", "+", "-", "*", "/", "%", "!", "~", "@", "?",
];

/// What a text consists of.
#[derive(Clone, Debug)]
pub(crate) enum Kind<'a> {
    /// A name or a keyword.
    Name(&'a str),
    /// A string literal.
    Text(String),
    /// A literal of another type.
    Literal(Value, ScalarType),
    /// A mark.
    Mark(&'static str),
    /// Nothing: the text is over.
    End,
}

/// A lexeme, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Lexeme<'a> {
    pub(crate) kind: Kind<'a>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Takes a text apart. The last lexeme is the end.
///
/// # Errors
/// A syntax error that names the place, and quotes nothing.
pub(crate) fn lexemes(text: &str) -> Result<Vec<Lexeme<'_>>> {
    if text.len() > LONGEST {
        return Err(syntax(text, LONGEST, "a text of at most 2 MiB"));
    }
    let mut lexemes = Vec::new();
    let mut rest = text;
    loop {
        skip_blanks(&mut rest);
        let start = text.len() - rest.len();
        if rest.is_empty() {
            lexemes.push(Lexeme {
                kind: Kind::End,
                start,
                end: start,
            });
            return Ok(lexemes);
        }
        let kind = lexeme(&mut rest).map_err(|_| syntax(text, start, "a name, a literal or an operator"))?;
        let end = text.len() - rest.len();
        lexemes.push(Lexeme { kind, start, end });
    }
}

fn lexeme<'a>(input: &mut &'a str) -> Parsed<Kind<'a>> {
    alt((
        quoted::text.map(Kind::Text),
        typed::literal_of_type.map(|(value, scalar_type)| Kind::Literal(value, scalar_type)),
        number::number.map(|(value, scalar_type)| Kind::Literal(value, scalar_type)),
        name.map(Kind::Name),
        mark.map(Kind::Mark),
    ))
    .parse_next(input)
}

fn name<'a>(input: &mut &'a str) -> Parsed<&'a str> {
    let first = one_of(|letter: char| letter.is_alphabetic() || letter == '_' || letter == '$');
    let others = take_while(0.., |letter: char| letter.is_alphanumeric() || letter == '_');
    (first, others).take().parse_next(input)
}

fn mark(input: &mut &str) -> Parsed<&'static str> {
    let Some((mark, rest)) = MARKS
        .iter()
        .find_map(|mark| input.strip_prefix(mark).map(|rest| (*mark, rest)))
    else {
        return winnow::combinator::fail.parse_next(input);
    };
    *input = rest;
    Ok(mark)
}

/// Skips blanks and comments.
fn skip_blanks(rest: &mut &str) {
    loop {
        *rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\u{FEFF}');
        let Some(comment) = rest.strip_prefix("//") else {
            return;
        };
        *rest = comment.find('\n').map_or("", |end| &comment[end..]);
    }
}
