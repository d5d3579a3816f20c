//! The management commands: which there are, and how a text becomes one.

mod args;
mod cluster;
mod columns;
mod databases;
mod details;
mod export;
mod extents;
mod from_query;
mod from_storage;
mod functions;
mod grammar;
mod ingestion;
mod mappings;
mod move_extents;
mod operations;
mod owner;
mod policies;
mod policy_text;
mod principals;
mod queued_operations;
mod schema;
mod script;
mod session;
mod table_changes;
mod tables;
mod tag_filter;
mod unknown;

pub(crate) use args::options;
pub(crate) use session::Session;
pub(crate) use unknown::refused_verbs;

use std::cmp::Reverse;

use kusto_ingest_core::Result;

use crate::RequestKind;
use crate::lexer::Lexer;
use grammar::CommandSpec;
use session::Action;

/// All commands, in families of one noun each.
const FAMILIES: &[&[CommandSpec]] = &[
    cluster::COMMANDS,
    databases::COMMANDS,
    schema::COMMANDS,
    tables::COMMANDS,
    details::COMMANDS,
    table_changes::COMMANDS,
    columns::COMMANDS,
    mappings::COMMANDS,
    policies::COMMANDS,
    functions::COMMANDS,
    extents::COMMANDS,
    move_extents::COMMANDS,
    operations::COMMANDS,
    queued_operations::COMMANDS,
    principals::COMMANDS,
    ingestion::COMMANDS,
    from_query::COMMANDS,
    from_storage::COMMANDS,
    export::COMMANDS,
    script::COMMANDS,
];

/// The syntax of every command, by name.
pub(crate) fn syntaxes() -> Vec<&'static str> {
    let specs = FAMILIES.iter().copied().flatten();
    let mut syntaxes: Vec<&str> = specs.map(|spec| spec.syntax).collect();
    syntaxes.sort_unstable();
    syntaxes
}

/// A command that is read.
pub(crate) struct Command {
    pub(crate) kind: RequestKind,
    pub(crate) action: Action,
    /// Operators that its answer goes through, each behind its bar.
    pub(crate) operators: Option<String>,
    /// The statements behind it.
    pub(crate) rest: Option<String>,
    /// As it was written.
    pub(crate) text: String,
}

impl Command {
    /// Reads a command, and finds what stands behind it.
    ///
    /// # Errors
    /// `BadRequest_SyntaxError`, without the text: it may hold secrets; `NotSupportedByEmulator` for a command that this
    /// Kusto does not know.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut lexer = Lexer::new(text);
        if !lexer.mark('.') {
            return Err(lexer.expected("a command, which begins with a dot"));
        }
        let specs = FAMILIES.iter().copied().flatten();
        let matched = specs.filter_map(|spec| Some((spec, spec.matched(lexer)?)));
        let Some((spec, mut args)) =
            matched.max_by_key(|(_, args)| (args.lexer.place(), Reverse(args.names())))
        else {
            return Err(unknown::unknown(lexer));
        };
        let words = args.lexer;
        let action = (spec.read)(&mut args).map_err(|error| match args.lexer.place() == words.place() {
            true => unknown::unknown_beyond(spec, words).unwrap_or(error),
            false => error,
        })?;
        let mut lexer = args.lexer;
        options(&mut lexer)?;
        // Kusto may know a longer command of the same beginning.
        if lexer.place() == words.place()
            && let Some(error) = unknown::unknown_beyond(spec, lexer)
        {
            return Err(error);
        }
        let operators = lexer.is_at('|').then(|| lexer.statement().trim().to_owned());
        if operators.is_none() {
            lexer.end_of_statement()?;
        }
        let rest = lexer.rest().trim_matches([';', ' ', '\n', '\r', '\t']);
        Ok(Self {
            kind: spec.kind,
            action,
            operators,
            rest: (!rest.is_empty()).then(|| rest.to_owned()),
            text: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_commands_have_the_same_words() {
        let mut known = BTreeSet::new();
        for spec in FAMILIES.iter().copied().flatten() {
            assert!(known.insert(spec.words()), "{}", spec.syntax);
        }
        assert!(known.len() > 100, "{}", known.len());
    }
}
