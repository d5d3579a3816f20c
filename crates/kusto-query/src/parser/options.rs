//! Options of operators: `kind=inner`, `hint.strategy=shuffle`.

use kusto_ingest_core::Result;

use super::Parser;
use crate::lexer::Kind;

impl Parser<'_> {
    /// The next option of an operator, with its equals sign: one of those that are known. Hints are skipped, as they change
    /// no result.
    ///
    /// # Errors
    /// A syntax error that lists the known ones.
    pub(super) fn option(&mut self, operator: &str, known: &[&'static str]) -> Result<Option<&'static str>> {
        loop {
            let before = self.at;
            let Some(name) = self.option_name() else {
                return Ok(None);
            };
            if let Some(found) = known.iter().find(|known| **known == name) {
                return Ok(Some(found));
            }
            if !name.starts_with("hint.") {
                self.at = before;
                let known: String = known.iter().map(|known| format!("{known}, ")).collect();
                return Err(self.expected(&format!("an option of {operator} ({known}hint.…)")));
            }
            self.option_value()?;
        }
    }

    /// Hints of an operator that has no other options.
    pub(super) fn hints(&mut self, operator: &str) -> Result<()> {
        self.option(operator, &[]).map(|_| ())
    }

    /// Hints of an operator behind which other names may have an equals sign.
    pub(super) fn hints_before_names(&mut self) -> Result<()> {
        while self.is_word(0, "hint") && self.is_mark(1, ".") && self.option_name().is_some() {
            self.option_value()?;
        }
        Ok(())
    }

    /// Takes one of several words.
    ///
    /// # Errors
    /// A syntax error that lists them.
    pub(super) fn choice(&mut self, what: &str, words: &[&'static str]) -> Result<&'static str> {
        let found = words.iter().find(|word| self.is_word(0, word));
        let found = found.ok_or_else(|| self.expected(&format!("{what}: {}", words.join(", "))))?;
        self.at += 1;
        Ok(found)
    }

    /// The name of an option, and the equals sign behind it.
    pub(super) fn option_name(&mut self) -> Option<String> {
        let Kind::Name(name) = self.kind() else {
            return None;
        };
        if self.is_mark(1, "=") {
            self.at += 2;
            return Some((*name).to_owned());
        }
        if let (true, true, Kind::Name(hint), true) = (
            *name == "hint",
            self.is_mark(1, "."),
            self.ahead(2),
            self.is_mark(3, "="),
        ) {
            self.at += 4;
            return Some(format!("hint.{hint}"));
        }
        None
    }

    /// The value of an option that changes nothing.
    pub(super) fn option_value(&mut self) -> Result<()> {
        match self.kind() {
            Kind::Name(_) | Kind::Literal(..) | Kind::Text(_) => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.expected("the value of an option")),
        }
    }
}
