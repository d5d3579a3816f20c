//! The operators behind bars.

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use super::words::{KNOWN, OTHERS};
use super::{MOST_OPERATORS, Parser};
use crate::error::{not_supported, semantic};
use crate::lexer::Kind;
use crate::plan::{MOST_COLUMNS, too_wide};
use crate::syntax::{Expanded, NamePattern, Operator, ParsePart, ParsePattern, SortKey, Visual};

impl Parser<'_> {
    /// Operators, each behind its bar.
    pub(super) fn operators(&mut self) -> Result<Vec<Operator>> {
        let mut operators = Vec::new();
        while self.mark("|") {
            if operators.len() == MOST_OPERATORS {
                return Err(semantic(format!(
                    "a pipe has more than {MOST_OPERATORS} operators"
                )));
            }
            operators.push(self.operator()?);
        }
        Ok(operators)
    }

    /// The word of an operator: names with hyphens between them.
    fn operator_word(&mut self) -> Result<String> {
        let Kind::Name(first) = self.kind() else {
            return Err(self.expected("an operator"));
        };
        let mut word = (*first).to_owned();
        self.at += 1;
        while let (Kind::Mark("-"), Kind::Name(next)) = (self.kind(), self.ahead(1))
            && self.is_adjacent(0)
            && self.is_adjacent(1)
        {
            word = format!("{word}-{next}");
            self.at += 2;
        }
        Ok(word)
    }

    fn operator(&mut self) -> Result<Operator> {
        let before = self.at;
        let word = self.operator_word()?;
        Ok(match word.as_str() {
            "where" | "filter" => Operator::Where(self.expression()?),
            "project" => Operator::Project(self.optional_list()?),
            "project-away" => Operator::ProjectAway(self.patterns()?),
            "project-keep" => Operator::ProjectKeep(self.patterns()?),
            "project-rename" => Operator::ProjectRename(self.renames()?),
            "project-reorder" => self.reorder()?,
            "extend" => Operator::Extend(self.named_list()?),
            "serialize" => Operator::Serialize(self.optional_list()?),
            "summarize" => self.summarize()?,
            "distinct" => {
                self.hints_before_names()?;
                Operator::Distinct(self.named_list()?)
            }
            "sort" | "order" => {
                self.hints("sort")?;
                self.need_word("by")?;
                Operator::Sort(self.sort_keys()?)
            }
            "top" => {
                let count = self.expression()?;
                self.need_word("by")?;
                Operator::Top(count, vec![self.sort_key()?])
            }
            "take" | "limit" => Operator::Take(self.expression()?),
            "sample" => Operator::Sample(self.expression()?),
            "sample-distinct" => {
                let count = self.expression()?;
                self.need_word("of")?;
                Operator::SampleDistinct(count, self.named()?)
            }
            "count" => Operator::Count,
            "union" => Operator::Union(self.union()?),
            "join" => Operator::Join(self.join()?),
            "lookup" => Operator::Lookup(self.lookup()?),
            "mv-expand" | "mvexpand" => self.expand()?,
            "parse" => self.parse_text(false)?,
            "parse-where" => self.parse_text(true)?,
            "getschema" => Operator::GetSchema,
            "render" => self.render()?,
            "as" => {
                self.hints("as")?;
                Operator::As(self.name()?)
            }
            "consume" => self.consume()?,
            other => {
                let known = OTHERS.iter().find(|known| **known == other);
                self.at = before;
                let Some(known) = known else {
                    return Err(self.expected("an operator"));
                };
                return Err(not_supported("operator", known, KNOWN.iter().copied()));
            }
        })
    }

    fn consume(&mut self) -> Result<Operator> {
        while self.option("consume", &["decodeblocks"])?.is_some() {
            self.option_value()?;
        }
        Ok(Operator::Consume)
    }

    /// A list that may be empty.
    fn optional_list(&mut self) -> Result<Vec<crate::syntax::Named>> {
        match self.kind() {
            Kind::End | Kind::Mark("|" | ";" | ")" | "}") => Ok(Vec::new()),
            _ => self.named_list(),
        }
    }

    /// A name with stars in it.
    pub(super) fn pattern(&mut self) -> Result<NamePattern> {
        let mut pattern = String::new();
        loop {
            let is_next = pattern.is_empty() || self.is_adjacent(0);
            if is_next && self.mark("*") {
                pattern.push('*');
            } else if is_next && matches!(self.kind(), Kind::Name(_) | Kind::Mark("[")) {
                pattern.push_str(&self.name()?);
            } else if pattern.is_empty() {
                return Err(self.expected("the name of a column"));
            } else {
                return Ok(NamePattern(pattern));
            }
        }
    }

    fn patterns(&mut self) -> Result<Vec<NamePattern>> {
        let mut patterns = vec![self.pattern()?];
        while self.mark(",") {
            patterns.push(self.pattern()?);
        }
        Ok(patterns)
    }

    fn renames(&mut self) -> Result<Vec<(String, String)>> {
        let mut renames = Vec::new();
        loop {
            let new = self.name()?;
            self.need_mark("=")?;
            renames.push((new, self.name()?));
            if !self.mark(",") {
                return Ok(renames);
            }
        }
    }

    fn reorder(&mut self) -> Result<Operator> {
        let mut order = Vec::new();
        loop {
            let pattern = self.pattern()?;
            let ascending = match self.kind() {
                Kind::Name("asc" | "granny-asc") => Some(true),
                Kind::Name("desc" | "granny-desc") => Some(false),
                _ => None,
            };
            self.at += usize::from(ascending.is_some());
            order.push((pattern, ascending));
            if !self.mark(",") {
                return Ok(Operator::ProjectReorder(order));
            }
        }
    }

    fn summarize(&mut self) -> Result<Operator> {
        self.hints_before_names()?;
        let has_aggregates = !self.is_word(0, "by") || self.is_mark(1, "=");
        let aggregates = if has_aggregates {
            self.optional_list()?
        } else {
            Vec::new()
        };
        let by = if self.word("by") {
            self.named_list()?
        } else {
            Vec::new()
        };
        if aggregates.is_empty() && by.is_empty() {
            return Err(self.expected("an aggregate or a key"));
        }
        Ok(Operator::Summarize { aggregates, by })
    }

    fn sort_keys(&mut self) -> Result<Vec<SortKey>> {
        let mut keys = vec![self.sort_key()?];
        while self.mark(",") {
            keys.push(self.sort_key()?);
        }
        Ok(keys)
    }

    fn sort_key(&mut self) -> Result<SortKey> {
        let value = self.expression()?;
        let ascending = self.word("asc");
        if !ascending {
            self.word("desc");
        }
        let nulls_first = match self.word("nulls") {
            true if self.word("first") => true,
            true if self.word("last") => false,
            true => return Err(self.expected("first or last")),
            false => ascending,
        };
        Ok(SortKey {
            value,
            ascending,
            nulls_first,
        })
    }

    fn expand(&mut self) -> Result<Operator> {
        let (mut index, mut pairs) = (None, false);
        loop {
            let start = self.at;
            match self.option_name().as_deref() {
                Some("with_itemindex") => index = Some(self.name()?),
                Some("bagexpansion" | "kind") => {
                    pairs = self.choice("how bags are expanded", &["bag", "array"])? == "array";
                }
                Some(hint) if hint.starts_with("hint.") => self.option_value()?,
                // Another name before an equals sign is that of a column.
                _ => {
                    self.at = start;
                    break;
                }
            }
        }
        let mut columns = Vec::new();
        loop {
            let value = self.named()?;
            let to = self.expand_type()?;
            columns.push(Expanded { value, to });
            if !self.mark(",") {
                break;
            }
        }
        let limit = if self.word("limit") {
            Some(self.expression()?)
        } else {
            None
        };
        Ok(Operator::Expand {
            columns,
            index,
            pairs,
            limit,
        })
    }

    /// `to typeof(type)`
    fn expand_type(&mut self) -> Result<Option<ScalarType>> {
        if !self.word("to") {
            return Ok(None);
        }
        self.need_word("typeof")?;
        self.need_mark("(")?;
        let scalar_type = self.scalar_type()?;
        self.need_mark(")")?;
        Ok(Some(scalar_type))
    }

    fn parse_text(&mut self, filters: bool) -> Result<Operator> {
        let kinds = ["simple", "relaxed"];
        let mut is_relaxed = false;
        while self.option("parse", &["kind"])?.is_some() {
            if self.is_word(0, "regex") {
                return Err(not_supported("kind of parse", "regex", kinds.into_iter()));
            }
            is_relaxed = self.choice("a kind of parse", &kinds)? == "relaxed";
        }
        let value = self.expression()?;
        self.need_word("with")?;
        let mut parts = Vec::new();
        loop {
            if parts.len() > 2 * MOST_COLUMNS {
                return Err(too_wide());
            }
            if let Some(text) = self.text_literal() {
                parts.push(ParsePart::Text(text));
            } else if self.mark("*") {
                parts.push(ParsePart::Star);
            } else if matches!(self.kind(), Kind::Name(_) | Kind::Mark("[")) {
                let name = self.name()?;
                let scalar_type = if self.mark(":") {
                    self.scalar_type()?
                } else {
                    ScalarType::String
                };
                parts.push(ParsePart::Column(name, scalar_type));
            } else {
                let pattern = ParsePattern { parts, is_relaxed };
                return Ok(Operator::Parse {
                    value,
                    pattern,
                    filters,
                });
            }
        }
    }

    /// `render kind [with (name=value, …)]`
    fn render(&mut self) -> Result<Operator> {
        let kind = self.name()?;
        let mut properties: Vec<(String, Vec<String>)> = Vec::new();
        let in_parentheses = self.word("with");
        if in_parentheses {
            self.need_mark("(")?;
        }
        while let Some(name) = self.option_name() {
            let mut values = vec![self.render_value()?];
            while self.is_mark(0, ",") && !self.is_mark(2, "=") {
                self.at += 1;
                values.push(self.render_value()?);
            }
            properties.push((name, values));
            self.mark(",");
        }
        if in_parentheses {
            self.need_mark(")")?;
        }
        Ok(Operator::Render(Visual { kind, properties }))
    }

    fn render_value(&mut self) -> Result<String> {
        if let Some(text) = self.text_literal() {
            return Ok(text);
        }
        if let Kind::Literal(value, _) = self.kind() {
            self.at += 1;
            return Ok(value.to_string());
        }
        self.name()
    }
}
