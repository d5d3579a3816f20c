//! `join` and `lookup`.

use kusto_ingest_core::Result;

use super::Parser;
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
    pub(super) fn join(&mut self) -> Result<Join> {
        let kinds: Vec<&'static str> = KINDS.iter().map(|(word, _)| *word).collect();
        self.join_of("join", &kinds, JoinKind::InnerUnique)
    }

    /// `[kind=…] table on key, …`
    pub(super) fn lookup(&mut self) -> Result<Join> {
        self.join_of("lookup", &["leftouter", "inner"], JoinKind::LeftOuter)
    }

    fn join_of(&mut self, operator: &str, kinds: &[&'static str], default: JoinKind) -> Result<Join> {
        let mut kind = default;
        while self.option(operator, &["kind"])?.is_some() {
            let word = self.choice(&format!("a kind of {operator}"), kinds)?;
            kind = find(word).unwrap_or(default);
        }
        let right = self.expression()?;
        self.need_word("on")?;
        let mut on = vec![self.expression()?];
        while self.mark(",") {
            on.push(self.expression()?);
        }
        Ok(Join { kind, right, on })
    }
}

fn find(word: &str) -> Option<JoinKind> {
    KINDS
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, kind)| *kind)
}
