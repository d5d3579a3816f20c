//! `join` and `lookup`.

use kusto_ingest_core::Result;

use super::Parser;
use crate::lexer::Kind;
use crate::syntax::{Join, JoinKind};

const KINDS: &[(&str, JoinKind)] = &[
    ("inner", JoinKind::Inner),
    ("innerunique", JoinKind::InnerUnique),
    ("leftouter", JoinKind::LeftOuter),
    ("rightouter", JoinKind::RightOuter),
    ("fullouter", JoinKind::FullOuter),
    ("leftanti", JoinKind::LeftAnti),
    ("anti", JoinKind::LeftAnti),
    ("leftantisemi", JoinKind::LeftAnti),
    ("leftsemi", JoinKind::LeftSemi),
    ("rightanti", JoinKind::RightAnti),
    ("rightantisemi", JoinKind::RightAnti),
    ("rightsemi", JoinKind::RightSemi),
];

impl Parser<'_> {
    /// `[kind=…] table on key, …`
    pub(super) fn join(&mut self, default: &str) -> Result<Join> {
        let mut kind = find(default);
        while let Some(name) = self.option_name() {
            if name == "kind" {
                kind = match self.kind() {
                    Kind::Name(word) => find(word),
                    _ => None,
                };
                if kind.is_none() {
                    return Err(self.expected("a kind of join"));
                }
            }
            self.at += 1;
        }
        let right = self.expression()?;
        self.need_word("on")?;
        let mut on = vec![self.expression()?];
        while self.mark(",") {
            on.push(self.expression()?);
        }
        let kind = kind.unwrap_or(JoinKind::Inner);
        Ok(Join { kind, right, on })
    }
}

fn find(word: &str) -> Option<JoinKind> {
    KINDS
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, kind)| *kind)
}
