//! Expressions, by how tightly their operators bind.

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use super::Parser;
use crate::Value;
use crate::lexer::Kind;
use crate::syntax::{Argument, Expr, ListKind, ListOperator, Named, Node};

/// Operators by how tightly they bind, loosest first. `and`, `or`, `between` and lists are beside them.
const MARKS: &[(&str, &str, u8)] = &[
    ("==", "==", 3),
    ("!=", "!=", 3),
    ("<>", "!=", 3),
    ("<", "<", 4),
    ("<=", "<=", 4),
    (">", ">", 4),
    (">=", ">=", 4),
    ("+", "+", 5),
    ("-", "-", 5),
    ("*", "*", 6),
    ("/", "/", 6),
    ("%", "%", 6),
    ("=~", "=~", 7),
    ("!~", "!~", 7),
];

/// Operators on texts; each may have an exclamation mark before it.
const WORDS: &[(&str, &str, &str)] = &[
    ("has", "has", "!has"),
    ("has_cs", "has_cs", "!has_cs"),
    ("contains", "contains", "!contains"),
    ("contains_cs", "contains_cs", "!contains_cs"),
    ("startswith", "startswith", "!startswith"),
    ("startswith_cs", "startswith_cs", "!startswith_cs"),
    ("endswith", "endswith", "!endswith"),
    ("endswith_cs", "endswith_cs", "!endswith_cs"),
    ("hasprefix", "hasprefix", "!hasprefix"),
    ("hasprefix_cs", "hasprefix_cs", "!hasprefix_cs"),
    ("hassuffix", "hassuffix", "!hassuffix"),
    ("hassuffix_cs", "hassuffix_cs", "!hassuffix_cs"),
];

/// How tightly operators on texts bind.
const TEXTS: u8 = 7;

/// What the next operator is.
enum Infix {
    Binary(&'static str, u8),
    List(ListOperator),
    Between(bool),
}

impl Parser<'_> {
    /// A scalar expression, or the name of a table.
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.deeper()?;
        let expression = self.either()?;
        self.depth -= 1;
        Ok(expression)
    }

    fn either(&mut self) -> Result<Expr> {
        let at = self.place();
        let first = self.both()?;
        if !self.is_word(0, "or") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.word("or") {
            parts.push(self.both()?);
        }
        let below = deepest(&parts);
        self.make(at, Node::Or(parts), below)
    }

    fn both(&mut self) -> Result<Expr> {
        let at = self.place();
        let first = self.operation(3)?;
        if !self.is_word(0, "and") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.word("and") {
            parts.push(self.operation(3)?);
        }
        let below = deepest(&parts);
        self.make(at, Node::And(parts), below)
    }

    /// Operators that bind at least as tightly.
    fn operation(&mut self, level: u8) -> Result<Expr> {
        let at = self.place();
        let mut left = self.unary()?;
        while let Some((infix, taken)) = self.infix(level) {
            self.at += taken;
            left = match infix {
                Infix::Binary(name, tightness) => {
                    let right = self.operation(tightness + 1)?;
                    let below = left.depth.max(right.depth);
                    self.make(at, Node::Binary(name, Box::new(left), Box::new(right)), below)?
                }
                Infix::List(operator) => {
                    let list = self.list()?;
                    let below = left.depth.max(deepest(&list));
                    self.make(at, Node::List(operator, Box::new(left), list), below)?
                }
                Infix::Between(negated) => self.between(at, left, negated)?,
            };
        }
        Ok(left)
    }

    /// The operator that comes next, if it binds tightly enough, and of how many lexemes it consists.
    fn infix(&self, level: u8) -> Option<(Infix, usize)> {
        let negated = self.is_mark(0, "!") && matches!(self.ahead(1), Kind::Name(_));
        let (word, taken) = match (self.kind(), self.ahead(1)) {
            (Kind::Mark("!"), Kind::Name(word)) => (*word, 2),
            (Kind::Name(word), _) => (*word, 1),
            (Kind::Mark(mark), _) => {
                let (_, name, tightness) = MARKS.iter().find(|(known, ..)| known == mark)?;
                return (*tightness >= level).then_some((Infix::Binary(name, *tightness), 1));
            }
            _ => return None,
        };
        let list = |kind| Infix::List(ListOperator { kind, negated });
        let (infix, taken) = match word {
            "in" if self.is_mark(taken, "~") => (list(ListKind::InFolded), taken + 1),
            "in" => (list(ListKind::In), taken),
            "has_any" => (list(ListKind::HasAny), taken),
            "has_all" => (list(ListKind::HasAll), taken),
            "between" => (Infix::Between(negated), taken),
            "matches" if !negated && self.is_word(1, "regex") => (Infix::Binary("matches regex", TEXTS), 2),
            other => {
                let (_, plain, not) = WORDS.iter().find(|(known, ..)| *known == other)?;
                (Infix::Binary(if negated { not } else { plain }, TEXTS), taken)
            }
        };
        let tightness = if matches!(infix, Infix::Binary(..)) {
            TEXTS
        } else {
            3
        };
        (tightness >= level).then_some((infix, taken))
    }

    fn list(&mut self) -> Result<Vec<Expr>> {
        self.need_mark("(")?;
        let mut list = Vec::new();
        while !self.mark(")") {
            if !list.is_empty() {
                self.need_mark(",")?;
            }
            list.push(self.pipe()?);
        }
        Ok(list)
    }

    fn between(&mut self, at: usize, value: Expr, negated: bool) -> Result<Expr> {
        self.need_mark("(")?;
        let low = self.expression()?;
        self.need_mark("..")?;
        let high = self.expression()?;
        self.need_mark(")")?;
        let below = value.depth.max(low.depth).max(high.depth);
        let (value, low, high) = (Box::new(value), Box::new(low), Box::new(high));
        self.make(
            at,
            Node::Between {
                value,
                low,
                high,
                negated,
            },
            below,
        )
    }

    fn unary(&mut self) -> Result<Expr> {
        let at = self.place();
        if self.mark("-") {
            self.deeper()?;
            let value = self.unary()?;
            self.depth -= 1;
            let below = value.depth;
            return self.make(at, Node::Negate(Box::new(value)), below);
        }
        if self.mark("+") {
            return self.postfix();
        }
        self.postfix()
    }

    /// What is looked up in a value: `.name`, `["name"]`, `[0]`.
    fn postfix(&mut self) -> Result<Expr> {
        let at = self.place();
        let mut value = self.primary()?;
        loop {
            let below = value.depth;
            let node = if self.is_mark(0, ".") {
                self.at += 1;
                let name = self.name()?;
                if self.is_mark(0, "(") {
                    let arguments = self.arguments()?;
                    let below = below.max(arguments.iter().map(|it| it.value.depth).max().unwrap_or(0));
                    // A function of another database is one of this Kusto's.
                    value = self.make(at, Node::Call(name, arguments), below)?;
                    continue;
                }
                Node::Member(Box::new(value), name)
            } else if self.mark("[") {
                let index = self.expression()?;
                self.need_mark("]")?;
                let below = below.max(index.depth);
                value = self.make(at, Node::Index(Box::new(value), Box::new(index)), below)?;
                continue;
            } else {
                return Ok(value);
            };
            value = self.make(at, node, below)?;
        }
    }

    fn primary(&mut self) -> Result<Expr> {
        let at = self.place();
        if let Some(text) = self.text_literal() {
            return self.make(at, Node::Literal(Value::text(&text), ScalarType::String), 0);
        }
        match self.kind() {
            Kind::Literal(value, scalar_type) => {
                self.at += 1;
                self.make(at, Node::Literal(value.clone(), *scalar_type), 0)
            }
            Kind::Mark("(") => {
                self.at += 1;
                let inner = self.pipe()?;
                self.need_mark(")")?;
                Ok(inner)
            }
            Kind::Mark("*") => {
                self.at += 1;
                self.make(at, Node::Star, 0)
            }
            Kind::Mark("[") => {
                let name = self.name()?;
                self.make(at, Node::Name(name), 0)
            }
            Kind::Name(word) => self.word_expression(at, word),
            _ => Err(self.expected("an expression")),
        }
    }

    fn word_expression(&mut self, at: usize, word: &str) -> Result<Expr> {
        self.at += 1;
        let literal = |value: bool| Node::Literal(Value::Bool(value), ScalarType::Bool);
        if !self.is_mark(0, "(") {
            return match word {
                "true" | "TRUE" | "True" => self.make(at, literal(true), 0),
                "false" | "FALSE" | "False" => self.make(at, literal(false), 0),
                _ => self.make(at, Node::Name(word.to_owned()), 0),
            };
        }
        match word {
            "dynamic" => self.dynamic(at),
            "typeof" => {
                self.at += 1;
                let scalar_type = self.scalar_type()?;
                self.need_mark(")")?;
                self.make(at, Node::Type(scalar_type), 0)
            }
            _ => {
                let arguments = self.arguments()?;
                let below = arguments.iter().map(|argument| argument.value.depth).max();
                self.make(at, Node::Call(word.to_owned(), arguments), below.unwrap_or(0))
            }
        }
    }

    /// `([name=] value, …)`
    fn arguments(&mut self) -> Result<Vec<Argument>> {
        self.need_mark("(")?;
        let mut arguments = Vec::new();
        while !self.mark(")") {
            if !arguments.is_empty() {
                self.need_mark(",")?;
            }
            let name = match (self.kind(), self.ahead(1)) {
                (Kind::Name(name), Kind::Mark("=")) => {
                    self.at += 2;
                    Some((*name).to_owned())
                }
                _ => None,
            };
            let value = self.pipe()?;
            arguments.push(Argument { name, value });
        }
        Ok(arguments)
    }

    /// `[name =] value, …`, or `(name, name) = value`.
    pub(super) fn named_list(&mut self) -> Result<Vec<Named>> {
        let mut list = Vec::new();
        loop {
            list.push(self.named()?);
            if !self.mark(",") {
                return Ok(list);
            }
        }
    }

    pub(super) fn named(&mut self) -> Result<Named> {
        let names = self.names_before_equals()?;
        let value = self.expression()?;
        Ok(Named { names, value })
    }

    fn names_before_equals(&mut self) -> Result<Vec<String>> {
        let start = self.at;
        if let Some(name) = self.optional_name()
            && self.mark("=")
        {
            return Ok(vec![name]);
        }
        self.at = start;
        if self.mark("(") {
            let mut names = Vec::new();
            while let Some(name) = self.optional_name() {
                names.push(name);
                if !self.mark(",") {
                    break;
                }
            }
            if self.mark(")") && self.mark("=") {
                return Ok(names);
            }
        }
        self.at = start;
        Ok(Vec::new())
    }
}

fn deepest(parts: &[Expr]) -> u32 {
    parts.iter().map(|part| part.depth).max().unwrap_or(0)
}
