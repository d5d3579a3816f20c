//! Reads a filter, as `(PartitionKey eq 'a' or Count gt 5L) and not Done`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kusto_ingest_core::{Result, Timestamp};
use uuid::Uuid;

use super::expression::{Comparison, Expression};
use super::literal::Literal;
use super::{invalid, quoted};
use crate::answer::refusal;

/// How many parentheses and negations may lie in one another.
const DEEPEST: usize = 50;

pub(super) fn parse(text: &str) -> Result<Expression> {
    let mut parser = Parser { rest: text, depth: 0 };
    let expression = parser.any()?;
    match parser.rest.trim_start().is_empty() {
        true => Ok(expression),
        false => Err(invalid("there is text behind the end of the filter")),
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Expression> {
        let mut any = vec![self.all()?];
        while self.word("or") {
            any.push(self.all()?);
        }
        Ok(match any.len() {
            1 => any.remove(0),
            _ => Expression::Or(any),
        })
    }

    fn all(&mut self) -> Result<Expression> {
        let mut all = vec![self.one()?];
        while self.word("and") {
            all.push(self.one()?);
        }
        Ok(match all.len() {
            1 => all.remove(0),
            _ => Expression::And(all),
        })
    }

    fn one(&mut self) -> Result<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(invalid("the filter is nested too deep"));
        }
        let expression = self.nested();
        self.depth -= 1;
        expression
    }

    fn nested(&mut self) -> Result<Expression> {
        if self.word("not") {
            return Ok(Expression::Not(Box::new(self.one()?)));
        }
        if self.mark('(') {
            let inner = self.any()?;
            return match self.mark(')') {
                true => Ok(inner),
                false => Err(invalid("a parenthesis of the filter is not closed")),
            };
        }
        let name = self.name();
        if name.is_empty() {
            return Err(invalid("the filter does not name a property"));
        }
        if self.mark('(') {
            return Err(refusal(
                501,
                "NotImplemented",
                "the table service knows no functions in filters",
            ));
        }
        let before = self.rest;
        match Comparison::named(self.name()) {
            Some(comparison) => Ok(Expression::Compare(name.to_owned(), comparison, self.literal()?)),
            None if matches!(name, "and" | "or" | "not") => {
                Err(invalid("the filter does not name a property"))
            }
            None => {
                self.rest = before;
                let next = before.trim_start();
                let is_alone =
                    next.is_empty() || [")", "and ", "or "].iter().any(|end| next.starts_with(end));
                match is_alone {
                    true => Ok(Expression::Flag(name.to_owned())),
                    false => Err(invalid("the filter does not compare by eq, ne, gt, ge, lt or le")),
                }
            }
        }
    }

    fn literal(&mut self) -> Result<Literal> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('\'') {
            return self.text().map(Literal::Text);
        }
        let length = self
            .rest
            .find(|letter: char| letter.is_whitespace() || "')".contains(letter))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        if rest.starts_with('\'') {
            let text = self.text()?;
            return typed(word, &text)
                .ok_or_else(|| invalid("a literal of the filter does not fit its type"));
        }
        plain(word).ok_or_else(|| invalid("a literal of the filter cannot be read"))
    }

    fn text(&mut self) -> Result<String> {
        let (text, rest) =
            quoted(self.rest).ok_or_else(|| invalid("a string of the filter is not closed"))?;
        self.rest = rest;
        Ok(text)
    }

    fn name(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let length = self
            .rest
            .find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest;
        name
    }

    fn word(&mut self, wanted: &str) -> bool {
        let before = self.rest;
        let found = self.name() == wanted;
        if !found {
            self.rest = before;
        }
        found
    }

    fn mark(&mut self, mark: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

/// A literal whose type stands in front of it.
fn typed(word: &str, text: &str) -> Option<Literal> {
    match word {
        "datetime" => Timestamp::parse(text).ok().map(Literal::Moment),
        "guid" => Uuid::parse_str(text).ok().map(Literal::Id),
        "X" => bytes(text).map(Literal::Bytes),
        "binary" => bytes(text)
            .or_else(|| BASE64_STANDARD.decode(text).ok())
            .map(Literal::Bytes),
        _ => None,
    }
}

/// A literal that tells its type by itself.
fn plain(word: &str) -> Option<Literal> {
    match word {
        "true" => return Some(Literal::Flag(true)),
        "false" => return Some(Literal::Flag(false)),
        _ => {}
    }
    if let Some(long) = word.strip_suffix(['L', 'l']) {
        return long.parse().ok().map(Literal::Whole);
    }
    if let Ok(whole) = word.parse() {
        return Some(Literal::Whole(whole));
    }
    let is_number = word.starts_with(|letter: char| letter.is_ascii_digit() || "-+.".contains(letter));
    word.parse().ok().filter(|_| is_number).map(Literal::Real)
}

/// Bytes of pairs of hexadecimal digits.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] * 16 + pair[1])
            .collect(),
    )
}
