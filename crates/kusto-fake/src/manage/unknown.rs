//! What is answered to a command that this Kusto does not know: its name, and what there is.

use kusto_ingest_core::{Error, ErrorKind};

use super::FAMILIES;
use super::grammar::CommandSpec;
use crate::lexer::Lexer;

/// The first words of Kusto's commands, as its reference has them.
const VERBS: &[&str] = &[
    "add",
    "alter",
    "alter-merge",
    "append",
    "attach",
    "cancel",
    "clear",
    "create",
    "create-merge",
    "create-or-alter",
    "delete",
    "detach",
    "disable",
    "drop",
    "dup-next-failed-ingest",
    "dup-next-ingest",
    "enable",
    "execute",
    "export",
    "get",
    "ingest",
    "ingest-from-storage-queued",
    "list",
    "make",
    "merge",
    "move",
    "purge",
    "rebuild",
    "refresh",
    "rename",
    "replace",
    "run",
    "save",
    "seal",
    "set",
    "set-or-append",
    "set-or-replace",
    "show",
    "undo",
    "update",
];

/// How many words name a command.
const WORDS: usize = 5;

/// The error for a text behind its dot that is no command that there is.
pub(super) fn unknown(mut lexer: Lexer<'_>) -> Error {
    let start = lexer;
    let verb = lexer.peek_word().to_ascii_lowercase();
    if !VERBS.contains(&verb.as_str()) {
        return start.expected("a command that Kusto has");
    }
    let mut name = format!(".{verb}");
    lexer.keyword(&verb);
    for _ in 1..WORDS {
        if !push_word(&mut name, &mut lexer) {
            break;
        }
    }
    not_supported(&name)
}

/// The error for words behind a command that make it another one; `None` where there are none, or the command has them.
pub(super) fn unknown_beyond(spec: &CommandSpec, mut lexer: Lexer<'_>) -> Option<Error> {
    let pieces = spec.syntax.split(' ');
    let words = pieces.take_while(|word| !word.starts_with(['[', '(', '\'', '{', '<', '…']));
    let mut name: String = words.collect::<Vec<_>>().join(" ");
    let has_words = spec.syntax.contains('{') || spec.syntax.contains(lexer.peek_word());
    let is_other = !has_words && push_word(&mut name, &mut lexer);
    is_other.then(|| not_supported(&name))
}

/// Adds a keyword. What is written otherwise may be a name, or a secret.
fn push_word(name: &mut String, lexer: &mut Lexer<'_>) -> bool {
    let word = lexer.peek_word();
    let is_keyword = word.len() > 1
        && word.len() < 24
        && word
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || "-_".contains(letter));
    if is_keyword {
        lexer.keyword(word);
        name.push(' ');
        name.push_str(word);
    }
    is_keyword
}

/// The verbs of the service's commands of which there is none here.
pub(crate) fn refused_verbs() -> Vec<&'static str> {
    let known = |verb: &str| {
        let mut specs = FAMILIES.iter().copied().flatten();
        specs.any(|spec| spec.verb().strip_prefix('.') == Some(verb))
    };
    VERBS.iter().copied().filter(|verb| !known(verb)).collect()
}

fn not_supported(name: &str) -> Error {
    let verb = name.split(' ').next().unwrap_or_default();
    let specs = || FAMILIES.iter().copied().flatten();
    let mut known: Vec<&str> = specs()
        .filter(|spec| spec.verb() == verb)
        .map(|spec| spec.syntax)
        .collect();
    if known.is_empty() {
        known = specs().map(CommandSpec::verb).collect();
    }
    known.sort_unstable();
    known.dedup();
    Error::new(ErrorKind::Unsupported, "run the command")
        .because(format!(
            "the emulator does not know the command '{name}'; known are {}",
            known.join(" · ")
        ))
        .with_code("NotSupportedByEmulator")
        .with_http_status(400)
        .with_permanence(true)
}

/// What the service calls a command in its reports: the nouns, then the verb.
pub(super) fn command_type(text: &str) -> String {
    let mut lexer = Lexer::new(text);
    lexer.mark('.');
    let verb = lexer.any_keyword();
    let noun = lexer.peek_word();
    let policy = text
        .split_once(" policy ")
        .map(|(_, rest)| Lexer::new(rest).any_keyword());
    let noun = match policy {
        Some(policy) => format!("{}Policy", camel(policy)),
        None => camel(noun),
    };
    let verb = match verb.to_ascii_lowercase().as_str() {
        "create-merge" if policy.is_none() => "Create".to_owned(),
        "alter-merge" => "Alter".to_owned(),
        other => camel(other),
    };
    format!("{noun}{verb}")
}

fn camel(words: &str) -> String {
    let words = words.split(['-', '_']);
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    words.map(word).collect()
}
