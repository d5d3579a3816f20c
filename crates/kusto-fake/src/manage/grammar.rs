//! Which command a text is: the syntax that a command is listed with is what it is matched by.

use kusto_ingest_core::Result;

use super::args::{self, Args};
use super::session::Action;
use crate::RequestKind;
use crate::lexer::Lexer;

/// A command that there is.
pub(crate) struct CommandSpec {
    /// Its syntax: words in small letters stand as they are, `a|b` is one of several; words in capitals are names,
    /// `(NAMES)` several of them, `ID` the identity of an operation; `[word]` may be missing. What begins otherwise, and all
    /// behind it, is told here and read by `read`.
    pub(crate) syntax: &'static str,
    pub(crate) kind: RequestKind,
    pub(crate) read: fn(&mut Args<'_>) -> Result<Action>,
}

impl CommandSpec {
    pub(crate) const fn new(
        syntax: &'static str,
        kind: RequestKind,
        read: fn(&mut Args<'_>) -> Result<Action>,
    ) -> Self {
        Self { syntax, kind, read }
    }

    /// The first word, with its dot.
    pub(super) fn verb(&self) -> &'static str {
        self.syntax.split(' ').next().unwrap_or_default()
    }

    /// The words by which it is told from others.
    #[cfg(test)]
    pub(super) fn words(&self) -> String {
        let words = self.syntax.split(' ').enumerate();
        let told = words.take_while(|(place, word)| *place == 0 || !matches!(Piece::of(word), Piece::Read));
        told.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
    }

    /// Matches the beginning of a text, which stands behind the dot.
    pub(super) fn matched<'a>(&self, lexer: Lexer<'a>) -> Option<Args<'a>> {
        let mut args = Args::new(lexer);
        for (place, word) in self.syntax.split(' ').enumerate() {
            let word = if place == 0 { word.strip_prefix('.')? } else { word };
            match Piece::of(word) {
                Piece::Read => break,
                piece => piece.take(&mut args)?,
            }
        }
        Some(args)
    }
}

/// A piece of a syntax.
enum Piece {
    /// One of these keywords.
    Keyword(&'static str),
    /// A keyword that may be missing.
    Flag(&'static str),
    Name,
    Names,
    Id,
    /// The command reads from here on.
    Read,
}

impl Piece {
    fn of(word: &'static str) -> Self {
        let is_keyword = |word: &str| {
            word.chars()
                .all(|letter| letter.is_ascii_lowercase() || "-_|".contains(letter))
        };
        match word {
            "(NAMES)" => Self::Names,
            "ID" => Self::Id,
            word if word.chars().all(|letter| letter.is_ascii_uppercase()) => Self::Name,
            word if is_keyword(word) => Self::Keyword(word),
            word => match word.strip_prefix('[').and_then(|word| word.strip_suffix(']')) {
                Some(flag) if is_keyword(flag) => Self::Flag(flag),
                _ => Self::Read,
            },
        }
    }

    fn take(&self, args: &mut Args<'_>) -> Option<()> {
        match self {
            Self::Keyword(words) => {
                let word = words.split('|').find(|word| args.lexer.keyword(word))?;
                if words.contains('|') {
                    args.choices.push(word);
                }
            }
            Self::Flag(words) => {
                let word = words.split('|').find(|word| args.lexer.keyword(word));
                args.flags.extend(word);
            }
            Self::Name => args.paths.push_back(args.lexer.path()?),
            Self::Names => args.lists.push_back(args.lexer.names()?),
            Self::Id => args.ids.push_back(args::guid(&mut args.lexer)?),
            Self::Read => {}
        }
        Some(())
    }
}
